/// What came on a connection, in order. Indices count everything that ever came, also what was forgotten.
struct Inbox: Sendable {
  private var items: [InboxItem] = []

  /// The index of the first item that is still there.
  private(set) var startIndex = 0

  /// How many bytes of payload there are.
  private(set) var bytes = 0

  /// How many items no step has taken.
  private(set) var untakenCount = 0

  /// An empty inbox.
  init() {}

  /// The index behind the last item.
  var endIndex: Int { startIndex + items.count }

  /// How many items there are.
  var count: Int { items.count }

  /// The item at an index from `startIndex` to below `endIndex`.
  subscript(index: Int) -> InboxItem {
    items[index - startIndex]
  }

  /// The first items that no step has taken and that pass a test, and how many there are.
  func untaken(first limit: Int, where isMeant: (InboxItem) -> Bool) -> (items: [InboxItem], count: Int) {
    var found: [InboxItem] = []
    var count = 0
    for item in items where !item.isTaken && isMeant(item) {
      if count < limit { found.append(item) }
      count += 1
    }
    return (found, count)
  }

  /// Whether there is an item, taken or not, that passes a test.
  func contains(where isMeant: (InboxItem) -> Bool) -> Bool { items.contains(where: isMeant) }

  /// The first item, taken or not, that passes a test.
  func first(where isMeant: (InboxItem) -> Bool) -> InboxItem? { items.first(where: isMeant) }

  /// The last item, taken or not, that passes a test.
  func last(where isMeant: (InboxItem) -> Bool) -> InboxItem? { items.last(where: isMeant) }

  /// The items that no step has taken, with their indices.
  var untaken: [(index: Int, item: InboxItem)] {
    items.enumerated().filter { !$0.element.isTaken }.map { ($0.offset + startIndex, $0.element) }
  }

  /// Adds an item.
  mutating func append(_ item: InboxItem) {
    items.append(item)
    bytes += item.size
    if !item.isTaken { untakenCount += 1 }
  }

  /// Marks an item as taken, or puts it back; one that was forgotten stays so.
  mutating func setTaken(_ index: Int, _ isTaken: Bool) {
    guard (startIndex..<endIndex).contains(index), items[index - startIndex].isTaken != isTaken else { return }
    items[index - startIndex].isTaken = isTaken
    untakenCount += isTaken ? -1 : 1
  }

  /// Forgets what was taken, up to the first item that was not, when there is much of it.
  mutating func forgetTaken() {
    let taken = items.prefix(while: \.isTaken).count
    guard taken >= 1024 else { return }
    for item in items.prefix(taken) { bytes -= item.size }
    items.removeFirst(taken)
    startIndex += taken
  }
}
