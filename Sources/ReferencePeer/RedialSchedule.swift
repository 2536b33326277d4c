/// Decides whether and when a client dials again: exponential backoff with full jitter. A value without a clock.
///
/// Before the n-th attempt after a success it waits a random time between nothing and the smaller of the maximum delay and
/// the initial delay times the multiplier to the power of n-1. After a displacement it never dials again
/// (`hub.displacement.redial`): two devices of one user would displace each other for ever.
public struct RedialSchedule: Hashable, Sendable {
  /// How the last attempt, or the connection that came of it, ended.
  public enum Outcome: Hashable, Sendable {
    /// No connection came about.
    case failed
    /// A connection came about, lasted so long, and was lost.
    case lost(after: Duration)
    /// Another connection took this one's place at the server.
    case displaced
    /// This side ended the connection, or gave up dialling.
    case ended
  }

  /// What to do.
  public enum Decision: Hashable, Sendable {
    /// Wait so long, then dial.
    case dial(after: Duration)
    /// Do not dial again.
    case stop(StopReason)
  }

  /// Why a client does not dial again.
  public enum StopReason: Hashable, Sendable {
    /// It was displaced.
    case displaced
    /// It ended the connection itself.
    case ended
    /// It failed as often as it may.
    case attemptsExhausted
  }

  /// The longest wait before the first attempt after a success.
  public let initialDelay: Duration

  /// The longest wait before any attempt.
  public let maximumDelay: Duration

  /// By how much the longest wait grows from one failure to the next.
  public let multiplier: Double

  /// After how many failures in a row to stop; nil: never.
  public let maximumFailures: Int?

  /// How long a connection must have lasted to count as a success. A shorter one counts as a failure, so that a server that
  /// accepts and drops its clients is not dialled in a tight loop.
  public let steadyTime: Duration

  /// The failures since the last success.
  public private(set) var failures = 0

  /// Why it has stopped, if it has: from then on every decision is this.
  public private(set) var stopReason: StopReason?

  /// The longest wait before the next attempt, in nanoseconds.
  private var delayLimit: Double

  /// Describes when to dial again. What makes no sense is moved to the nearest that does: negative times to zero, a maximum
  /// below the initial delay to that, a multiplier to 1...1,000,000, a number of failures below 1 to 1, and times beyond 292
  /// years to that.
  public init(
    initialDelay: Duration = .milliseconds(500), maximumDelay: Duration = .seconds(30), multiplier: Double = 2,
    maximumFailures: Int? = nil, steadyTime: Duration = .seconds(5)
  ) {
    self.initialDelay = max(initialDelay, .zero)
    self.maximumDelay = max(maximumDelay, max(initialDelay, .zero))
    self.multiplier = multiplier >= 1 ? min(multiplier, 1_000_000) : 1
    self.maximumFailures = maximumFailures.map { max($0, 1) }
    self.steadyTime = max(steadyTime, .zero)
    delayLimit = Double(Self.nanoseconds(self.initialDelay))
  }

  /// Decides what to do now that an attempt or its connection has ended.
  ///
  /// - Parameters:
  ///   - outcome: How it ended.
  ///   - generator: Where the jitter comes from.
  public mutating func next(
    after outcome: Outcome, using generator: inout some RandomNumberGenerator
  ) -> Decision {
    if let stopReason { return .stop(stopReason) }
    switch outcome {
    case .displaced: return stop(.displaced)
    case .ended: return stop(.ended)
    case .lost(let duration) where duration >= steadyTime: succeed()
    case .lost, .failed:
      if let maximumFailures, failures + 1 >= maximumFailures { return stop(.attemptsExhausted) }
    }
    let maximum = Self.nanoseconds(maximumDelay)
    let limit = delayLimit < Double(maximum) ? Int64(delayLimit) : maximum
    delayLimit = min(delayLimit * multiplier, Double(maximum))
    if failures < .max { failures += 1 }
    return .dial(after: .nanoseconds(Int64.random(in: 0...limit, using: &generator)))
  }

  /// Decides with the system's random numbers.
  public mutating func next(after outcome: Outcome) -> Decision {
    var generator = SystemRandomNumberGenerator()
    return next(after: outcome, using: &generator)
  }

  /// Begins anew, also after a displacement: the user has asked to connect again.
  public mutating func reset() {
    succeed()
    stopReason = nil
  }

  private mutating func succeed() {
    failures = 0
    delayLimit = Double(Self.nanoseconds(initialDelay))
  }

  private mutating func stop(_ reason: StopReason) -> Decision {
    stopReason = reason
    return .stop(reason)
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, beyond) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || beyond ? .max : sum
  }
}
