import Specification

extension Conversation {
  /// Calls the peer.
  ///
  /// When the connection is open and the queue has room, the call takes the next serial number and `sendFrame` follows. It
  /// ends with exactly one `complete` or `failCall`; with a timeout at the latest that long after `time`. Otherwise
  /// `failCall` follows at once and no serial number is used up.
  ///
  /// - Parameters:
  ///   - protocolId: the protocolId of the request.
  ///   - timeout: nanoseconds to wait for the answer; nil: until the connection ends.
  ///   - time: the time, in nanoseconds.
  ///   - actions: the array that the actions are appended to.
  /// - Returns: the name of the call in later actions.
  @discardableResult
  public mutating func call(
    protocolId: Int64, timeout: Int64?, at time: Int64, into actions: inout [TimedAction]
  ) -> CallID {
    advance(to: time, into: &actions)
    let order = callsMade
    callsMade += 1
    guard isOpen else {
      let call = CallID(order: order, sn: 0)
      emit(.failCall(call, .stopped), into: &actions)
      return call
    }
    guard !queue.isFull, let sn = sequenceNumbers.allocate(skipping: pending) else {
      let call = CallID(order: order, sn: 0)
      emit(.failCall(call, .queueFull), into: &actions)
      return call
    }
    let call = CallID(order: order, sn: sn)
    pending.insert(call, deadline: timeout.map { saturatingSum(now, $0) })
    sendFrame(protocolId: protocolId, sn: sn, into: &actions)
    return call
  }

  /// Gives up a call that still waits: `failCall cancelled`, and nothing on the wire. For any other call nothing happens.
  public mutating func cancel(_ call: CallID, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if pending.remove(call) { emit(.failCall(call, .cancelled), into: &actions) }
  }

  /// Sends a one-way message: `sendFrame` with sn 0, or `refuse`.
  public mutating func send(protocolId: Int64, at time: Int64, into actions: inout [TimedAction]) {
    answer(protocolId: protocolId, sn: 0, at: time, into: &actions)
  }

  /// Answers a request of the peer with the request's sn, as given: `sendFrame`, or `refuse`. Answering each request at
  /// most once is the application's duty.
  public mutating func answer(protocolId: Int64, sn: UInt32, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    if !isOpen {
      emit(.refuse(.stopped), into: &actions)
    } else if queue.isFull {
      emit(.refuse(.queueFull), into: &actions)
    } else {
      sendFrame(protocolId: protocolId, sn: sn, into: &actions)
    }
  }

  /// The socket took `frames` of the queued frames.
  public mutating func written(frames: Int, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    queue.dequeue(frames)
  }

  /// Lets the next call try `sn`, as if the calls up to it had been made and answered; a number of the peer's parity, 0 and
  /// 1 are moved to the next of the own. Calls that wait keep theirs, and numbers in use are skipped as ever.
  public mutating func continueNumbering(from sn: UInt32, at time: Int64, into actions: inout [TimedAction]) {
    advance(to: time, into: &actions)
    sequenceNumbers = SequenceNumberAllocator(role: role, next: sn)
  }

  private mutating func sendFrame(protocolId: Int64, sn: UInt32, into actions: inout [TimedAction]) {
    queue.enqueue()
    emit(.sendFrame(protocolId: protocolId, sn: sn), into: &actions)
  }

  /// Appends an action of the event that is being handled.
  func emit(_ action: ConversationAction, into actions: inout [TimedAction]) {
    actions.append(TimedAction(at: now, action))
  }
}
