import Deflate
import NIOCore
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// An offer of permessage-deflate, and what a server answers that is content with anything.
struct DeflateOfferRule: CustomTestStringConvertible, Sendable {
  let requirement: String
  let offer: String
  /// The value of `Sec-WebSocket-Extensions` in the 101; nil: there is none.
  let answer: String?
  /// The window that its messages must fit in.
  let windowBits: Int

  var testDescription: String { offer }

  private init(_ requirement: String, _ offer: String, _ answer: String?, windowBits: Int = 15) {
    self.requirement = requirement
    self.offer = offer
    self.answer = answer
    self.windowBits = windowBits
  }

  static let all = [
    DeflateOfferRule("deflate.offer.preference", "permessage-deflate", "permessage-deflate"),
    DeflateOfferRule(
      "deflate.offer.server-window", "permessage-deflate; server_max_window_bits=10",
      "permessage-deflate; server_max_window_bits=10", windowBits: 10),
    DeflateOfferRule(
      "deflate.offer.window-eight", "permessage-deflate; server_max_window_bits=8",
      "permessage-deflate; server_max_window_bits=8", windowBits: 9),
    DeflateOfferRule(
      "deflate.offer.quoted", "permessage-deflate; server_max_window_bits=\"11\"",
      "permessage-deflate; server_max_window_bits=11", windowBits: 11),
    DeflateOfferRule(
      "deflate.offer.server-no-context", "permessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover"),
    DeflateOfferRule("deflate.offer.unknown-parameter", "permessage-deflate; level=9", nil),
    DeflateOfferRule("deflate.offer.invalid-value", "permessage-deflate; server_max_window_bits=16", nil),
    DeflateOfferRule("deflate.offer.invalid-value", "permessage-deflate; server_max_window_bits", nil),
    DeflateOfferRule(
      "deflate.offer.repeated-parameter",
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover", nil),
    DeflateOfferRule(
      "deflate.offer.preference", "permessage-deflate; level=9, x-other, permessage-deflate; server_max_window_bits=12",
      "permessage-deflate; server_max_window_bits=12", windowBits: 12),
    DeflateOfferRule("deflate.offer.other", "x-webkit-deflate-frame", nil),
  ]
}

@Suite("Compression, on the wire", .timeLimit(.minutes(10)))
struct DeflateWindowTests {
  /// Repeats itself after 1,500 bytes: a window of 10 bits cannot refer back so far, one of 11 can and does.
  private static let payload = (0..<3).flatMap { _ in (0..<1500).map { UInt8(truncatingIfNeeded: ($0 * $0 * 7) >> 5) } }

  /// What a line of a compressed message inflates to in a window; nil: it does not.
  private func inflated(_ line: String?, windowBits: Int) throws -> [UInt8]? {
    let prefix = "binary compressed "
    guard let line, line.hasPrefix(prefix) else { return nil }
    let bytes = stride(from: 0, to: line.utf8.count - prefix.utf8.count, by: 2).compactMap { start in
      UInt8(line.dropFirst(prefix.utf8.count + start).prefix(2), radix: 16)
    }
    var output: [UInt8] = []
    try Inflater(windowBits: windowBits, contextTakeover: false)
      .inflate(bytes.span.bytes, maxLength: 1 << 20, into: &output)
    return output
  }

  @Test("A server accepts an offer and keeps to it, or declines it", arguments: DeflateOfferRule.all)
  func server(rule: DeflateOfferRule) async throws {
    let options = CompressionOptions(level: 9, acceptance: DeflateConfiguration())
    try await withServer({ $0.options.compression = options }) { server in
      let socket = try await RawSocket.connect(port: server.server.port, allowsCompression: true)
      socket.write(HTTPExchange.request(adding: ["Sec-WebSocket-Extensions: \(rule.offer)"]))
      let prefix = "Sec-WebSocket-Extensions: "
      let lines = await socket.requestHead().split(separator: "\r\n")
      #expect(lines.first == "HTTP/1.1 101 Switching Protocols")
      #expect(lines.filter { $0.hasPrefix(prefix) } == (rule.answer.map { [Substring(prefix + $0)] } ?? []))
      socket.write(Wire.webSocket(.binary, Wire.frame(2, sn: 2, Self.payload), masked: true))
      let answer = await socket.lines.next(1).first
      let frame = Wire.frame(3, sn: 2, Self.payload)
      if rule.answer == nil {
        #expect(answer == "binary " + RawSocket.hex(frame))
      } else {
        #expect(try inflated(answer, windowBits: rule.windowBits) == frame)
        if rule.windowBits > 10 { #expect(throws: DeflateError.self) { try inflated(answer, windowBits: 10) } }
      }
      socket.close()
    }
  }

  @Test("A client keeps to the window that the server gave it", arguments: [9, 10, 15])
  func client(bits: Int) async throws {
    try await withRawServer(allowsCompression: true) { server in
      let offer = DeflateOffer(clientNoContextTakeover: true, clientMaxWindowBits: .anyBits)
      let answer = "permessage-deflate; client_no_context_takeover; client_max_window_bits=\(bits)"
      let (socket, connection) = try await server.connect(fields: "Sec-WebSocket-Extensions: \(answer)\r\n") {
        $0.options.compression = CompressionOptions(level: 9, offer: offer)
      }
      for _ in 0..<2 {
        connection.send(5, ByteBuffer(bytes: Self.payload), completion: nil)
        // Each message stands alone: it inflates without the one before.
        let line = await socket.lines.next(1).first
        #expect(try inflated(line, windowBits: bits) == Wire.frame(5, Self.payload))
      }
      socket.close()
      _ = await connection.ended()
    }
  }

  @Test("Control frames are never compressed, small messages only if asked for", arguments: [0, 1000])
  func controls(minimumLength: Int) async throws {
    try await withServer({ $0.options.compression = CompressionOptions(level: 0, minimumLength: minimumLength) }) {
      server in
      let socket = try await RawSocket.upgraded(port: server.server.port, deflate: true)
      socket.write(
        Wire.webSocket(.ping, [0x61], masked: true) + Wire.webSocket(.binary, Wire.frame(2, sn: 2), masked: true)
          + Wire.webSocket(.close, [3, 0xE8], masked: true))
      let lines = await socket.lines.next(4)
      try #require(lines.count == 4)
      #expect([lines[0], lines[2], lines[3]] == ["pong 61", "close 1000", "end"])
      if minimumLength == 0 {
        // Level 0 is stored blocks, with RSV1 all the same.
        #expect(try inflated(lines[1], windowBits: 15) == Wire.frame(3, sn: 2))
      } else {
        #expect(lines[1] == "binary " + RawSocket.hex(Wire.frame(3, sn: 2)))
      }
    }
  }
}
