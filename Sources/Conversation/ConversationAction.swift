/// What the owner of a conversation has to do.
///
/// No action holds bytes. A conversation queues nothing and copies nothing, so the payload of an action is always the
/// payload of the very event that produced it, and the owner still has that in its hands: a `ByteBuffer` slice in a NIO
/// handler, a `Data` or a string of hex in a timeline. Each case says whose payload it means. Actions are therefore small
/// values without reference counts, and appending one to an array with capacity costs no allocation.
public enum ConversationAction: Hashable, Sendable {
  /// Encode a frame and write it. The payload is that of the `call`, `send` or `answer` event; for `displace` it is the
  /// encoded displacement.
  case sendFrame(protocolId: Int64, sn: UInt32)

  /// Write a WebSocket ping with an empty payload.
  case sendPing

  /// Write a WebSocket pong with the payload of the `pingReceived` event.
  case sendPong

  /// Write a WebSocket close frame; without a code its body is empty.
  case sendClose(code: UInt16?)

  /// The call was answered: by a frame with this protocolId and the payload of the `receive` event.
  case complete(CallID, protocolId: Int64)

  /// The call ends without an answer.
  case failCall(CallID, CallFailure)

  /// The `send` or `answer` event goes nowhere.
  case refuse(Refusal)

  /// Run the handler registered for this protocolId with the payload of the `receive` event.
  case deliver(protocolId: Int64, sn: UInt32, kind: DeliveryKind)

  /// The server says that a newer connection took this one's place; `Conversation.receivedDisplacement` has its words. The
  /// connection stays open until the server closes it, and the owner should not dial again by itself.
  case displaced

  /// Drop the queued frames that were not yet handed to the socket; so many they are.
  case discardQueue(frames: Int)

  /// Close the transport. No action but `failCall` and `refuse` follows.
  case closeTransport
}

/// An action and the time it belongs to, in nanoseconds: that of its event, or the due time of its timer.
public struct TimedAction: Hashable, Sendable {
  /// The time, in nanoseconds on the owner's clock.
  public var at: Int64

  /// What to do.
  public var action: ConversationAction

  /// Pairs a time, in nanoseconds, with an action.
  public init(at: Int64, _ action: ConversationAction) {
    self.at = at
    self.action = action
  }
}

/// Why a call ends without an answer.
public enum CallFailure: String, CaseIterable, Hashable, Sendable {
  /// Its deadline passed. Nothing goes on the wire; an answer that still comes completes nothing.
  case timeout

  /// The owner cancelled it. Nothing goes on the wire.
  case cancelled

  /// The connection began to close, or ended, while the call was waiting.
  case closed

  /// It was made when the connection was no longer open.
  case stopped

  /// The send queue was full; the call took no serial number.
  case queueFull = "queue-full"
}

/// Why a one-way message or an answer is not sent.
public enum Refusal: String, CaseIterable, Hashable, Sendable {
  /// The connection is no longer open.
  case stopped

  /// The send queue is full.
  case queueFull = "queue-full"
}

/// What a received frame is to its receiver, told by its serial number alone.
public enum DeliveryKind: String, CaseIterable, Hashable, Sendable {
  /// sn 0: a one-way message.
  case message

  /// The peer's parity: a call of the peer, to be answered with the same sn.
  case request

  /// The receiver's own parity: an answer to one of its calls, whether that is still waiting or not.
  case response
}
