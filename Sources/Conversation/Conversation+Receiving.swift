import FrameCodec
import Specification

extension Conversation {
  /// A whole frame came in.
  ///
  /// protocolId 0 is dropped. The displacement is taken by a client if its payload decodes, and dropped otherwise. Any other
  /// frame completes the waiting call that has its sn, and then, also when it did, goes to the handler of its protocolId.
  /// What has neither, and whatever comes when the connection is no longer open, is dropped; the connection stays as it is.
  ///
  /// - Parameters:
  ///   - protocolId: the protocolId of the frame.
  ///   - sn: its serial number; 0 in revisions that have none.
  ///   - payload: its payload, which is read only if this is a displacement.
  ///   - endsFragmentedMessage: whether it came in more than one fragment, the first of which was told by `messageStarted`:
  ///     then it does not restart the read deadline.
  ///   - time: the time, in nanoseconds.
  ///   - actions: the array that the actions are appended to.
  public mutating func receive(
    protocolId: Int64, sn: UInt32, payload: RawSpan, endsFragmentedMessage: Bool = false, at time: Int64,
    into actions: inout [TimedAction]
  ) {
    advance(to: time, into: &actions)
    guard isOpen else { return }
    if !endsFragmentedMessage { keepAlive.restartReadDeadline(at: now) }
    if protocolId == configuration.displacementProtocolId {
      receiveDisplacement(payload, into: &actions)
    } else if protocolId != 0 {
      dispatch(protocolId: protocolId, sn: sn, into: &actions)
    }
  }

  /// The first fragment of a message came in, and the message is not complete with it.
  public mutating func messageStarted(at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if isOpen { keepAlive.restartReadDeadline(at: now) }
  }

  /// A later fragment of a message came in. It restarts nothing: the read deadline is for a whole message.
  public mutating func fragmentReceived(at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
  }

  /// A WebSocket ping came in: `sendPong` with its payload (RFC 6455 §5.5.2), and the read deadline starts again.
  public mutating func pingReceived(at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    guard isOpen else { return }
    keepAlive.restartReadDeadline(at: now)
    emit(.sendPong, into: &actions)
  }

  /// A WebSocket pong came in, asked for or not: the read deadline starts again.
  public mutating func pongReceived(at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if isOpen { keepAlive.restartReadDeadline(at: now) }
  }

  private mutating func dispatch(protocolId: Int64, sn: UInt32, into actions: inout [TimedAction]) {
    // Only numbers of the own parity are ever waiting, so a request of the peer never completes a call.
    if sequenceNumbers.isOwn(sn), let call = pending.remove(sn: sn) {
      emit(.complete(call, protocolId: protocolId), into: &actions)
    }
    guard handlers.contains(protocolId) else { return }
    let kind: DeliveryKind = sn == 0 ? .message : sequenceNumbers.isOwn(sn) ? .response : .request
    emit(.deliver(protocolId: protocolId, sn: sn, kind: kind), into: &actions)
  }

  private mutating func receiveDisplacement(_ payload: RawSpan, into actions: inout [TimedAction]) {
    guard role == .client, let displacement = try? Displacement(decoding: payload) else { return }
    receivedDisplacement = displacement
    emit(.displaced, into: &actions)
  }
}
