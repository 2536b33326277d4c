package import Conversation
package import FrameCodec
import NIOCore
package import Negotiation
package import WebSocketCodec

/// One deliberate fault of a peer, by which a test proves that it can fail.
///
/// The hooks stand where the core's inputs and outputs pass, and are asked only where a configuration has a mutation; no other
/// peer pays for them. Each gets what is right, and gives what the faulty peer does instead.
package struct PeerMutation: Sendable {
  /// A message as the WebSocket layer gives it, unmasked and inflated, before it is read as a frame.
  package struct Message: Sendable {
    package var bytes: [UInt8]
    package var isText: Bool
    package let isCompressed: Bool
    package let isDeflateAgreed: Bool
    package let revision: Revision
  }

  /// A frame of the protocol.
  package struct Frame: Sendable {
    package var protocolId: Int64
    package var sn: UInt32
    package var payload: [UInt8]
  }

  /// A WebSocket frame that goes out.
  package struct WireFrame: Sendable {
    package var fin: Bool
    package var rsv: UInt8
    package var opcode: UInt8
    package var maskingKey: UInt32?
    package var lengthForm: WebSocketFrameHeader.LengthForm
    package var payload: [UInt8]
    /// Whether the payload is masked with the key; without it the key is only written.
    package var isPayloadMasked = true
  }

  /// The head of an upgrade request, as it came.
  package var requestHead: (@Sendable (inout String) -> Void)?

  /// The answer to an upgrade request.
  package var response: (@Sendable (inout UpgradeResponse, _ isGranted: Bool) -> Void)?

  /// What the server takes from the upgrade for the connection.
  package var details: (@Sendable (ConnectionDetails) -> ConnectionDetails)?

  /// Violations of the WebSocket layer that are overlooked; nil: none.
  package var overlooks: (@Sendable (WebSocketViolation.Code) -> Bool)?

  /// A message before it is read as a frame; false: it is dropped.
  package var message: (@Sendable (inout Message) -> Bool)?

  /// A compressed message before it is inflated; false: it is dropped.
  package var compressed: (@Sendable ([UInt8]) -> Bool)?

  /// Whether a message that came in pieces is taken.
  package var assembled: (@Sendable (_ isCompressed: Bool) -> Bool)?

  /// Whether a message that cannot be inflated is dropped, and nothing more.
  package var overlooksInflateErrors = false

  /// A frame that came in, before the conversation gets it; false: it is dropped.
  package var received: (@Sendable (inout Frame, Connection) -> Bool)?

  /// A control frame that came in; false: it is dropped.
  package var control: (@Sendable (inout WebSocketOpcode, inout [UInt8]) -> Bool)?

  /// What follows from an event.
  package var actions: (@Sendable ([TimedAction]) -> [TimedAction])?

  /// A frame that goes out, and the connection; what goes out instead, and where.
  package var sent: (@Sendable (Frame, Connection) -> [(frame: Frame, to: Connection)])?

  /// A frame for a connection that is no longer open: who gets it instead, if anybody.
  package var late: (@Sendable (Frame, Connection) -> Connection?)?

  /// The header of a frame that goes out, as encoded.
  package var header: (@Sendable (inout [UInt8]) -> Void)?

  /// A WebSocket frame that goes out; what goes out instead.
  package var wire: (@Sendable (WireFrame) -> [WireFrame])?

  /// Whether an upgrade request that comes in pieces is refused.
  package var wantsWholeRequests = false

  /// Whether a newcomer is sent away where somebody has its identity.
  package var refusesNewcomers = false

  /// Whether a newcomer takes an identity without displacing who has it.
  package var displacesNobody = false

  /// Changes the server's configuration.
  package var configuration: (@Sendable (inout ServerConfiguration) -> Void)?

  /// A peer without faults.
  package init() {}

  /// The same with the faults of another; where both have one in the same place, this one comes first.
  package func and(_ other: PeerMutation) -> PeerMutation {
    var both = self
    both.requestHead = Self.both(requestHead, other.requestHead)
    both.response = { first, second in
      guard let first, let second else { return first ?? second }
      return { response, isGranted in
        first(&response, isGranted)
        second(&response, isGranted)
      }
    }(response, other.response)
    both.details = { first, second in
      guard let first, let second else { return first ?? second }
      return { second(first($0)) }
    }(details, other.details)
    both.overlooks = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) || second($0) }
    }(overlooks, other.overlooks)
    both.message = Self.both(message, other.message)
    both.compressed = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) && second($0) }
    }(compressed, other.compressed)
    both.assembled = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0) && second($0) }
    }(assembled, other.assembled)
    both.overlooksInflateErrors = overlooksInflateErrors || other.overlooksInflateErrors
    both.received = { first, second in
      guard let first, let second else { return first ?? second }
      return { first(&$0, $1) && second(&$0, $1) }
    }(received, other.received)
    both.control = { first, second in
      guard let first, let second else { return first ?? second }
      return { first(&$0, &$1) && second(&$0, &$1) }
    }(control, other.control)
    both.wantsWholeRequests = wantsWholeRequests || other.wantsWholeRequests
    both.refusesNewcomers = refusesNewcomers || other.refusesNewcomers
    both.actions = { first, second in
      guard let first, let second else { return first ?? second }
      return { second(first($0)) }
    }(actions, other.actions)
    both.sent = { first, second in
      guard let first, let second else { return first ?? second }
      return { frame, connection in first(frame, connection).flatMap { second($0.frame, $0.to) } }
    }(sent, other.sent)
    both.late = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0, $1) ?? second($0, $1) }
    }(late, other.late)
    both.header = Self.both(header, other.header)
    both.wire = { first, second in
      guard let first, let second else { return first ?? second }
      return { first($0).flatMap(second) }
    }(wire, other.wire)
    both.displacesNobody = displacesNobody || other.displacesNobody
    both.configuration = Self.both(configuration, other.configuration)
    return both
  }

  private typealias Change<Value> = @Sendable (inout Value) -> Void
  private typealias Filter<Value> = @Sendable (inout Value) -> Bool

  private static func both<Value>(_ first: Change<Value>?, _ second: Change<Value>?) -> Change<Value>? {
    guard let first, let second else { return first ?? second }
    return { value in
      first(&value)
      second(&value)
    }
  }

  private static func both<Value>(_ first: Filter<Value>?, _ second: Filter<Value>?) -> Filter<Value>? {
    guard let first, let second else { return first ?? second }
    return { value in first(&value) && second(&value) }
  }
}

extension Connection {
  /// The other connections of the server, for faults that mix them up.
  package var others: [Connection] {
    var others: [Connection] = []
    handler.settings.hub?.forEach { if $0.number != number { others.append($0) } }
    return others
  }
}

extension ConnectionHandler {
  /// The request as the mutation has it, where its whole head came at once.
  func mutateRequest(_ buffer: inout ByteBuffer, _ change: (inout String) -> Void) {
    var text = String(buffer: buffer)
    guard text.contains("\r\n\r\n") else { return }
    change(&text)
    buffer = ByteBuffer(string: text)
  }

  /// The details as the mutation has them.
  func mutated(_ details: ConnectionDetails) -> ConnectionDetails {
    settings.mutation?.details?(details) ?? details
  }

  /// A message as the mutation has it; nil: it is dropped.
  func mutated(
    _ message: ByteBuffer, isText: Bool, isCompressed: Bool, _ change: (inout PeerMutation.Message) -> Bool
  ) -> (message: ByteBuffer, isText: Bool)? {
    var changed = PeerMutation.Message(
      bytes: Array(message.readableBytesView), isText: isText, isCompressed: isCompressed,
      isDeflateAgreed: details?.deflate != nil, revision: revision)
    guard change(&changed) else { return nil }
    return (ByteBuffer(bytes: changed.bytes), changed.isText)
  }

  /// Writes a frame as the mutation has it: perhaps twice, to somebody else, or not at all.
  func writeMutated(
    _ change: (PeerMutation.Frame, Connection) -> [(frame: PeerMutation.Frame, to: Connection)],
    protocolId: Int64, sn: UInt32, payload: ByteBuffer
  ) {
    let frame = PeerMutation.Frame(protocolId: protocolId, sn: sn, payload: Array(payload.readableBytesView))
    for (frame, connection) in change(frame, handle) { connection.handler.writeUncounted(frame) }
  }

  /// Writes a frame that no queue knows of.
  func writeUncounted(_ frame: PeerMutation.Frame) {
    eventLoopExecute {
      guard self.conversation.isOpen else { return }
      self.encodeAndWrite(
        protocolId: frame.protocolId, sn: frame.sn, payload: ByteBuffer(bytes: frame.payload))
    }
  }

  /// Queues a WebSocket frame as it is.
  func write(_ frame: PeerMutation.WireFrame) {
    var bytes: [UInt8] = []
    WebSocketFrameHeader(
      fin: frame.fin, rsv: frame.rsv, opcode: frame.opcode, maskingKey: frame.maskingKey,
      payloadLength: UInt64(frame.payload.count), lengthForm: frame.lengthForm
    ).append(to: &bytes)
    var payload = frame.payload
    if let key = frame.maskingKey, frame.isPayloadMasked {
      payload.withUnsafeMutableBytes { Masking.apply(key, to: $0) }
    }
    writeRaw(bytes + payload)
  }

  private func eventLoopExecute(_ body: @escaping @Sendable () -> Void) {
    if loop.eventLoop.inEventLoop { body() } else { loop.eventLoop.execute(body) }
  }
}
