public import FrameCodec
public import Specification

/// The state machine of one connection after its upgrade: calls and their answers, dispatch to handlers, displacement,
/// keep-alive, the closing handshake and the bound of the send queue, for a client or a server.
///
/// It does no I/O and has no clock. Each thing that happens is one method: what came from the peer (already decoded), what
/// the application wants, and the passing of time. Each takes the time in nanoseconds, on any clock that does not go back
/// (an earlier time counts as the latest one seen), and appends what is to be done to the caller's array, which the caller
/// empties and uses again.
///
/// Payloads do not pass through: an action's payload is the payload of the event that produced it (`ConversationAction`).
/// A NIO handler keeps its `ByteBuffer` slice in a local variable, calls the method, and works through the actions before
/// it returns; a timeline does the same with bytes in hand. Only `receive` looks at a payload, and only at a
/// displacement's.
///
/// Every method first lets the timers fire that are due at its time, as `advance(to:into:)` does, so an answer that arrives
/// at the very time of its call's deadline is late. `nextDeadline` tells the owner's timer wheel when to call
/// `advance(to:into:)`.
public struct Conversation: Sendable {
  /// The side that this is.
  public let role: PeerRole

  /// What it was told at its start.
  public private(set) var configuration: ConversationConfiguration

  /// The protocolIds that have a handler now.
  public var handlers: HandlerTable

  /// The serial numbers of this side's calls.
  public internal(set) var sequenceNumbers: SequenceNumberAllocator

  /// The pings and the read deadline.
  public internal(set) var keepAlive: KeepAlive

  /// How far the end of the connection has come.
  public internal(set) var closing = ClosingHandshake()

  /// The frames that wait to be written.
  public internal(set) var queue: SendQueue

  /// What the server said when it displaced this client; nil: it did not. After several displacements, the last.
  public internal(set) var receivedDisplacement: Displacement?

  /// The latest time seen, in nanoseconds.
  public internal(set) var now: Int64

  var pending = PendingCalls()
  var callsMade: UInt64 = 0

  /// Starts with a connection that was established at `start` (nanoseconds).
  public init(
    role: PeerRole, configuration: ConversationConfiguration = ConversationConfiguration(),
    establishedAt start: Int64 = 0
  ) {
    self.role = role
    self.configuration = configuration
    handlers = configuration.handlers
    sequenceNumbers = SequenceNumberAllocator(role: role, next: configuration.nextSn)
    keepAlive = KeepAlive(
      readWait: configuration.readWait, writeWait: configuration.writeWait, startedAt: start)
    queue = SendQueue(limit: configuration.queueLimit)
    now = start
  }

  /// The protocolId of the displacement message; to be set by a server that learns a client's revision from its first frame.
  public var displacementProtocolId: Int64 {
    get { configuration.displacementProtocolId }
    set { configuration.displacementProtocolId = newValue }
  }

  /// Whether frames may be sent and are taken.
  public var isOpen: Bool { closing.isOpen }

  /// How many calls of this side wait for an answer.
  public var pendingCallCount: Int { pending.count }

  /// When the next timer is due, in nanoseconds; nil: none is running.
  public var nextDeadline: Int64? {
    let earliest = min(
      pending.nextDeadline ?? .max, keepAlive.readDeadline ?? .max, closing.deadline ?? .max, keepAlive.nextPing ?? .max
    )
    return earliest == .max ? nil : earliest
  }

  // MARK: - Time

  /// Lets the timers fire that are due at or before `time`, in order of their due times; at the same time call deadlines
  /// (in the order of their calls), then the read deadline, then the close deadline, then the ping. Each action carries its
  /// timer's due time.
  public mutating func advance(to time: Int64, into actions: inout [TimedAction]) {
    while let due = nextDeadline, due <= time {
      now = max(now, due)
      fireFirstTimer(due: due, into: &actions)
    }
    now = max(now, time)
  }

  private mutating func fireFirstTimer(due: Int64, into actions: inout [TimedAction]) {
    if let call = pending.removeFirst(dueAt: due) {
      actions.append(TimedAction(at: due, .failCall(call, .timeout)))
    } else if keepAlive.readDeadline == due {
      failConnection(code: 1001, into: &actions)
    } else if closing.deadline == due {
      closeTransport(into: &actions)
    } else {
      keepAlive.pingSent()
      actions.append(TimedAction(at: due, .sendPing))
    }
  }
}
