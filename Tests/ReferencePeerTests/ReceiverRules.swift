import Deflate
import Specification
import Testing
import WebSocketCodec

/// What a receiver does with one input, whichever side it is: the rows of the specification's clauses on bad input.
struct ReceiverRule: CustomTestStringConvertible, Sendable {
  enum Outcome: Sendable {
    /// Nothing comes of it, and the next frame is served.
    case ignored
    /// This line comes, and the next frame is served.
    case answered(String)
    /// A close frame with one of these codes, then the end.
    case failed(Set<UInt16>)
  }

  let name: String
  let needsDeflate: Bool
  let outcome: Outcome
  /// What is sent, masked as a client's or not.
  let bytes: @Sendable (_ masked: Bool) -> [UInt8]

  var testDescription: String { name }

  private init(
    _ name: String, deflate: Bool = false, _ outcome: Outcome, _ bytes: @escaping @Sendable (Bool) -> [UInt8]
  ) {
    self.name = name
    needsDeflate = deflate
    self.outcome = outcome
    self.bytes = bytes
  }

  private static func message(_ name: String, _ outcome: Outcome, _ payload: [UInt8]) -> ReceiverRule {
    ReceiverRule(name, outcome) { Wire.webSocket(.binary, payload, masked: $0) }
  }

  private static let limit = 524_288

  static let all: [ReceiverRule] = frames + webSocket + closing + deflate

  private static let frames: [ReceiverRule] = [
    .message("an unknown protocolId", .ignored, Wire.frame(999, [1, 2, 3])),
    .message("an unknown protocolId with an sn", .ignored, Wire.frame(999, sn: 77)),
    .message("protocolId 0", .ignored, Wire.frame(0, [1])),
    .message("a displacement with a broken payload", .ignored, Wire.frame(0x7FFF_FFFF, [0xFF])),
    .message("an empty displacement", .ignored, Wire.frame(0x7FFF_FFFF)),
    .message("an empty message", .failed([1002]), []),
    .message("one byte", .failed([1002]), [0xFE]),
    .message("five bytes", .failed([1002]), [0xFE, 0xEF, 8, 0, 0]),
    .message("six bytes that announce 100", .failed([1002]), [0xFE, 0xEF] + Wire.little(100)),
    .message("six bytes that announce the limit", .failed([1002]), [0xFE, 0xEF] + Wire.little(UInt32(limit))),
    .message("13 bytes", .failed([1002]), Array(Wire.frame(2).dropLast())),
    .message("length 0", .failed([1002]), Wire.frame(2, length: 0)),
    .message("length 7", .failed([1002]), Wire.frame(2, length: 7)),
    .message("a byte after the frame", .failed([1002]), Wire.frame(2, [1]) + [0]),
    .message("two frames in one message", .failed([1002]), Wire.frame(2, [1]) + Wire.frame(2, [2])),
    .message("a wrong magic", .failed([1002]), [0xFE, 0xED] + Wire.frame(2).dropFirst(2)),
    .message("the magic swapped", .failed([1002]), [0xEF, 0xFE] + Wire.frame(2).dropFirst(2)),
    .message("length above the limit", .failed([1009]), Wire.frame(2, length: UInt32(limit) + 1)),
    .message("length 0xFFFFFFFF", .failed([1009]), Wire.frame(2, length: .max)),
    .message("a message above the limit", .failed([1009]), Wire.frame(2, [UInt8](repeating: 0, count: limit - 7))),
    ReceiverRule("a text message that holds a frame", .failed([1003, 1007])) {
      Wire.webSocket(.text, Wire.frame(2), masked: $0)
    },
    ReceiverRule("a text message", .failed([1003])) { Wire.webSocket(.text, Array("hello".utf8), masked: $0) },
  ]

  private static let webSocket: [ReceiverRule] =
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { opcode in
      ReceiverRule("opcode \(opcode)", .failed([1002])) { Wire.raw(opcode, [], masked: $0) }
    }
    + [1, 2, 4, 7].map { rsv in
      ReceiverRule("reserved bits \(rsv)", .failed([1002])) {
        Wire.webSocket(.binary, Wire.frame(2), masked: $0, rsv: rsv)
      }
    } + [
      ReceiverRule("the wrong masking", .failed([1002])) { Wire.webSocket(.binary, Wire.frame(2), masked: !$0) },
      ReceiverRule("a stray continuation", .failed([1002])) { Wire.webSocket(.continuation, [1], masked: $0) },
      ReceiverRule("a message within a message", .failed([1002])) {
        Wire.webSocket(.binary, [1], masked: $0, fin: false) + Wire.webSocket(.binary, [2], masked: $0)
      },
      ReceiverRule("a ping of 126 bytes", .failed([1002])) {
        Wire.webSocket(.ping, [UInt8](repeating: 1, count: 126), masked: $0)
      },
      ReceiverRule("a fragmented ping", .failed([1002])) { Wire.webSocket(.ping, [], masked: $0, fin: false) },
      ReceiverRule("a length of 16 bits that needs 7", .failed([1002])) {
        Wire.webSocket(.binary, Wire.frame(2), masked: $0, form: .sixteenBits)
      },
      ReceiverRule("a length of 64 bits that needs 7", .failed([1002])) {
        Wire.webSocket(.binary, Wire.frame(2), masked: $0, form: .sixtyFourBits)
      },
      ReceiverRule("a length with its top bit set", .failed([1002, 1009])) {
        Wire.raw(2, [], masked: $0, form: .sixtyFourBits, declared: 1 << 63)
      },
      ReceiverRule("2^40 bytes announced", .failed([1009])) {
        Wire.raw(2, [1, 2, 3], masked: $0, form: .sixtyFourBits, declared: 1 << 40)
      },
      ReceiverRule("a ping", .answered("pong 6162")) { Wire.webSocket(.ping, Array("ab".utf8), masked: $0) },
      ReceiverRule("a pong that nobody asked for", .ignored) { Wire.webSocket(.pong, [1], masked: $0) },
      ReceiverRule("text that is not UTF-8", .failed([1007])) { Wire.webSocket(.text, [0xC0, 0x80], masked: $0) },
    ]

  private static let closing: [ReceiverRule] =
    [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999].map { (code: UInt16) in
      ReceiverRule("close code \(code)", .failed([code])) {
        Wire.webSocket(.close, [UInt8(code >> 8), UInt8(code & 255)], masked: $0)
      }
    }
    + [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map { (code: UInt16) in
      ReceiverRule("close code \(code), which nobody may send", .failed([1002])) {
        Wire.webSocket(.close, [UInt8(code >> 8), UInt8(code & 255)], masked: $0)
      }
    } + [
      ReceiverRule("a close of one byte", .failed([1002])) { Wire.webSocket(.close, [3], masked: $0) },
      ReceiverRule("a close reason that is not UTF-8", .failed([1007])) {
        Wire.webSocket(.close, [3, 0xE8, 0xFF], masked: $0)
      },
    ]

  private static let deflate: [ReceiverRule] = [
    ReceiverRule("RSV1 on a ping", deflate: true, .failed([1002])) { Wire.webSocket(.ping, [], masked: $0, rsv: 4) },
    ReceiverRule("RSV1 on a continuation", deflate: true, .failed([1002])) {
      Wire.webSocket(.binary, [0x4A], masked: $0, fin: false, rsv: 4)
        + Wire.webSocket(.continuation, [0], masked: $0, rsv: 4)
    },
    ReceiverRule("RSV2", deflate: true, .failed([1002])) { Wire.webSocket(.binary, Wire.frame(2), masked: $0, rsv: 2) },
    ReceiverRule("invalid deflate data", deflate: true, .failed([1002, 1007])) {
      Wire.webSocket(.binary, [0xFF, 0xFF, 0xFF], masked: $0, rsv: 4)
    },
    ReceiverRule("truncated deflate data", deflate: true, .failed([1002, 1007])) {
      Wire.webSocket(
        .binary, Array(deflated(Wire.frame(2, [UInt8](repeating: 5, count: 100))).dropLast(3)), masked: $0, rsv: 4)
    },
    ReceiverRule("RSV1 with an empty payload", deflate: true, .failed([1002, 1007])) {
      Wire.webSocket(.binary, [], masked: $0, rsv: 4)
    },
    ReceiverRule("compressed nothing", deflate: true, .failed([1002, 1007])) {
      Wire.webSocket(.binary, [0], masked: $0, rsv: 4)
    },
    ReceiverRule("a bomb", deflate: true, .failed([1009])) {
      Wire.webSocket(.binary, deflated([UInt8](repeating: 0, count: 8 << 20)), masked: $0, rsv: 4)
    },
    ReceiverRule("an uncompressed message although deflate was agreed", deflate: true, .ignored) {
      Wire.webSocket(.binary, Wire.frame(999), masked: $0)
    },
    ReceiverRule("a block with BFINAL", deflate: true, .ignored) {
      // One fixed block with BFINAL would do as well; a stored one can be read.
      let frame = Wire.frame(999)
      let stored: [UInt8] = [1, UInt8(frame.count), 0, 255 - UInt8(frame.count), 255]
      return Wire.webSocket(.binary, stored + frame, masked: $0, rsv: 4)
    },
  ]

  /// A message compressed as a peer without context does it.
  static func deflated(_ message: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    try? Deflater(contextTakeover: false).deflate(message.span.bytes, into: &output)
    return output
  }
}
