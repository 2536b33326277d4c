import NIOConcurrencyHelpers
import WebSocketCodec

/// What clients did at a mock server, and what of it is not as its script expects.
package final class MockServerAccount: Sendable {
  /// Something that a client did.
  package struct Event: Hashable, Sendable {
    /// What it did.
    package enum Content: Hashable, Sendable {
      /// It asked for the upgrade, with this path and query.
      case opened(path: String)

      /// A frame of the protocol; revisions without serial numbers have none.
      case frame(id: Int64, sn: UInt32?, payload: [UInt8])

      /// A WebSocket message that is no frame.
      case message([UInt8], isText: Bool)

      case ping([UInt8])
      case pong([UInt8])

      /// A close frame; nil: without a body.
      case close(code: UInt16?, reason: String)

      /// It ended TCP, or reset it.
      case ended(isReset: Bool)

      /// It broke a rule of the protocol.
      case violation(String)
    }

    /// When, since the server began to listen.
    package let time: Duration

    /// The number of the connection, from 1.
    package let connection: Int

    /// What it did.
    package let content: Content
  }

  /// Something that is not as the script expects.
  package struct Fault: Hashable, Sendable {
    /// Where the script expects it; nil: a rule of the protocol does.
    package let place: SourcePlace?

    /// The number of the connection, from 1; 0: of none in particular.
    package let connection: Int

    /// What was expected.
    package let expected: String

    /// What was there.
    package let actual: String
  }

  /// How many events and faults are kept, the first.
  private static let limit = 100_000

  private struct State {
    var events: [Event] = []
    var faults: [Fault] = []
    var runs: [Int64]
  }

  private let script: MockServerScript
  private let state: NIOLockedValueBox<State>
  private let start = ContinuousClock.now
  private let observer: (@Sendable (Event) -> Void)?

  /// Tells of every change.
  package let changed = ChangeSignal()

  /// An account without entries.
  init(_ script: MockServerScript, observer: (@Sendable (Event) -> Void)?) {
    self.script = script
    self.observer = observer
    state = NIOLockedValueBox(State(runs: script.rules.map { _ in 0 }))
  }

  /// What clients did so far, in order.
  package var events: [Event] { state.withLockedValue { $0.events } }

  /// What is not as the script expects, were this the end.
  package var faults: [Fault] {
    state.withLockedValue { state in
      state.faults
        + zip(script.rules, state.runs).compactMap { rule, runs in
          guard let expected = rule.expected, !expected.contains(runs) else { return nil }
          return Fault(
            place: rule.place, connection: 0, expected: "the rule is run \(Self.times(expected))",
            actual: "it was run \(Self.times(runs...runs))")
        }
    }
  }

  /// Takes note of something that a client did.
  func add(_ content: Event.Content, connection: Int) {
    let event = state.withLockedValue { state -> Event in
      let event = Event(time: .now - start, connection: connection, content: content)
      if state.events.count < Self.limit { state.events.append(event) }
      return event
    }
    observer?(event)
    changed.bump()
  }

  /// Takes note of something that is not as expected.
  func add(_ fault: Fault) {
    state.withLockedValue { if $0.faults.count < Self.limit { $0.faults.append(fault) } }
  }

  /// Takes note of a rule that is run.
  func ran(rule index: Int) {
    state.withLockedValue { $0.runs[index] += 1 }
  }

  /// Takes note of what a client broke of the protocol, unless the script has rules about that.
  func add(_ observations: [PeerObservation], connection: Int) {
    guard !script.rules.contains(where: \.isAboutViolations) else { return }
    for observation in observations {
      guard let requirement = observation.requirement else { continue }
      add(
        Fault(
          place: nil, connection: connection, expected: "the client keeps \(requirement)", actual: observation.reason))
    }
  }

  private static func times(_ range: ClosedRange<Int64>) -> String {
    func word(_ count: Int64) -> String { count == 1 ? "once" : count == 0 ? "never" : "\(count) times" }
    if range.lowerBound == range.upperBound { return word(range.lowerBound) }
    if range.upperBound == .max { return "at least \(word(range.lowerBound))" }
    return range.lowerBound == 0
      ? "at most \(word(range.upperBound))" : "\(range.lowerBound) to \(range.upperBound) times"
  }
}

extension MockServerAccount.Event.Content {
  /// The thing that came, as an event.
  init(_ content: InboxItem.Content) {
    switch content {
    case .frame(let frame): self = .frame(id: frame.id, sn: frame.sn, payload: frame.payload)
    case .message(let message): self = .message(message.bytes, isText: message.form.opcode == .text)
    case .ping(let payload): self = .ping(payload)
    case .pong(let payload): self = .pong(payload)
    case .close(let body): self = .close(code: body.code, reason: body.reason)
    case .end(let end): self = .ended(isReset: end == .reset)
    case .violation(let reason): self = .violation(reason)
    }
  }
}
