import Deflate
import Testing
import WebSocketCodec

/// What a receiver that has a handler answers to bytes, line by line, whichever side it is.
///
/// The receiver answers id 2 with id 3. Everything is written in one go unless told.
struct ReceiverScript: CustomTestStringConvertible, Sendable {
  enum Compression: Sendable {
    case none
    case withoutTakeover
    case withTakeover
  }

  let name: String
  let requirements: [String]
  let compression: Compression
  /// What is written, one piece after the other, masked as a client's or not.
  let pieces: @Sendable (_ masked: Bool) -> [[UInt8]]
  /// What comes back. After a line `close …` the end is awaited.
  let lines: [String]
  /// The close codes that are as good as the one in `lines`.
  let otherCodes: [UInt16]

  var testDescription: String { name }

  private init(
    _ name: String, _ requirements: [String], deflate compression: Compression = .none, _ lines: [String],
    otherCodes: [UInt16] = [], inPieces: Bool = false, _ bytes: @escaping @Sendable (Bool) -> [UInt8]
  ) {
    self.name = name
    self.requirements = requirements
    self.compression = compression
    self.lines = lines
    self.otherCodes = otherCodes
    pieces = { masked in inPieces ? bytes(masked).map { [$0] } : [bytes(masked)] }
  }

  // MARK: - What is sent, and what comes back

  private static func frame(_ sn: UInt32, _ payload: String = "") -> [UInt8] {
    Wire.frame(2, sn: sn, Array(payload.utf8))
  }

  private static func call(_ sn: UInt32, _ masked: Bool, _ payload: String = "") -> [UInt8] {
    Wire.webSocket(.binary, frame(sn, payload), masked: masked)
  }

  private static func answer(_ sn: UInt32, _ payload: String = "") -> String {
    "binary " + RawSocket.hex(Wire.frame(3, sn: sn, Array(payload.utf8)))
  }

  private static func compressed(_ payload: [UInt8], _ masked: Bool, fin: Bool = true) -> [UInt8] {
    Wire.webSocket(.binary, payload, masked: masked, fin: fin, rsv: 4)
  }

  /// Stored blocks of DEFLATE (RFC 1951 section 3.2.4).
  private static func stored(_ bytes: [UInt8], final: Bool = false) -> [UInt8] {
    let count = UInt16(bytes.count)
    let lengths = [count, ~count].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    return [final ? 1 : 0] + lengths + bytes
  }

  /// What a peer that keeps its window sends: the last refers back to the first.
  private static func withTakeover(_ messages: [[UInt8]], windowBits: Int = 15) -> [[UInt8]] {
    guard let deflater = try? Deflater(windowBits: windowBits, contextTakeover: true) else { return [] }
    return messages.map { message in
      var output: [UInt8] = []
      try? deflater.deflate(message.span.bytes, into: &output)
      return output
    }
  }

  private static let words = (0..<40).map { "word \($0) of many" }.joined(separator: ", ")
  private static let limit = 524_288

  static let all = calls + ends + fragments + deflate

  private static let calls = [
    ReceiverScript("the same sn twice in flight", ["rpc.sn.duplicate"], [answer(8, "a"), answer(8, "b")]) {
      call(8, $0, "a") + call(8, $0, "b")
    },
    ReceiverScript(
      "answers that nobody waits for, of either parity", ["rpc.answer.unknown", "rpc.dispatch.direction"], [answer(7)]
    ) {
      Wire.webSocket(.binary, Wire.frame(3, sn: 2), masked: $0)
        + Wire.webSocket(.binary, Wire.frame(3, sn: 3), masked: $0) + call(7, $0)
    },
    ReceiverScript("a message with a handler that answers it", ["frame.sn.one-way"], [answer(0, "x")]) {
      call(0, $0, "x")
    },
    ReceiverScript(
      "protocolIds of all bits, without a handler", ["frame.protocol-id.range", "dispatch.unknown.silent"], [answer(2)]
    ) {
      Wire.webSocket(.binary, Wire.frame(.max, sn: 4), masked: $0)
        + Wire.webSocket(.binary, Wire.frame(0x8000_0002, sn: 6), masked: $0) + call(2, $0)
    },
    ReceiverScript(
      "a displacement with an sn", ["hub.displacement.from-client", "hub.displacement.client.broken"], [answer(2)]
    ) {
      Wire.webSocket(.binary, Wire.frame(0x7FFF_FFFF, sn: 2, [0x0A, 0xFF]), masked: $0) + call(2, $0)
    },
    ReceiverScript("a ping of 125 bytes", ["ws.ping.answer", "ws.pong.payload"], ["pong " + RawSocket.hex(long)]) {
      Wire.webSocket(.ping, long, masked: $0)
    },
    ReceiverScript("pings and pongs between calls", ["ws.pong.unsolicited"], ["pong 01", answer(2), "pong", answer(4)])
    {
      Wire.webSocket(.ping, [1], masked: $0) + call(2, $0) + Wire.webSocket(.pong, [2], masked: $0)
        + Wire.webSocket(.ping, [], masked: $0) + call(4, $0)
    },
  ]

  private static let long = [UInt8](repeating: 0x5A, count: 125)

  private static let ends = [
    ReceiverScript("a close without a body", ["close.echo", "close.body.empty"], ["close -"]) {
      Wire.webSocket(.close, [], masked: $0)
    },
    ReceiverScript("a close with a reason", ["close.echo", "close.code.accept"], ["close 3000"]) {
      Wire.webSocket(.close, [0x0B, 0xB8] + Array("because".utf8), masked: $0)
    },
    ReceiverScript("a call behind a close", ["close.after.receive"], ["close 1000"]) {
      Wire.webSocket(.close, [3, 0xE8], masked: $0) + call(2, $0)
    },
    ReceiverScript("a call behind a violation", ["ws.violation.stop"], ["close 1002"]) {
      Wire.raw(3, [], masked: $0) + call(2, $0)
    },
    ReceiverScript("a call behind a broken frame", ["malformed.delivery", "malformed.fail"], ["close 1002"]) {
      Wire.webSocket(.binary, [0xFE], masked: $0) + call(2, $0)
    },
    ReceiverScript(
      "a call before a violation", ["malformed.websocket", "close.violation"], [answer(2), "close 1002"]
    ) {
      call(2, $0) + Wire.raw(3, [], masked: $0)
    },
    ReceiverScript("a small frame in a message above the limit", ["ws.message.limit"], ["close 1009"]) {
      Wire.webSocket(.binary, frame(2) + [UInt8](repeating: 0, count: limit), masked: $0)
    },
    ReceiverScript("a message above the limit in fragments", ["ws.message.limit"], ["close 1009"]) { masked in
      let part = [UInt8](repeating: 0, count: limit / 4)
      return Wire.webSocket(.binary, part, masked: masked, fin: false)
        + (0..<4).flatMap { _ in Wire.webSocket(.continuation, part, masked: masked, fin: false) }
    },
  ]

  private static let fragments = [
    ReceiverScript("calls that come byte by byte", ["ws.stream.cuts"], [answer(2, "ab"), answer(4)], inPieces: true) {
      call(2, $0, "ab") + call(4, $0)
    },
    ReceiverScript(
      "fragments of a header, and empty ones first and last", ["frame.message.fragmented", "ws.fragment.empty"],
      [answer(2, "ab")]
    ) {
      let bytes = frame(2, "ab")
      return Wire.webSocket(.binary, [], masked: $0, fin: false)
        + Wire.webSocket(.continuation, Array(bytes[..<3]), masked: $0, fin: false)
        + Wire.webSocket(.continuation, Array(bytes[3...]), masked: $0, fin: false)
        + Wire.webSocket(.continuation, [], masked: $0)
    },
    ReceiverScript(
      "a ping and a pong between fragments", ["ws.fragment.control"], ["pong 07", answer(2, "ab")]
    ) {
      let bytes = frame(2, "ab")
      return Wire.webSocket(.binary, Array(bytes[..<9]), masked: $0, fin: false)
        + Wire.webSocket(.ping, [7], masked: $0) + Wire.webSocket(.pong, [8], masked: $0)
        + Wire.webSocket(.continuation, Array(bytes[9...]), masked: $0)
    },
    ReceiverScript("a close between fragments", ["ws.fragment.control", "close.echo"], ["close 1000"]) {
      Wire.webSocket(.binary, [0xFE], masked: $0, fin: false) + Wire.webSocket(.close, [3, 0xE8], masked: $0)
    },
  ]

  private static let deflate = [
    ReceiverScript("a compressed call", ["deflate.plain"], deflate: .withoutTakeover, [answer(2, words), answer(4)]) {
      compressed(ReceiverRule.deflated(frame(2, words)), $0) + call(4, $0)
    },
    ReceiverScript(
      "a compressed call, byte by byte", ["ws.stream.cuts"], deflate: .withoutTakeover, [answer(2)], inPieces: true
    ) {
      compressed(ReceiverRule.deflated(frame(2)), $0)
    },
    ReceiverScript(
      "a compressed call in fragments", ["deflate.fragments"], deflate: .withoutTakeover, [answer(2, words)]
    ) {
      let bytes = ReceiverRule.deflated(frame(2, words))
      return compressed([], $0, fin: false) + Wire.webSocket(.continuation, [bytes[0]], masked: $0, fin: false)
        + Wire.webSocket(.continuation, Array(bytes[1...]), masked: $0, fin: false)
        + Wire.webSocket(.continuation, [], masked: $0)
    },
    ReceiverScript(
      "stored blocks, empty ones among them", ["deflate.blocks"], deflate: .withoutTakeover, [answer(2, "ab")]
    ) {
      let bytes = frame(2, "ab")
      return compressed(stored(Array(bytes[..<5])) + stored([]) + stored(Array(bytes[5...])) + [0], $0)
    },
    ReceiverScript(
      "a last block with BFINAL", ["deflate.bfinal"], deflate: .withoutTakeover, [answer(2, "ab"), answer(4)]
    ) {
      compressed(stored(frame(2, "ab"), final: true), $0) + compressed(ReceiverRule.deflated(frame(4)), $0)
    },
    ReceiverScript(
      "a last block with BFINAL and a 00 behind it", ["deflate.bfinal"], deflate: .withoutTakeover,
      [answer(2, "ab"), answer(4)]
    ) {
      compressed(stored(frame(2, "ab"), final: true) + [0], $0) + compressed(ReceiverRule.deflated(frame(4)), $0)
    },
    // A receiver may take this (deflate.tail.receive); ours finds an unfinished block.
    ReceiverScript(
      "00 00 FF FF left on", ["deflate.tail", "deflate.tail.receive"], deflate: .withoutTakeover, ["close 1007"],
      otherCodes: [1002]
    ) {
      compressed(ReceiverRule.deflated(frame(2)) + [0, 0, 0xFF, 0xFF], $0)
    },
    ReceiverScript(
      "a compressed message of the limit", ["ws.message.limit.accept"], deflate: .withoutTakeover, [answer(2)]
    ) {
      compressed(ReceiverRule.deflated(Wire.frame(999, [UInt8](repeating: 0, count: limit - 8))), $0) + call(2, $0)
    },
    ReceiverScript(
      "a compressed frame above the limit", ["deflate.limit", "frame.length.limit.reject"], deflate: .withoutTakeover,
      ["close 1009"]
    ) {
      compressed(ReceiverRule.deflated(Wire.frame(999, [UInt8](repeating: 0, count: limit - 7))), $0)
    },
    ReceiverScript(
      "a window that is shared although it must not be", ["deflate.no-takeover", "deflate.invalid"],
      deflate: .withoutTakeover,
      [answer(2, words), "close 1007"], otherCodes: [1002]
    ) { masked in
      withTakeover([frame(2, words), frame(4, words)]).flatMap { compressed($0, masked) }
    },
    ReceiverScript(
      "a window that is shared", ["deflate.takeover"], deflate: .withTakeover, [answer(2, words), answer(4, words)]
    ) { masked in
      withTakeover([frame(2, words), frame(4, words)]).flatMap { compressed($0, masked) }
    },
    ReceiverScript(
      "a window that is shared, with a plain message between", ["deflate.takeover", "deflate.plain"],
      deflate: .withTakeover,
      [answer(2, words), answer(6), answer(4, words)]
    ) { masked in
      let messages = withTakeover([frame(2, words), frame(4, words)])
      return compressed(messages[0], masked) + call(6, masked) + compressed(messages[1], masked)
    },
    ReceiverScript(
      "RSV1 and a plain text message that is not UTF-8", ["ws.text.utf8.code"], deflate: .withoutTakeover,
      ["close 1007"]
    ) {
      Wire.webSocket(.text, stored([0xC0, 0x80]) + [0], masked: $0, rsv: 4)
    },
  ]
}
