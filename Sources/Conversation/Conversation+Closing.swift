import Specification

extension Conversation {
  /// The application closes the connection: `sendClose`, and every waiting call fails. The peer's close frame is awaited
  /// for the close wait. Nothing happens when the connection is no longer open.
  public mutating func close(code: UInt16?, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    guard closing.begin(deadline: saturatingSum(now, configuration.closeWait)) else { return }
    emit(.sendClose(code: code), into: &actions)
    leaveOpen(into: &actions)
  }

  /// The peer's close frame came in. The first one is answered with its code, and a server then closes the transport; one
  /// that answers ours lets either side close it.
  public mutating func peerClosed(code: UInt16?, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    switch closing.peerClosed(role: role, deadline: saturatingSum(now, configuration.closeWait)) {
    case .answer(let thenCloseTransport):
      emit(.sendClose(code: code), into: &actions)
      leaveOpen(into: &actions)
      if thenCloseTransport { emit(.closeTransport, into: &actions) }
    case .closeTransport:
      emit(.closeTransport, into: &actions)
    case .ignore:
      break
    }
  }

  /// A decoder found that the peer broke the protocol: the connection is failed with the code that the decoder names, or,
  /// when it was closing, at once.
  public mutating func violationFound(closeCode: UInt16, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if isOpen {
      failConnection(code: closeCode, into: &actions)
    } else {
      closeTransport(into: &actions)
    }
  }

  /// The transport ended, by the peer or by itself: every waiting call fails.
  public mutating func transportClosed(at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if closing.end() { leaveOpen(into: &actions) }
  }

  /// A newer connection with the same identity takes this one's place: what is queued is dropped, the displacement (whose
  /// encoded payload the owner has) and an empty close frame go out, every waiting call fails, the transport is closed.
  /// Nothing happens at a client, or when the connection is no longer open.
  public mutating func displace(at time: Int64, into actions: inout [TimedAction]) {
    leaveHub(displaced: true, at: time, into: &actions)
  }

  /// The server drops the connection: as `displace`, without the displacement.
  public mutating func kick(at time: Int64, into actions: inout [TimedAction]) {
    leaveHub(displaced: false, at: time, into: &actions)
  }

  private mutating func leaveHub(displaced: Bool, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    guard role == .server, isOpen else { return }
    let discarded = queue.discard()
    if discarded > 0 { emit(.discardQueue(frames: discarded), into: &actions) }
    if displaced { emit(.sendFrame(protocolId: configuration.displacementProtocolId, sn: 0), into: &actions) }
    failConnection(code: nil, into: &actions)
  }

  /// Sends a close frame and does not wait for the peer's (RFC 6455 §7.1.7).
  mutating func failConnection(code: UInt16?, into actions: inout [TimedAction]) {
    guard isOpen else { return }
    emit(.sendClose(code: code), into: &actions)
    leaveOpen(into: &actions)
    closeTransport(into: &actions)
  }

  mutating func closeTransport(into actions: inout [TimedAction]) {
    if closing.end() { emit(.closeTransport, into: &actions) }
  }

  /// The connection is no longer open: the timers of the open connection stop and every waiting call fails, in the order
  /// of the calls.
  private mutating func leaveOpen(into actions: inout [TimedAction]) {
    keepAlive.stop()
    for call in pending.removeAll() { emit(.failCall(call, .closed), into: &actions) }
  }
}
