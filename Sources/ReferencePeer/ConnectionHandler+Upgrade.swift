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

  /// Ends an attempt to connect, and says why.
  func giveUpDialing(_ failure: DialFailure) {
    dial?.note(failure)
    ending.note(.handshakeFailed, failure.reason)
    context?.close(promise: nil)
  }

  static func text(_ address: SocketAddress) -> [UInt8] {
    Array(ClientAddress.peer(host: address.ipAddress ?? "", port: UInt16(clamping: address.port ?? 0)).utf8)
  }
}
