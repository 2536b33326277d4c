import NIOConcurrencyHelpers
import Negotiation

/// Keeps a run within what a server admits: how many connections at once, and how many upgrades a second. Either is told by
/// the profile, or learned when the server answers 503 or 429 (RFC 9110 section 15.6.4, RFC 6585 section 4).
package final class AdmissionControl: Sendable {
  /// An upgrade that was answered with 503 or 429.
  struct Refusal: Hashable, Sendable {
    /// The status.
    let status: Int

    /// What `Retry-After` says; nil: nothing, or a date.
    let retryAfter: Duration?

    /// The refusal that an answer is; nil: it is another answer.
    init?(_ response: ReceivedResponse) {
      guard let head = response.head, let status = head.status, status == 429 || status == 503 else { return nil }
      self.status = status
      retryAfter = head.text("Retry-After").flatMap { Int64($0) }
        .map { .seconds(min(max($0, 0), AdmissionControl.longestPause)) }
    }
  }

  /// A permitted upgrade: which of the server's refusals it is after.
  struct Admission: Hashable, Sendable {
    fileprivate let epoch: Int
  }

  private struct State {
    /// Cases that run.
    var running = 0
    /// Connections of ours that have not ended.
    var open = 0
    var declaredConnections: Int64?
    var learnedConnections: Int64?
    /// Upgrades a second.
    var rate: Double?
    /// When the next upgrade may be asked for.
    var nextUpgrade = ContinuousClock.now
    /// Counts the refusals by rate that were taken note of.
    var epoch = 0
    var epochStart = ContinuousClock.now
    var granted = 0
    var notices: [String] = []

    /// Takes as the server's rate what it granted since its last refusal, until the pause that it asks for is over.
    mutating func learn(_ pause: Duration) {
      guard granted > 0 else { return }
      // Limits are counted by the second unless the pause says that it is by more.
      let elapsed = ContinuousClock.now - epochStart + (pause > .seconds(1) ? pause : .zero)
      let window = max(1, elapsed / .seconds(1))
      let seen = max(AdmissionControl.lowestRate, Double(granted) / window * 0.9)
      if rate == nil {
        notices.append(
          "the server admits only so many upgrades a second (it answered 429): the run goes on at \(Int(max(1, seen))) a "
            + "second; its limit as upgradesPerSecond in the profile avoids the refusals")
      }
      rate = min(seen, rate ?? seen)
    }
  }

  /// The longest that `Retry-After` is honoured for, in seconds.
  private static let longestPause: Int64 = 60

  /// No rate below is learned, in upgrades a second: a run has to end.
  private static let lowestRate = 0.5

  /// Cases begin as long as those that run have so much of the connections: most have a few.
  private static let shareOfCases: Int64 = 4

  private let state: NIOLockedValueBox<State>
  private let changed = ChangeSignal()

  /// What a server admits as far as its profile says.
  package init(_ profile: PeerProfile) {
    var state = State()
    state.declaredConnections = profile.maxConnections
    // Windows of servers and of this clock are not in step.
    state.rate = profile.upgradesPerSecond.map { Double($0) * 0.9 }
    self.state = NIOLockedValueBox(state)
  }

  // MARK: - Cases

  /// Waits until there is room for another case.
  func beginCase() async {
    while !Task.isCancelled {
      let version = changed.version
      let begins = state.withLockedValue { state -> Bool in
        if let limit = state.declaredConnections ?? state.learnedConnections, state.running > 0 {
          let hasRoom = Int64(state.running) * Self.shareOfCases < limit && Int64(state.open) * 2 < limit
          if !hasRoom { return false }
        }
        state.running += 1
        return true
      }
      if begins { return }
      await changed.wait(after: version, until: .now + .seconds(1))
    }
    state.withLockedValue { $0.running += 1 }
  }

  /// A case has ended.
  func endCase() {
    state.withLockedValue { $0.running -= 1 }
    changed.bump()
  }

  /// Whether no other case runs.
  var isAlone: Bool { state.withLockedValue { $0.running <= 1 } }

  // MARK: - Connections

  /// Waits until an upgrade may be asked for.
  ///
  /// - Parameters:
  ///   - own: The connections that the case has open.
  ///   - patience: How long another case's connection is waited for.
  /// - Returns: nil where the server admits no more connections.
  func permitUpgrade(holding own: Int, patience: Duration) async -> Admission? {
    let deadline = ContinuousClock.now + patience
    while true {
      let version = changed.version
      let (hasRoom, isHopeless) = state.withLockedValue { state -> (Bool, Bool) in
        guard let limit = state.declaredConnections, Int64(state.open) >= limit else { return (true, false) }
        return (false, Int64(own) >= limit)
      }
      if hasRoom { break }
      if isHopeless || ContinuousClock.now >= deadline || Task.isCancelled { return nil }
      await changed.wait(after: version, until: deadline)
    }
    let (slot, epoch) = state.withLockedValue { state -> (ContinuousClock.Instant, Int) in
      let slot = max(state.nextUpgrade, .now)
      if let rate = state.rate { state.nextUpgrade = slot + .seconds(1 / rate) }
      return (slot, state.epoch)
    }
    if slot > .now { try? await Task.sleep(until: slot, clock: .continuous) }
    return Admission(epoch: epoch)
  }

  /// A connection was opened.
  func opened() { state.withLockedValue { $0.open += 1 } }

  /// A connection has ended.
  func ended() {
    state.withLockedValue { $0.open -= 1 }
    changed.bump()
  }

  /// An upgrade was granted.
  func granted() { state.withLockedValue { $0.granted += 1 } }

  /// An upgrade was refused.
  func refused(_ refusal: Refusal, to admission: Admission) {
    state.withLockedValue { state in
      if refusal.status == 503 {
        // The refused one is open, too.
        let limit = Int64(max(1, state.open - 1))
        if state.declaredConnections == nil, state.learnedConnections == nil {
          state.notices.append(
            "the server admits no more connections (it answered 503 when \(limit) were open): fewer cases run at once; "
              + "its limit as maxConnections in the profile avoids the refusals")
        }
        state.learnedConnections = max(limit, state.learnedConnections ?? 0)
      } else if admission.epoch == state.epoch {
        let pause = refusal.retryAfter ?? .seconds(1)
        state.learn(pause)
        state.epoch += 1
        state.granted = 0
        state.epochStart = .now + pause
        state.nextUpgrade = max(state.nextUpgrade, state.epochStart)
      }
    }
  }

  // MARK: - What is told

  /// What was learned and not told yet, for people, a line each.
  func takeNotices() -> [String] {
    state.withLockedValue { state in
      defer { state.notices = [] }
      return state.notices
    }
  }

  /// How many connections the server was seen to admit at once; nil: it refused none.
  package var learnedConnections: Int64? { state.withLockedValue { $0.learnedConnections } }

  /// How many upgrades a second the server was seen to admit; nil: it refused none.
  package var learnedRate: Int64? {
    state.withLockedValue { state in state.epoch == 0 ? nil : state.rate.map { Int64(max(1, $0)) } }
  }
}
