public import Conversation
public import NIOCore

/// A frame as a handler gets it.
public struct ReceivedMessage: Sendable {
  /// The protocolId.
  public let protocolId: Int64

  /// The serial number: 0 for a one-way message.
  public let sn: UInt32

  /// What it is to the receiver, told by its serial number.
  public let kind: DeliveryKind

  /// The payload: a slice of the receive buffer. Whoever keeps it for long keeps the whole buffer (up to 64 KiB) alive, and
  /// should copy what it needs.
  public let payload: ByteBuffer

  /// The message with a payload that keeps no more memory alive than it needs.
  var compacted: ReceivedMessage {
    ReceivedMessage(protocolId: protocolId, sn: sn, kind: kind, payload: payload.compacted)
  }
}

/// Runs on the connection's event loop and must not block it.
public typealias MessageHandler = @Sendable (ReceivedMessage, Connection) -> Void

/// Runs as a task of its own, which is cancelled when its connection ends.
public typealias AsyncMessageHandler = @Sendable (ReceivedMessage, Connection) async throws -> Void

/// Where an async handler runs between its waits.
public enum HandlerPlace: Hashable, Sendable {
  /// In the concurrency pool of the process: for work that takes time.
  case pool

  /// On the connection's event loop, which it must not block: for handlers that send much or mostly wait. A message that it sends
  /// wakes no thread, and what it sends in one go is written in one go.
  case eventLoop
}

/// What to run for each protocolId.
public struct Handlers: Sendable {
  /// How a handler is run.
  enum Handler: Sendable {
    case onLoop(MessageHandler)
    case asTask(AsyncMessageHandler, HandlerPlace)
    case collected
  }

  private(set) var byProtocolId: [Int64: Handler] = [:]

  /// Whether any messages are collected.
  private(set) var collects = false

  /// Whether any handler runs as a task.
  private(set) var hasTasks = false

  /// No handlers: every frame but an awaited answer is dropped.
  public init() {}

  /// Registers a handler that runs on the event loop, the fast way; it replaces an earlier one.
  ///
  /// - Parameters:
  ///   - protocolId: 0 and the displacement id are never delivered.
  ///   - handler: must not block. Frames of one connection reach it in the order in which they came.
  public mutating func on(_ protocolId: Int64, _ handler: @escaping MessageHandler) {
    byProtocolId[protocolId] = .onLoop(handler)
  }

  /// Registers a handler that may wait; it replaces an earlier one. Calls are handled side by side, and so are answered in
  /// any order. An error that it throws is logged.
  ///
  /// - Parameters:
  ///   - protocolId: 0 and the displacement id are never delivered.
  ///   - place: where it runs between its waits.
  ///   - handler: runs as a task of its own, which is cancelled when the connection ends.
  public mutating func onAsync(
    _ protocolId: Int64, on place: HandlerPlace = .pool, _ handler: @escaping AsyncMessageHandler
  ) {
    byProtocolId[protocolId] = .asTask(handler, place)
    hasTasks = true
  }

  /// Keeps the messages with these protocolIds for whoever iterates over `Connection.messages`; it replaces their handlers.
  public mutating func collect(_ protocolIds: Int64...) {
    for protocolId in protocolIds { byProtocolId[protocolId] = .collected }
    collects = true
  }

  /// The protocolIds that have a handler, for a conversation.
  var table: HandlerTable { HandlerTable(Array(byProtocolId.keys)) }
}

/// What a program wants to be told about its connections. All run on the connection's event loop and must not block it.
public struct ConnectionCallbacks: Sendable {
  /// After the upgrade, before any message is read.
  public var established: (@Sendable (Connection) -> Void)?

  /// The connection is no longer open: it has left the hub, and its socket is not yet closed.
  public var closing: (@Sendable (Connection) -> Void)?

  /// The socket is closed; nothing follows.
  public var closed: (@Sendable (Connection, ConnectionEnd) -> Void)?

  /// A frame came in, with or without a handler: before anything is done with it.
  public var received: (@Sendable (Connection, ReceivedMessage) -> Void)?

  /// A ping came in, with its payload; its pong is on its way.
  public var pingReceived: (@Sendable (Connection, [UInt8]) -> Void)?

  /// A pong came in, with its payload.
  public var pongReceived: (@Sendable (Connection, [UInt8]) -> Void)?

  /// A client was told that a newer connection took its place.
  public var displaced: (@Sendable (Connection) -> Void)?

  /// No callbacks.
  public init() {}
}

/// Gets whole WebSocket messages instead of frames of the protocol, on the event loop: `isText`, then the payload.
public typealias WebSocketMessageHandler = @Sendable (_ isText: Bool, _ payload: ByteBuffer, Connection) -> Void
