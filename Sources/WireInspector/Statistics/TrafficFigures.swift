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

  private var latencies: Latencies?
  /// The first latency.
  private var only: Int64?
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
    // The only one needs no histogram: every percentile is it.
    if let latencies {
      latencies.record(latency)
    } else if only == nil, latency <= Latencies.longest {
      only = latency
    } else {
      let latencies = Latencies()
      if let only { latencies.record(only) }
      latencies.record(latency)
      self.latencies = latencies
    }
    longest = max(longest, latency)
  }

  /// A percentile of the latencies of answered calls, in nanoseconds; nil where there are none.
  func latency(percentile: Double) -> Int64? {
    guard let counts = latencies?.counts, counts.totalCount > 0 else { return only == nil ? nil : longest }
    return min(Int64(clamping: counts.valueAtPercentile(percentile)), longest)
  }
}

/// How often each latency occurred. A class, so that figures which have none are small, and those that have are not copied to count.
private final class Latencies {
  static let longest: Int64 = 3_600_000_000_000

  /// A microsecond to an hour, to two digits.
  @exclusivity(unchecked) private(set) var counts = Histogram<UInt32>(
    lowestDiscernibleValue: 1_000, highestTrackableValue: UInt64(longest), numberOfSignificantValueDigits: .two)

  func record(_ latency: Int64) { counts.record(UInt64(min(max(latency, 0), Self.longest))) }
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
