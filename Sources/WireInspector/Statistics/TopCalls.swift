/// A call that is among the slowest or the largest.
struct TopCall {
  /// Whose connection it is.
  struct Connection {
    var client: String
    var server: String
    /// nil if the upgrade was not captured.
    var identity: String?
  }

  /// What it is compared by: nanoseconds, or bytes.
  var measure: Int64
  /// The how manieth call it was; of equals the earlier one is kept and comes first.
  var order: Int
  var record: CallRecord
  var place: RecordPlace
  var connection: Connection?

  /// Whether it ranks behind another.
  func ranksBehind(_ other: TopCall) -> Bool {
    measure != other.measure ? measure < other.measure : order > other.order
  }
}

/// The calls with the greatest measure, so many at most: a heap whose root ranks last.
struct TopCalls {
  private var heap: [TopCall] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Whether a call that comes now is kept. Of equal ones the earlier rank first.
  func admits(_ measure: Int64) -> Bool {
    heap.count < limit || heap.first.map { measure > $0.measure } ?? false
  }

  /// Takes a call, in the place of the last one where there are enough.
  mutating func add(_ call: TopCall) {
    if heap.count < limit {
      heap.append(call)
      rise()
    } else if let last = heap.first, last.ranksBehind(call) {
      heap[0] = call
      sink()
    }
  }

  /// Those that were kept, the greatest first.
  var ranked: [TopCall] { heap.sorted { $1.ranksBehind($0) } }

  private mutating func rise() {
    var index = heap.count - 1
    while index > 0, heap[index].ranksBehind(heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      var last = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].ranksBehind(heap[last]) {
        last = child
      }
      guard last != index else { return }
      heap.swapAt(index, last)
      index = last
    }
  }
}
