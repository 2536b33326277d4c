import NIOConcurrencyHelpers

/// The pace of a peer, measured along a run, so that waits which are counted in round trips fit a peer, or a machine, that
/// becomes slower or stands still now and then.
final class Pace: Sendable {
  /// What a smoothed round trip gains from a new measurement: RFC 6298 section 2.3 has an eighth.
  private static let gain = 0.125

  /// What is counted of one measurement: a single standstill must not make every later silence take minutes.
  private static let longest = Duration.seconds(2)

  private let smoothed = NIOLockedValueBox<Duration?>(nil)

  /// Nothing is measured yet.
  init() {}

  /// The smoothed round trip; zero before the first measurement.
  var roundTrip: Duration { smoothed.withLockedValue { $0 ?? .zero } }

  /// Takes note of how long the answer to a small request took.
  func measured(_ duration: Duration) {
    let sample = min(max(.zero, duration), Self.longest)
    smoothed.withLockedValue { value in
      guard let old = value else { return value = sample }
      value = old + (sample - old) * Self.gain
    }
  }
}
