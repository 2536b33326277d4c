import Conversation
public import FrameCodec
package import Logging
public import NIOCore
import Negotiation

/// Is told how a call ended: with the answer, or with why there is none. Runs on the connection's event loop.
public typealias CallCompletion = @Sendable (Result<ReceivedMessage, ConnectionError>) -> Void

/// A connection, as programs hold it: from its `established` callback or from `Client.connect`, for as long as they like.
///
/// It stands for this one connection for ever. When that has ended, everything that is asked of it fails with
/// `ConnectionError.stopped`; nothing can reach another connection through it (requirement `rpc.isolation`).
///
/// Its methods may be called from any thread and any task. From a handler on the event loop they act at once.
public struct Connection: Sendable, Hashable {
  let handler: ConnectionHandler

  /// Where this connection logs.
  package var logger: Logger { handler.settings.logger }

  /// Its number among the connections of its server or client, from 1 on.
  public var number: UInt64 { handler.number }

  /// What is known from the upgrade.
  public var details: ConnectionDetails {
    handler.details
      ?? ConnectionDetails(
        metadata: .init(uid: ""), selection: .init(version: 0, charset: 0), address: [], deflate: nil)
  }

  /// What the server said when it displaced this client; for callbacks, which run on the event loop.
  public var displacement: Displacement? { handler.conversation.receivedDisplacement }

  /// Values that the program keeps with this connection, for any thread.
  public var store: ConnectionStore { handler.store }

  /// The event loop that its handlers and callbacks run on.
  public var eventLoop: any EventLoop { handler.loop.eventLoop }

  // MARK: - One-way messages and answers

  /// Sends a one-way message: waits until there is room in the send queue, which is where a fast sender waits for a slow peer,
  /// and returns when it is queued. Whether it reached the socket is told by the form with a `completion`.
  ///
  /// - Throws: `ConnectionError.stopped` or `.notEncodable`.
  public func send(_ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer()) async throws {
    try await sendWhenRoom(protocolId, sn: 0, payload)
  }

  /// Sends a one-way message without waiting.
  ///
  /// - Parameters:
  ///   - protocolId: the application's; 0 and the displacement id are reserved.
  ///   - payload: its bytes.
  ///   - completion: is told when the frame was handed to the socket, or why it was not; on the event loop.
  public func send(
    _ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer(),
    completion: (@Sendable (Result<Void, any Error>) -> Void)? = nil
  ) {
    onLoop { $0.send(protocolId: protocolId, sn: 0, payload: payload, completion: completion) }
  }

  /// Answers a call of the peer with the call's sn, as `send` sends a message. To answer each call at most once is the
  /// program's duty.
  ///
  /// - Throws: `ConnectionError.stopped` where the connection has ended, or `.notEncodable`.
  public func answer(
    _ request: ReceivedMessage, _ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer()
  ) async throws {
    try await sendWhenRoom(protocolId, sn: request.sn, payload)
  }

  /// Answers a call of the peer without waiting; see `send(_:_:completion:)`.
  public func answer(
    _ request: ReceivedMessage, _ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer(),
    completion: (@Sendable (Result<Void, any Error>) -> Void)? = nil
  ) {
    onLoop { $0.send(protocolId: protocolId, sn: request.sn, payload: payload, completion: completion) }
  }

  private func sendWhenRoom(_ protocolId: Int64, sn: UInt32, _ payload: ByteBuffer) async throws {
    // On the event loop nothing has to wait, or to be woken.
    if handler.loop.eventLoop.inEventLoop, handler.takesAtOnce {
      if let refusal = handler.enqueue(protocolId: protocolId, sn: sn, payload: payload) { throw refusal }
      return
    }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      onLoop { handler in
        handler.whenRoom {
          if let refusal = handler.enqueue(protocolId: protocolId, sn: sn, payload: payload) {
            continuation.resume(throwing: refusal)
          } else {
            continuation.resume()
          }
        }
      }
    }
  }

  /// Sends a WebSocket message that is no frame of the protocol.
  public func sendWebSocketMessage(isText: Bool, _ payload: ByteBuffer) {
    onLoop { $0.sendRaw(isText: isText, payload: payload) }
  }

  /// Sends a WebSocket ping; at most 125 bytes of the payload go.
  public func ping(_ payload: [UInt8] = []) {
    onLoop { $0.sendPing(payload) }
  }

  // MARK: - Calls

  /// Calls the peer and waits for the answer.
  ///
  /// - Parameters:
  ///   - protocolId: the application's.
  ///   - payload: its bytes.
  ///   - timeout: how long to wait; nil: until the connection ends.
  /// - Returns: the answer, whatever its protocolId.
  /// - Throws: `ConnectionError.callFailed`, or `CancellationError` when the task was cancelled; nothing goes on the wire then.
  public func call(
    _ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer(), timeout: Duration? = .seconds(10)
  ) async throws -> ReceivedMessage {
    let ticket = CallTicket()
    let outcome: Result<ReceivedMessage, ConnectionError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        onLoop { handler in
          handler.whenRoom {
            guard !ticket.isCancelled else {
              return continuation.resume(returning: .failure(.callFailed(.cancelled)))
            }
            ticket.call = handler.call(
              protocolId: protocolId, payload: payload, timeout: timeout,
              completion: { continuation.resume(returning: $0) })
          }
        }
      }
    } onCancel: {
      onLoop { handler in
        ticket.isCancelled = true
        if let call = ticket.call { handler.cancel(call) }
      }
    }
    switch outcome {
    case .success(let answer): return answer
    case .failure(.callFailed(.cancelled)): throw CancellationError()
    case .failure(let error): throw error
    }
  }

  /// Calls the peer; the fast way from a handler. There is no room to wait for: a full queue fails the call.
  public func call(
    _ protocolId: Int64, _ payload: ByteBuffer = ByteBuffer(), timeout: Duration? = .seconds(10),
    completion: @escaping CallCompletion
  ) {
    onLoop { handler in
      _ = handler.call(protocolId: protocolId, payload: payload, timeout: timeout, completion: completion)
    }
  }

  /// Lets the next call try this serial number, for tests of what comes behind the last one.
  package func continueNumbering(from sn: UInt32) {
    onLoop { handler in
      handler.perform { conversation, actions in
        conversation.continueNumbering(from: sn, at: LoopResources.now(), into: &actions)
      }
    }
  }

  // MARK: - Closing

  /// Closes the connection. Calls that wait fail at once; what is queued goes out first.
  ///
  /// - Parameters:
  ///   - code: the close code; nil: a close frame with an empty body.
  ///   - reason: for people; cut to what a close frame holds.
  public func close(code: UInt16? = 1000, reason: String = "") {
    onLoop { $0.close(code: code, reason: reason) }
  }

  /// Waits for the end of the connection.
  ///
  /// - Returns: how it came about.
  public func ended() async -> ConnectionEnd {
    await withCheckedContinuation { continuation in
      whenEnded { continuation.resume(returning: $0) }
    }
  }

  /// Is told of the end of the connection, on the event loop; at once if it has ended.
  public func whenEnded(_ observer: @escaping @Sendable (ConnectionEnd) -> Void) {
    onLoop { $0.whenEnded(observer) }
  }

  /// Runs `body` on the event loop: at once if this is it.
  func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
    let handler = handler
    if handler.loop.eventLoop.inEventLoop { return body(handler) }
    handler.loop.eventLoop.execute { body(handler) }
  }

  /// Whether both are the same connection.
  public static func == (left: Connection, right: Connection) -> Bool { left.handler === right.handler }

  /// Hashes which connection it is.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(handler)) }
}

/// A call that an async caller may cancel; touched on the event loop only.
private final class CallTicket: @unchecked Sendable {
  var call: CallID?
  var isCancelled = false
}
