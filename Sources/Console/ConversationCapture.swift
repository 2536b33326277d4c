import CaptureFile
import Negotiation
import Specification
import StrictJSON
import WebSocketCodec

/// What a page saw of its conversation, as a capture that `inspect` and other tools open.
///
/// A page sees messages, not bytes: the packets, the upgrade and the WebSocket frames are made anew, uncompressed and in one piece.
/// The addresses are those that RFC 5737 keeps for documentation, since a page knows none.
enum ConversationCapture {
  private static let key = Base64.encode(Array("wireproofconsole".utf8))

  /// Makes a capture.
  ///
  /// - Parameter content: `connections`, each with `host`, `port`, `target` (path and query), `protocol` (the subprotocol or null),
  ///   `opened` (microseconds since 1970) and `messages`: objects with `time`, `from` (`client` or `server`), `opcode` (1, 2 or 8)
  ///   and `bytes` in hexadecimal digits.
  /// - Throws: ``BadRequest``.
  static func pcapng(of content: JSONValue) throws -> [UInt8] {
    guard let connections = content["connections"]?.arrayValue, !connections.isEmpty else {
      throw BadRequest("connections is missing or empty: there is nothing to save")
    }
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    for (index, connection) in connections.enumerated() {
      try write(connection, port: UInt16(truncatingIfNeeded: 49_152 + index), interface, into: &writer)
    }
    try writer.finish()
    return writer.takeBytes()
  }

  private static func write(
    _ connection: JSONValue, port: UInt16, _ interface: Int, into writer: inout CaptureWriter
  ) throws {
    let serverPort = connection["port"]?.intValue.flatMap { UInt16(exactly: $0) } ?? 80
    guard let client = SynthesisedFlow.Endpoint(address: [192, 0, 2, 1], port: port),
      let server = SynthesisedFlow.Endpoint(address: [192, 0, 2, 2], port: serverPort)
    else { return }
    var flow = SynthesisedFlow(client: client, server: server, interface: interface)
    let opened = try time(connection["opened"])
    let selected = connection["protocol"]?.stringValue.map { "Sec-WebSocket-Protocol: \(line($0))\r\n" } ?? ""
    let request =
      "GET \(line(try connection.text("target"))) HTTP/1.1\r\nHost: \(line(try connection.text("host")))\r\n"
      + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\(selected)Sec-WebSocket-Key: \(key)\r\n\r\n"
    let answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(selected)"
      + "Sec-WebSocket-Accept: \(SecWebSocketAccept.value(forKey: key))\r\n\r\n"
    try flow.data(from: .client, Array(request.utf8), at: opened, into: &writer)
    try flow.data(from: .server, Array(answer.utf8), at: opened, into: &writer)
    for message in connection["messages"]?.arrayValue ?? [] {
      guard let sender = PeerRole(rawValue: try message.text("from")) else {
        throw BadRequest("from is client or server")
      }
      guard let opcode = message["opcode"]?.intValue, [1, 2, 8].contains(opcode) else {
        throw BadRequest("opcode is 1, 2 or 8")
      }
      let frame = frame(UInt8(opcode), try message.bytes("bytes"), masked: sender == .client)
      try flow.data(from: sender, frame, at: try time(message["time"]), into: &writer)
    }
  }

  /// A WebSocket frame; clients mask, here with zeros, which leave the payload readable.
  private static func frame(_ opcode: UInt8, _ payload: [UInt8], masked: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    WebSocketFrameHeader(
      fin: true, rsv: 0, opcode: opcode, maskingKey: masked ? 0 : nil, payloadLength: UInt64(payload.count),
      lengthForm: .minimal(for: UInt64(payload.count))
    ).append(to: &bytes)
    return bytes + payload
  }

  private static func time(_ value: JSONValue?) throws(BadRequest) -> Int64 {
    guard let microseconds = value?.intValue, microseconds >= 0, microseconds < Int64.max / 1000 else {
      throw BadRequest("a time is missing, or not in microseconds since 1970")
    }
    return microseconds * 1000
  }

  /// Text that stands on one line of a head.
  private static func line(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F }))
  }
}
