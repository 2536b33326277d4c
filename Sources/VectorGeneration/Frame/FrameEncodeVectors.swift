import GoldenVectors
import Specification
import StrictJSON

/// What `frame.encode` has to write.
enum FrameEncodeVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.frameEncode, comment: "Revision 1.3.3: every field at its limits.", tests: numbers() + payloads()),
      VectorGroup(.frameEncode, comment: "The older revisions.", tests: legacyNumbers() + legacyPayloads()),
      VectorGroup(.frameEncode, comment: "What cannot be encoded.", tests: limits() + refusals()),
    ]
  }

  private static func encoding(
    _ what: String, _ comment: String, revision: String, id: Int64, sn: UInt32? = nil, payload: Bytes = .empty,
    requirements: [RequirementID], flags: [String] = []
  ) -> VectorTest {
    var input: JSONObject = ["revision": .string(revision), "protocolId": .number(id)]
    if let sn { input["sn"] = .number(sn) }
    input["payload"] = .hex(payload)
    let frame = FrameLayout.frame(revision, id: id, sn: sn ?? 0, payload: payload)
    return .valid(
      id: "frame.encode.\(FrameLayout.slug(revision)).\(what)", comment: comment,
      requirements: FrameLayout.requirements(revision)
        + requirements.filter { !FrameLayout.requirements(revision).contains($0) },
      flags: flags + (revision == "1.3.3" ? [] : ["legacy"]), input: .object(input),
      output: ["message": .hex(frame)])
  }

  private static func numbers() -> [VectorTest] {
    let ids: [(Int64, [String])] = [
      (0, []), (1, []), (2, []), (0xFF, []), (0x100, []), (0x0102_0304, []), (0x7FFF_FFFF, []),
      (0x8000_0000, ["sign-bit"]), (0xFFFF_FFFF, ["sign-bit"]),
    ]
    let sns: [(UInt32, [String])] = [
      (0, []), (1, []), (2, []), (3, []), (0x0102_0304, []), (0x7FFF_FFFF, []), (0x8000_0000, ["sign-bit"]),
      (0xFFFF_FFFE, ["sign-bit"]), (0xFFFF_FFFF, ["sign-bit"]),
    ]
    return ids.map { id, flags in
      encoding(
        "id-\(id)", "protocolId \(id), lowest byte first.", revision: "1.3.3", id: id, sn: 2, payload: .ascii("x"),
        requirements: ["frame.protocol-id.range"], flags: flags)
    }
      + sns.map { sn, flags in
        encoding(
          "sn-\(sn)", "Serial number \(sn), lowest byte first.", revision: "1.3.3", id: 2, sn: sn, payload: .ascii("x"),
          requirements: sn == 0 ? ["frame.sn.one-way", "frame.sn.range"] : ["frame.sn.range"], flags: flags)
      } + [
        encoding(
          "sn-absent", "No sn given: a one-way message has 0.", revision: "1.3.3", id: 2, payload: .ascii("x"),
          requirements: ["frame.sn.one-way"])
      ]
  }

  private static func payloads() -> [VectorTest] {
    let cases: [(String, String, Bytes, [String])] = [
      ("payload-0", "The smallest frame: 14 bytes.", .empty, ["no-payload"]),
      ("payload-1", "One byte.", [0x00], []),
      ("payload-248", "length is 256: its second byte counts.", .counting(248), []),
      ("payload-65528", "length is 65536: its third byte counts.", .repeating(0x61, 65528), []),
      ("payload-zeros", "Zero bytes are payload like any other.", .repeating(0, 16), []),
      ("payload-all-bytes", "Every value of a byte.", .counting(256), []),
      ("payload-magic", "The magic inside a payload means nothing.", FrameLayout.currentMagic, []),
      ("payload-frame", "A whole frame inside a payload means nothing.", FrameLayout.current(id: 2, sn: 2), []),
      ("payload-chinese", "Text is bytes.", .utf8("你好世界"), []),
    ]
    return cases.map { name, comment, payload, flags in
      encoding(
        name, comment, revision: "1.3.3", id: 2, sn: 2, payload: payload,
        requirements: payload.isEmpty ? ["frame.payload.empty", "frame.message.one"] : ["frame.payload.opaque"],
        flags: flags)
    }
  }

  private static func legacyNumbers() -> [VectorTest] {
    let signed: [Int64] = [0, 1, 127, 128, 16383, 16384, 0x7FFF_FFFF, -1, -0x8000_0000]
    let protobuf = ["1.1", "1.2"].flatMap { revision in
      signed.map { id in
        var requirements: [RequirementID] = id < 0 ? ["protobuf.encode.negative"] : ["protobuf.message.fields"]
        if id == 0 { requirements = ["protobuf.encode.default"] }
        if id == -1 {
          requirements.append(revision == "1.1" ? "legacy.1_1.displacement-id" : "legacy.1_2.displacement-id")
        }
        return encoding(
          "id-\(id < 0 ? "minus-\(-id)" : "\(id)")", "protocol_id \(id) as a varint.", revision: revision, id: id,
          payload: .ascii("x"), requirements: requirements,
          flags: id < 0 ? ["sign-bit"] : id == 0 ? ["absent-field"] : [])
      }
    }
    let unsigned: [Int64] = [0, 1, 8, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
    return protobuf
      + unsigned.map { id in
        encoding(
          "id-\(id)", "protocolId \(id).", revision: "1.3.0", id: id, payload: .ascii("x"),
          requirements: id == 0x7FFF_FFFF ? ["legacy.1_3_0.displacement-id"] : [],
          flags: id > 0x7FFF_FFFF ? ["sign-bit"] : [])
      }
  }

  private static func legacyPayloads() -> [VectorTest] {
    let payloads: [(String, Bytes)] = [
      ("payload-0", .empty), ("payload-1", [0]), ("payload-127", .counting(127)), ("payload-128", .counting(128)),
      ("payload-chinese", .utf8("你好世界")),
    ]
    return ["1.1", "1.2", "1.3.0"].flatMap { revision in
      payloads.map { name, payload in
        encoding(
          name, "A payload of \(payload.count) bytes.", revision: revision, id: 2, payload: payload,
          requirements: payload.isEmpty && revision != "1.3.0" ? ["protobuf.encode.default"] : ["frame.payload.opaque"],
          flags: payload.isEmpty ? ["no-payload"] : [])
      } + [
        encoding(
          "sn-0", "An sn of 0 says that there is none.", revision: revision, id: 2, sn: 0, payload: .ascii("x"),
          requirements: [])
      ]
    }
  }

  private static func limits() -> [VectorTest] {
    FrameLayout.allRevisions.flatMap { revision in
      // What the limit counts besides the payload, for a payload of fewer than 128 bytes.
      let overhead = ["1.1": 4, "1.2": 4, "1.3.0": 4, "1.3.3": 8][revision] ?? 8
      return [-1, 0, 1].map { distance -> VectorTest in
        let payload = Bytes.counting(64 - overhead + distance)
        let input: JSONValue = [
          "revision": .string(revision), "protocolId": 2, "payload": .hex(payload), "maxFrameLength": 64,
        ]
        let name = distance < 0 ? "below" : distance == 0 ? "at" : "above"
        let id = "frame.encode.\(FrameLayout.slug(revision)).limit-\(name)"
        let flags = revision == "1.3.3" ? ["limit"] : ["limit", "legacy"]
        if distance > 0 {
          return .invalid(
            id: id, comment: "One byte more than the receiver takes.", requirements: ["frame.length.limit.send"],
            flags: flags + ["too-large"], input: input, error: "too-large")
        }
        return .valid(
          id: id, comment: "The receiver's limit is 64.", requirements: ["frame.length.limit.send"], flags: flags,
          input: input, output: ["message": .hex(FrameLayout.frame(revision, id: 2, payload: payload))])
      }
    }
  }

  private static func refusals() -> [VectorTest] {
    let outOfRange: [(String, Int64)] = [
      ("1.1", 0x8000_0000), ("1.1", -0x8000_0001), ("1.2", 0x8000_0000), ("1.2", -0x8000_0001), ("1.3.0", -1),
      ("1.3.0", 0x1_0000_0000), ("1.3.3", -1), ("1.3.3", 0x1_0000_0000), ("1.3.3", 0x1F_FFFF_FFFF_FFFF),
      ("1.3.3", -0x1F_FFFF_FFFF_FFFF),
    ]
    let ids = outOfRange.map { revision, id in
      VectorTest.invalid(
        id: "frame.encode.\(FrameLayout.slug(revision)).range-\(id < 0 ? "minus-\(id.magnitude)" : "\(id)")",
        comment: "\(id) does not fit the field.",
        requirements: revision == "1.3.3" ? ["frame.protocol-id.range"] : FrameLayout.requirements(revision),
        flags: revision == "1.3.3" ? ["out-of-range"] : ["out-of-range", "legacy"],
        input: ["revision": .string(revision), "protocolId": .number(id), "payload": ""],
        error: "protocol-id-out-of-range")
    }
    let sns = ["1.1", "1.2", "1.3.0"].map { revision in
      VectorTest.invalid(
        id: "frame.encode.\(FrameLayout.slug(revision)).sn-2", comment: "The revision has no serial number.",
        requirements: revision == "1.3.0" ? ["legacy.1_3_0.no-sn"] : FrameLayout.requirements(revision),
        flags: ["sn-unsupported", "legacy"],
        input: ["revision": .string(revision), "protocolId": 2, "sn": 2, "payload": ""], error: "sn-unsupported")
    }
    let order: [VectorTest] = [
      .invalid(
        id: "frame.encode.v1_3_0.precedence-id", comment: "All three errors at once: the protocolId is named.",
        requirements: ["legacy.1_3_0.no-sn"], flags: ["precedence", "legacy"],
        input: ["revision": "1.3.0", "protocolId": -1, "sn": 2, "payload": "0000", "maxFrameLength": 4],
        error: "protocol-id-out-of-range"),
      .invalid(
        id: "frame.encode.v1_3_0.precedence-sn", comment: "An sn and a payload above the limit: the sn is named.",
        requirements: ["legacy.1_3_0.no-sn"], flags: ["precedence", "legacy"],
        input: ["revision": "1.3.0", "protocolId": 1, "sn": 2, "payload": "0000", "maxFrameLength": 4],
        error: "sn-unsupported"),
    ]
    return ids + sns + order
  }
}
