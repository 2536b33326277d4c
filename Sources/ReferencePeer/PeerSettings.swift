import Conversation
import Logging
public import NIOCore
import Negotiation
public import Specification
import Synchronization

/// What all connections of one server or client share; it does not change.
final class PeerSettings: Sendable {
  let role: PeerRole
  let options: ConnectionOptions
  let handlers: Handlers
  let handlerTable: HandlerTable
  let callbacks: ConnectionCallbacks
  let messageHandler: WebSocketMessageHandler?
  let logger: Logger
  let handshakePolicy: HandshakePolicy
  let admission: (@Sendable (UpgradeRequest) -> Admission)?
  let trustsProxyFields: Bool
  let hub: Hub?
  let observer: (any TrafficObserver)?

  /// The options in the units of the hot paths.
  let readWait: Int64?
  let writeWait: Int64?
  let closeWait: Int64
  let handshakeWait: Int64
  let maxMessageLength: Int

  private let numbers: ConnectionNumbers

  init(
    role: PeerRole, options: ConnectionOptions, handlers: Handlers, callbacks: ConnectionCallbacks,
    messageHandler: WebSocketMessageHandler? = nil, logger: Logger,
    handshakePolicy: HandshakePolicy = HandshakePolicy(), admission: (@Sendable (UpgradeRequest) -> Admission)? = nil,
    trustsProxyFields: Bool = false, hub: Hub? = nil,
    observer: (any TrafficObserver)? = nil, numbers: ConnectionNumbers = ConnectionNumbers()
  ) {
    self.role = role
    self.options = options
    self.handlers = handlers
    handlerTable = handlers.table
    self.callbacks = callbacks
    self.messageHandler = messageHandler
    self.logger = logger
    self.handshakePolicy = handshakePolicy
    self.admission = admission
    self.trustsProxyFields = trustsProxyFields
    self.hub = hub
    self.observer = observer
    self.numbers = numbers
    readWait = options.readWait?.nanoseconds
    writeWait = options.writeWait?.nanoseconds
    closeWait = options.closeWait.nanoseconds
    handshakeWait = options.handshakeWait.nanoseconds
    maxMessageLength = Int(options.maxFrameLength) + 6
  }

  /// The number of the next connection, from 1 on.
  func nextConnectionNumber() -> UInt64 { numbers.next() }

  /// What a conversation is told when its connection opens.
  func conversationConfiguration(displacementProtocolId: Int64) -> ConversationConfiguration {
    ConversationConfiguration(
      handlers: handlerTable, readWait: readWait, writeWait: writeWait, closeWait: closeWait,
      queueLimit: options.sendQueueLimit, displacementProtocolId: displacementProtocolId)
  }
}

/// Numbers connections, from 1 on.
final class ConnectionNumbers: Sendable {
  private let count = Atomic<UInt64>(0)

  /// The next number.
  func next() -> UInt64 { count.add(1, ordering: .relaxed).newValue }
}

/// Sees the bytes that cross the sockets, inside of TLS; for recordings. Called on the connections' event loops.
public protocol TrafficObserver: Sendable {
  /// A connection was made; both endpoints as NIO knows them.
  func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?)

  /// Bytes came in.
  func received(_ bytes: ByteBuffer, connection: UInt64)

  /// Bytes are handed to the socket.
  func sent(_ bytes: ByteBuffer, connection: UInt64)

  /// The peer has ended its stream while this side's was open. Within TLS it is not told apart from the end of the connection.
  func peerEnded(connection: UInt64)

  /// The connection is closed.
  func closed(connection: UInt64)
}

extension TrafficObserver {
  /// Nothing: whoever does not care which side ended first need not have it.
  public func peerEnded(connection: UInt64) {}
}
