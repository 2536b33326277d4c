import Conversation
import FrameCodec
import Logging
import NIOCore
import Specification
import WebSocketCodec

/// What an event of the conversation was about, for the actions that follow from it.
struct EventContent {
  /// The payload of the frame that was received, or is to be sent.
  var payload = ByteBuffer()
  /// The payload of the ping that is answered.
  var pong: [UInt8] = []
  /// The reason in the close frame.
  var closeReason = ""
  /// Whom to tell what became of the frame that is to be sent.
  var completion: SendCompletion?
}

extension ConnectionHandler {
  /// Lets something happen to the conversation, and carries out what follows from it.
  func perform(
    pong: [UInt8] = [], closeReason: String = "", _ event: (inout Conversation, inout [TimedAction]) -> Void
  ) {
    var actions = loop.takeActions()
    event(&conversation, &actions)
    carryOut(actions, EventContent(pong: pong, closeReason: closeReason))
    loop.giveBack(actions)
  }

  /// Carries out an action.
  func carryOut(_ timed: TimedAction, _ content: EventContent) {
    switch timed.action {
    case .deliver(let protocolId, let sn, let kind):
      if kind == .request, loop.counters != nil { requestTimes.came(sn, at: timed.at) }
      deliver(ReceivedMessage(protocolId: protocolId, sn: sn, kind: kind, payload: content.payload))
    case .sendFrame(let protocolId, let sn):
      writeFrame(protocolId: protocolId, sn: sn, payload: content.payload, completion: content.completion)
    case .complete(let call, let protocolId):
      let answer = ReceivedMessage(protocolId: protocolId, sn: call.sn, kind: .response, payload: content.payload)
      calls.removeValue(forKey: call.order)?(.success(answer))
      if ending.isDraining { closeIfIdle() }
    case .failCall(let call, let failure):
      calls.removeValue(forKey: call.order)?(.failure(.callFailed(failure)))
      if ending.isDraining { closeIfIdle() }
    case .refuse(let refusal):
      content.completion?(.failure(refusal == .queueFull ? ConnectionError.queueFull : .stopped))
    case .sendPing: writeControl(.ping, settings.options.isDebugging ? PingIdentifier.payload(of: role) : [])
    case .sendPong: writeControl(.pong, content.pong)
    case .sendClose(let code):
      leave()
      writeControl(.close, CloseBody(code: code, reason: content.closeReason).encoded())
    case .displaced:
      ending.note(.displaced, displacementDetail)
      settings.callbacks.displaced?(handle)
    case .discardQueue: discardQueue()
    case .closeTransport: closeTransport()
    }
  }

  private func deliver(_ message: ReceivedMessage) {
    switch settings.handlers.byProtocolId[message.protocolId] {
    case .onLoop(let handler)?: handler(message, handle)
    case .asTask(let handler, let place)?: startTask(handler, place, message)
    case .collected?: inbox?.put(message.compacted)
    case nil: break
    }
  }

  // MARK: - Tasks of handlers

  private func startTask(_ handler: @escaping AsyncMessageHandler, _ place: HandlerPlace, _ message: ReceivedMessage) {
    let running = tasks ?? HandlerTasks()
    tasks = running
    let connection = handle
    let message = message.compacted
    let number = running.nextNumber()
    let bytes = message.payload.readableBytes + HandlerBudget.bytesPerTask
    settings.options.handlerBudget.take(bytes)
    let task = Task(executorPreference: place == .eventLoop ? loop.taskExecutor : nil) {
      do { try await handler(message, connection) } catch is CancellationError {} catch ConnectionError.stopped {
      } catch {
        self.settings.logger.warning(
          "a handler failed",
          metadata: ["protocolId": "\(message.protocolId)", "connection": "\(self.number)", "error": "\(error)"])
      }
      self.handle.onLoop { $0.taskEnded(number) }
    }
    running.add(task, number: number, bytes: bytes)
  }

  private func taskEnded(_ number: UInt64) {
    if let tasks { settings.options.handlerBudget.giveBack(tasks.remove(number)) }
    if ending.isDraining { closeIfIdle() }
    resumeReading()
  }

  /// Closes a connection that is to be drained as soon as no handler runs and no call of this side waits for its answer.
  func closeIfIdle() {
    ending.drain()
    guard tasks?.count ?? 0 == 0, calls.isEmpty, conversation.isOpen else { return }
    close(code: 1001, reason: "")
  }

  /// What the server said about the newcomer, for people.
  private var displacementDetail: String {
    guard let displacement = conversation.receivedDisplacement, !displacement.newAddress.isEmpty else { return "" }
    return "by \(String(decoding: displacement.newAddress, as: UTF8.self))"
  }

  // MARK: - Debugging

  func logFrame(_ what: String, _ protocolId: Int64, _ sn: UInt32, _ payloadLength: Int) {
    settings.logger.debug(
      "frame",
      metadata: [
        "direction": "\(what)", "connection": "\(number)", "protocolId": "\(protocolId)", "sn": "\(sn)",
        "payloadLength": "\(payloadLength)",
      ])
  }
}

/// The payload of a ping in debug mode: the role and 26 characters that are never the same, as the original writes it.
enum PingIdentifier {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  static func payload(of role: PeerRole) -> [UInt8] {
    Array(role.rawValue.utf8) + (0..<26).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] }
  }
}
