import Histogram
import Specification

/// What one connection, one protocolId, or a whole capture comes to.
struct TrafficFigures {
  /// Frames, by who sent them.
  private(set) var clientFrames = 0
  private(set) var serverFrames = 0

  /// Bytes of the messages as they were sent, compressed where they were; WebSocket headers are not counted.
  private(set) var wireBytes = 0

  /// Bytes of the same messages when nothing is compressed.
  private(set) var plainBytes = 0

  /// Calls, and those of them that got no answer.
  private(set) var calls = 0
  private(set) var unanswered = 0

  private var latencies: Histogram<UInt32>?
  private(set) var longest: Int64 = 0

  /// Whether latencies are kept: a histogram takes some KiB.
  let keepsLatencies: Bool

  init(keepsLatencies: Bool = true) {
    self.keepsLatencies = keepsLatencies
  }

  var frames: Int { clientFrames + serverFrames }

  /// How much smaller compression made it; 1 where nothing was compressed.
  var ratio: Double { wireBytes == 0 ? 1 : Double(plainBytes) / Double(wireBytes) }

  /// Adds what others come to, but for their latencies.
  mutating func add(_ others: TrafficFigures) {
    clientFrames += others.clientFrames
    serverFrames += others.serverFrames
    wireBytes += others.wireBytes
    plainBytes += others.plainBytes
    calls += others.calls
    unanswered += others.unanswered
    longest = max(longest, others.longest)
  }

  mutating func count(_ role: PeerRole, wire: Int, plain: Int) {
    if role == .client { clientFrames += 1 } else { serverFrames += 1 }
    wireBytes += wire
    plainBytes += plain
  }

  mutating func count(call: CallRecord) {
    calls += 1
    guard call.outcome == .answered else {
      unanswered += 1
      return
    }
    guard keepsLatencies, let latency = call.latency else { return }
    if latencies == nil {
      // A microsecond to an hour, to two digits.
      latencies = Histogram(
        lowestDiscernibleValue: 1_000, highestTrackableValue: 3_600_000_000_000, numberOfSignificantValueDigits: .two)
    }
    longest = max(longest, latency)
    latencies?.record(UInt64(min(max(latency, 0), 3_600_000_000_000)))
  }

  /// A percentile of the latencies of answered calls, in nanoseconds; nil where there are none.
  func latency(percentile: Double) -> Int64? {
    guard let latencies, latencies.totalCount > 0 else { return nil }
    return min(Int64(clamping: latencies.valueAtPercentile(percentile)), longest)
  }
}

/// How much came when: a fixed number of intervals, which double when the capture goes on.
struct TrafficOverTime {
  static let intervals = 64

  private(set) var start: Int64?
  /// Nanoseconds.
  private(set) var width: Int64 = 1_000_000
  private(set) var frames = Array(repeating: 0, count: Self.intervals)
  private(set) var bytes = Array(repeating: 0, count: Self.intervals)
  private(set) var used = 0

  mutating func count(bytes size: Int, at time: Int64) {
    let start = start ?? time
    self.start = start
    let (since, isTooFar) = time.subtractingReportingOverflow(start)
    // What lies before the first counts as its time; further than 64 bits reach is as far as they do.
    let elapsed = time < start ? 0 : isTooFar ? .max : since
    var index = elapsed / width
    while index >= Self.intervals {
      for position in 0..<Self.intervals {
        let (first, second) = (2 * position, 2 * position + 1)
        frames[position] = second < Self.intervals ? frames[first] + frames[second] : 0
        bytes[position] = second < Self.intervals ? bytes[first] + bytes[second] : 0
      }
      width *= 2
      index = elapsed / width
    }
    frames[Int(index)] += 1
    bytes[Int(index)] += size
    used = max(used, Int(index) + 1)
  }
}
