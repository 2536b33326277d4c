/// When to ping the peer, and until when to hear from it. Times and durations are nanoseconds.
///
/// Pings go out at fixed times after the start, whatever the traffic. The read deadline is restarted by each ping, each pong
/// and each new message of the peer, not by what comes within a message: a peer that sends a message byte by byte is as
/// late as one that sends nothing.
public struct KeepAlive: Hashable, Sendable {
  /// How long the peer may be silent; nil: for ever.
  public let readWait: Int64?

  /// The time between two pings; nil: none are sent.
  public let pingInterval: Int64?

  /// When the peer counts as gone; nil: never, or no longer watched.
  public private(set) var readDeadline: Int64?

  /// When the next ping is due; nil: never.
  public private(set) var nextPing: Int64?

  /// Starts both timers at `start`.
  public init(readWait: Int64?, writeWait: Int64?, startedAt start: Int64) {
    self.readWait = readWait
    pingInterval = writeWait.map(Self.pingInterval(writeWait:))
    readDeadline = readWait.map { saturatingSum(start, $0) }
    nextPing = pingInterval.map { saturatingSum(start, $0) }
  }

  /// The time between two pings: 0.4 of the write wait, rounded down to milliseconds and at least one of them, so that no
  /// setting pings without pause.
  public static func pingInterval(writeWait: Int64) -> Int64 {
    let millisecond: Int64 = 1_000_000
    return max(writeWait / millisecond / 5 * 2 + writeWait / millisecond % 5 * 2 / 5, 1) * millisecond
  }

  /// A ping, a pong or a new message came in.
  mutating func restartReadDeadline(at now: Int64) {
    guard readDeadline != nil, let readWait else { return }
    readDeadline = saturatingSum(now, readWait)
  }

  /// The ping that was due has been sent.
  mutating func pingSent() {
    guard let nextPing, let pingInterval else { return }
    self.nextPing = nextPing > Int64.max - pingInterval ? nil : nextPing + pingInterval
  }

  /// The connection is no longer open: no more pings, and silence is no longer a fault.
  mutating func stop() {
    readDeadline = nil
    nextPing = nil
  }
}

/// The time `duration` after `time`; a negative duration is none, and a time beyond the clock is its end.
func saturatingSum(_ time: Int64, _ duration: Int64) -> Int64 {
  let (sum, overflow) = time.addingReportingOverflow(max(duration, 0))
  return overflow ? .max : sum
}
