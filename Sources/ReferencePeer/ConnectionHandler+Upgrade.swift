import Conversation
import Deflate
import FrameCodec
import Logging
import NIOCore
import Negotiation
import Specification
import WebSocketCodec

extension ConnectionHandler {
  // MARK: - Server

  /// The client is let in.
  ///
  /// - Parameters:
  ///   - details: what is known of it.
  ///   - response: the bytes of the 101; nil where somebody else has sent it.
  func accept(_ details: ConnectionDetails, _ response: [UInt8]?) {
    open(details)
    enter(response)
  }

  /// The client is not let in; `reason` is for people.
  func refuse(_ response: UpgradeResponse, _ reason: String) {
    ending.note(.handshakeFailed, reason)
    settings.logger.info(
      "upgrade refused",
      metadata: [
        "status": "\(response.status)", "reason": "\(reason)",
        "remote": "\(context?.remoteAddress.map { String(decoding: Self.text($0), as: UTF8.self) } ?? "")",
      ])
    if let bytes = try? response.bytes() { writeRaw(bytes) }
    closeTransport()
  }

  // MARK: - Client

  func readUpgradeResponse(_ buffer: inout ByteBuffer, _ parser: inout UpgradeResponseParser) {
    if let stranger = dial?.received(buffer.readableBytesView) { return giveUpDialing(stranger) }
    let outcome = buffer.withUnsafeReadableBytes { parser.read($0.bytes) }
    switch outcome {
    case .incomplete:
      phase = .dialing(parser)
    case .violation(let error, let head, _): giveUpDialing(error.failure(head))
    case .upgraded(let answer, let taken):
      buffer.moveReaderIndex(forwardBy: taken)
      guard let dial else { return }
      let asked = dial.metadata
      open(
        ConnectionDetails(
          metadata: asked,
          selection: NegotiatedSelection(
            version: answer.version ?? asked.version, charset: answer.charset ?? asked.charset,
            selectedProtocol: answer.selectedProtocol),
          address: context?.remoteAddress.map(Self.text) ?? [], deflate: answer.deflate))
      self.dial = nil
      settings.callbacks.established?(handle)
      dial.succeed(handle)
      if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
    }
  }

  /// Ends an attempt to connect, and says why.
  func giveUpDialing(_ failure: DialFailure) {
    dial?.note(failure)
    ending.note(.handshakeFailed, failure.reason)
    context?.close(promise: nil)
  }

  private static func text(_ address: SocketAddress) -> [UInt8] {
    Array(ClientAddress.peer(host: address.ipAddress ?? "", port: UInt16(clamping: address.port ?? 0)).utf8)
  }
}
