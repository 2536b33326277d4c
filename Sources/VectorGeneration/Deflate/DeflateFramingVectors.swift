import GoldenVectors
internal import Specification
import StrictJSON

/// RSV1 in WebSocket frames, with permessage-deflate negotiated.
extension DeflateVectors {
  static var framingGroups: [VectorGroup] {
    [
      VectorGroup(.webSocketEncode, comment: "RSV1 on frames that are sent.", tests: framingEncodeTests),
      VectorGroup(.webSocketDecode, comment: "RSV1 on frames that are received.", tests: framingDecodeTests),
    ]
  }

  private static func encodeInput(
    fin: Bool, rsv: Int, opcode: Int, deflate: Bool, payload: Bytes
  ) -> JSONValue {
    [
      "role": "server", "fin": .bool(fin), "rsv": .number(rsv), "opcode": .number(opcode), "deflate": .bool(deflate),
      "payload": payload.json,
    ]
  }

  private static var framingEncodeTests: [VectorTest] {
    let frames: [(name: String, comment: String, fin: Bool, rsv: Int, opcode: Int, first: UInt8, flags: [String])] = [
      ("compressed", "A compressed message in one frame.", true, 4, 2, 0xC2, ["rsv1"]),
      ("compressed-text", "A compressed text message.", true, 4, 1, 0xC1, ["rsv1"]),
      ("first-fragment", "The first fragment of a compressed message.", false, 4, 2, 0x42, ["rsv1", "fragments"]),
      ("last-fragment", "The last fragment of a compressed message.", true, 0, 0, 0x80, ["fragments"]),
      ("plain", "A message that is not compressed, after the negotiation.", true, 0, 2, 0x82, ["plain"]),
      ("ping", "A ping after the negotiation.", true, 0, 9, 0x89, ["plain"]),
    ]
    let refused: [(name: String, comment: String, requirement: RequirementID, fin: Bool, opcode: Int, deflate: Bool)] =
      [
        ("not-negotiated", "RSV1 without negotiation.", "deflate.rsv1", true, 2, false),
        ("continuation", "RSV1 on a continuation.", "deflate.rsv1.continuation", true, 0, true),
        (
          "continuation-not-final", "RSV1 on a continuation in the middle.", "deflate.rsv1.continuation", false, 0, true
        ),
        ("close", "RSV1 on a close frame.", "deflate.rsv1.control", true, 8, true),
        ("ping", "RSV1 on a ping.", "deflate.rsv1.control", true, 9, true),
        ("pong", "RSV1 on a pong.", "deflate.rsv1.control", true, 10, true),
      ]
    return frames.map { frame in
      .valid(
        id: "deflate.encode.\(frame.name)", comment: frame.comment,
        requirements: frame.opcode == 0
          ? ["deflate.rsv1.continuation"] : frame.opcode == 9 ? ["deflate.rsv1.control"] : ["deflate.rsv1"],
        flags: frame.flags,
        input: encodeInput(fin: frame.fin, rsv: frame.rsv, opcode: frame.opcode, deflate: true, payload: hello),
        output: ["bytes": Bytes([frame.first, UInt8(hello.count)], hello).json])
    }
      + refused.map { frame in
        .invalid(
          id: "deflate.encode.refused.\(frame.name)", comment: frame.comment, requirements: [frame.requirement],
          flags: ["rsv1"],
          input: encodeInput(
            fin: frame.fin, rsv: 4, opcode: frame.opcode, deflate: frame.deflate,
            payload: frame.opcode == 8 ? .empty : hello), error: "reserved-bits")
      }
  }

  /// A frame of a server.
  private static func frame(_ first: UInt8, _ payload: Bytes) -> Bytes {
    Bytes([first, UInt8(payload.count)], payload)
  }

  private static func received(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], _ bytes: Bytes,
    deflate: Bool = true, events: [JSONValue], violation: (code: String, offset: Int)? = nil
  ) -> VectorTest {
    let input: JSONValue = ["role": "client", "pieces": .hexes([bytes]), "deflate": .bool(deflate)]
    let report: JSONValue =
      violation.map { ["code": .string($0.code), "offset": .number($0.offset), "closeCode": 1_002] } ?? nil
    let output: JSONValue = ["events": .array(events), "violation": report]
    let id = "deflate.decode.\(name)"
    if violation != nil {
      return .invalid(
        id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: output)
    }
    return .valid(id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: output)
  }

  private static func message(_ payload: Bytes, compressed: Bool, fragments: Int, opcode: String = "binary")
    -> JSONValue
  {
    [
      "type": "message", "opcode": .string(opcode), "payload": payload.json, "compressed": .bool(compressed),
      "fragments": .number(fragments),
    ]
  }

  private static var framingDecodeTests: [VectorTest] {
    let (start, end) = (hello.prefix(3), hello.dropFirst(3))
    return [
      received(
        "compressed", "A compressed message in one frame.", ["deflate.rsv1"], ["rsv1"], frame(0xC2, hello),
        events: [message(hello, compressed: true, fragments: 1)]),
      received(
        "fragments", "RFC 7692 section 7.2.3.1: a compressed message in two frames, RSV1 on the first.",
        ["deflate.fragments", "deflate.rsv1.continuation.fail"], ["rsv1", "fragments"],
        Bytes(frame(0x42, start), frame(0x80, end)), events: [message(hello, compressed: true, fragments: 2)]),
      received(
        "fragments-of-one-byte", "Seven fragments of a byte each, a ping between them.",
        ["deflate.fragments", "deflate.rsv1.control.fail"], ["rsv1", "fragments"],
        Bytes(
          frame(0x42, hello[0..<1]), frame(0x89, .empty), frame(0x00, hello[1..<2]), frame(0x00, hello[2..<3]),
          frame(0x00, hello[3..<4]), frame(0x00, hello[4..<5]), frame(0x00, hello[5..<6]), frame(0x80, hello[6..<7])),
        events: [
          ["type": "ping", "payload": ""], message(hello, compressed: true, fragments: 7),
        ]),
      received(
        "empty-last-fragment", "The last fragment is empty, as the original's server writes it.",
        ["deflate.fragments"], ["rsv1", "fragments", "empty"], Bytes(frame(0x42, hello), frame(0x80, .empty)),
        events: [message(hello, compressed: true, fragments: 2)]),
      received(
        "plain", "A message that is not compressed, between two that are.", ["deflate.plain"], ["plain", "rsv1"],
        Bytes(frame(0xC2, hello), frame(0x82, helloText), frame(0xC2, hello)),
        events: [
          message(hello, compressed: true, fragments: 1), message(helloText, compressed: false, fragments: 1),
          message(hello, compressed: true, fragments: 1),
        ]),
      received(
        "plain-fragments", "A message that is not compressed, in two fragments.", ["deflate.plain"],
        ["plain", "fragments"], Bytes(frame(0x02, start), frame(0x80, end)),
        events: [message(hello, compressed: false, fragments: 2)]),
      received(
        "not-negotiated", "RSV1 without negotiation.", ["ws.rsv.fail"], ["rsv1"], frame(0xC2, hello), deflate: false,
        events: [], violation: ("reserved-bits", 0)),
      received(
        "continuation", "RSV1 on the last fragment; the original serves such a message.",
        ["deflate.rsv1.continuation.fail"], ["rsv1", "fragments"], Bytes(frame(0x42, start), frame(0xC0, end)),
        events: [], violation: ("continuation-compressed", 5)),
      received(
        "continuation-of-plain", "RSV1 on a continuation of a message that is not compressed.",
        ["deflate.rsv1.continuation.fail"], ["rsv1", "fragments", "plain"], Bytes(frame(0x02, start), frame(0x40, end)),
        events: [], violation: ("continuation-compressed", 5)),
      received(
        "ping", "RSV1 on a ping; the original answers it.", ["deflate.rsv1.control.fail"], ["rsv1"],
        Bytes(frame(0x82, [1]), frame(0xC9, .empty)), events: [message([1], compressed: false, fragments: 1)],
        violation: ("control-compressed", 3)),
      received(
        "pong", "RSV1 on a pong.", ["deflate.rsv1.control.fail"], ["rsv1"], frame(0xCA, [1]), events: [],
        violation: ("control-compressed", 0)),
      received(
        "close", "RSV1 on a close frame.", ["deflate.rsv1.control.fail"], ["rsv1"], frame(0xC8, .be16(1_000)),
        events: [], violation: ("control-compressed", 0)),
    ]
  }
}
