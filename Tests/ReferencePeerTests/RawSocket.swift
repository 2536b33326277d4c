import Deflate
import NIOCore
import NIOPosix
import Negotiation
import Specification
import WebSocketCodec

/// One end of a TCP connection that writes whatever a test wants and tells what comes as lines of text.
final class RawSocket: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// `text …`, `binary …` (hex), `ping`, `pong …`, `close CODE`, `violation …`, `end`; before the upgrade `head …`.
  let lines = Inbox<String>()

  private let role: PeerRole
  private let upgrades: Bool
  private let promise: EventLoopPromise<RawSocket>?
  private var context: ChannelHandlerContext?
  private var head: HTTPHead = .awaited([])
  private var decoder: WebSocketDecoder

  private enum HTTPHead {
    case awaited([UInt8])
    case done
  }

  /// - Parameter upgrades: as a server, answers the upgrade request.
  init(
    role: PeerRole, allowsCompression: Bool, promise: EventLoopPromise<RawSocket>? = nil, upgrades: Bool = false
  ) {
    self.upgrades = upgrades
    self.role = role
    self.promise = promise
    decoder = WebSocketDecoder(
      WebSocketDecoder.Configuration(
        receiver: role, mode: .lenient, allowsCompression: allowsCompression, maxMessageLength: 64 << 20))
  }

  /// Connects to a port of this machine.
  static func connect(port: Int, allowsCompression: Bool = false) async throws -> RawSocket {
    let socket = RawSocket(role: .client, allowsCompression: allowsCompression)
    _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { $0.pipeline.addHandler(socket) }
      .connect(host: "127.0.0.1", port: port).get()
    return socket
  }

  /// Connects and upgrades.
  static func upgraded(port: Int, query: String = "uid=raw", deflate: Bool = false) async throws -> RawSocket {
    let socket = try await connect(port: port, allowsCompression: deflate)
    let extensions =
      deflate ? "permessage-deflate; server_no_context_takeover; client_no_context_takeover" : nil
    let draft = UpgradeRequestDraft(
      query: Array(query.utf8), host: "127.0.0.1", key: "dGhlIHNhbXBsZSBub25jZQ==", extensions: extensions)
    socket.write(try draft.bytes())
    _ = await socket.lines.next(1)
    return socket
  }

  func write(_ bytes: [UInt8]) {
    context?.eventLoop.execute { [self] in
      context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
  }

  func close() {
    context?.eventLoop.execute { [self] in context?.close(promise: nil) }
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = Array(unwrapInboundIn(data).readableBytesView)
    if case .awaited(var soFar) = head {
      soFar += bytes
      guard let end = soFar.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return head = .awaited(soFar) }
      head = .done
      lines.put("head " + String(decoding: soFar[..<end], as: UTF8.self))
      if upgrades {
        let policy = HandshakePolicy(compression: decoder.configuration.allowsCompression ? .init() : nil)
        let decision = HandshakeResponder.decide(bytes: Array(soFar[..<end]), policy: policy)
        let response = (try? decision.response.bytes()) ?? []
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: response)), promise: nil)
      }
      promise?.succeed(self)
      bytes = Array(soFar[end...])
    }
    var position = 0
    while let event = decoder.next(bytes.span.bytes, at: &position) {
      switch event {
      case .message(let message):
        let payload = decoder.withPayload(message.payload, of: bytes.span.bytes) { span in
          span.withUnsafeBytes { Array($0) }
        }
        lines.put("\(message.opcode) \(message.compressed ? "compressed " : "")\(Self.hex(payload))")
      case .control(let control) where control.opcode == .close:
        lines.put("close \(control.closeBody.code.map(String.init) ?? "-")")
      case .control(let control):
        lines.put(control.payload.isEmpty ? "\(control.opcode)" : "\(control.opcode) \(Self.hex(control.payload))")
      case .violation(let violation): lines.put("violation \(violation.code.rawValue)")
      case .lostMessage: break
      }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      lines.put("end")
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    lines.put("end")
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    lines.put("end")
    lines.finish()
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Bytes of the protocol for tests.
enum Wire {
  /// A frame of the current revision, its length right unless told.
  static func frame(_ protocolId: UInt32, sn: UInt32 = 0, _ payload: [UInt8] = [], length: UInt32? = nil) -> [UInt8] {
    [0xFE, 0xEF] + little(length ?? UInt32(8 + payload.count)) + little(protocolId) + little(sn) + payload
  }

  static func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

  /// A WebSocket frame; `masked` as a client's.
  static func webSocket(
    _ opcode: WebSocketOpcode = .binary, _ payload: [UInt8], masked: Bool, fin: Bool = true, rsv: UInt8 = 0,
    form: WebSocketFrameHeader.LengthForm? = nil
  ) -> [UInt8] {
    raw(opcode.rawValue, payload, masked: masked, fin: fin, rsv: rsv, form: form)
  }

  static func raw(
    _ opcode: UInt8, _ payload: [UInt8], masked: Bool, fin: Bool = true, rsv: UInt8 = 0,
    form: WebSocketFrameHeader.LengthForm? = nil, declared: UInt64? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    RawFrame(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: masked ? 0x1234_5678 : nil, lengthForm: form,
      declaredLength: declared, payload: payload
    ).append(to: &bytes)
    return bytes
  }
}
