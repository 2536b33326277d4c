import GoldenVectors
import Specification
import StrictJSON

/// `frame.stream`: frames back to back, cut anywhere.
enum FrameStreamVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.frameStream, comment: "Good streams, whole and cut.", tests: cuts() + several()),
      VectorGroup(.frameStream, comment: "Streams that end before a frame does.", tests: pending()),
      VectorGroup(.frameStream, comment: "Violations, after good frames.", tests: violations()),
    ]
  }

  private static let revisions = ["1.2", "1.3.0", "1.3.3"]

  private static func output(_ frames: [JSONValue], pending: Int = 0, violation: JSONValue = nil) -> JSONValue {
    ["frames": .array(frames), "pending": .number(pending), "violation": violation]
  }

  private static func input(_ revision: String, _ pieces: [Bytes], limit: UInt32? = nil) -> JSONValue {
    var input: JSONObject = ["revision": .string(revision), "pieces": .hexes(pieces)]
    if let limit { input["maxFrameLength"] = .number(limit) }
    return .object(input)
  }

  private static func id(_ revision: String, _ what: String) -> String {
    "frame.stream.\(FrameLayout.slug(revision)).\(what)"
  }

  private static func flags(_ revision: String, _ flags: String...) -> [String] {
    revision == "1.3.3" ? flags : flags + ["legacy"]
  }

  private static func cuts() -> [VectorTest] {
    revisions.flatMap { revision in
      let frame = FrameLayout.frame(revision, id: 2, sn: 2, payload: .ascii("hello"))
      let decoded = FrameLayout.decoded(revision, id: 2, sn: 2, payload: .ascii("hello"))
      return (1..<frame.count).map { cut in
        VectorTest.valid(
          id: id(revision, "cut-at-\(cut)"), comment: "One frame in two pieces.",
          requirements: ["frame.stream.cuts"], flags: flags(revision, "cut"),
          input: input(revision, frame.cut(at: cut)), output: output([decoded]))
      } + [
        .valid(
          id: id(revision, "byte-by-byte"), comment: "One byte a piece.", requirements: ["frame.stream.cuts"],
          flags: flags(revision, "cut"), input: input(revision, frame.eachByte), output: output([decoded])),
        .valid(
          id: id(revision, "empty-pieces"), comment: "Pieces without bytes change nothing.",
          requirements: ["frame.stream.cuts"], flags: flags(revision, "cut"),
          input: input(revision, [.empty, frame.prefix(3), .empty, frame.dropFirst(3), .empty]),
          output: output([decoded])),
      ]
    }
  }

  private static func several() -> [VectorTest] {
    revisions.flatMap { revision in
      let texts = ["", "one", "another"]
      let frames = texts.enumerated().map { index, text in
        FrameLayout.frame(revision, id: Int64(index + 2), sn: UInt32(index * 2), payload: .ascii(text))
      }
      let decoded = texts.enumerated().map { index, text in
        FrameLayout.decoded(revision, id: Int64(index + 2), sn: UInt32(index * 2), payload: .ascii(text))
      }
      let stream = Bytes(joining: frames)
      let edge = frames[0].count + frames[1].count
      return [
        VectorTest.valid(
          id: id(revision, "three-in-a-piece"), comment: "Three frames in one piece.",
          requirements: ["frame.stream.cuts", "frame.stream.resume"], flags: flags(revision),
          input: input(revision, [stream]), output: output(decoded)),
        .valid(
          id: id(revision, "three-across"), comment: "Each piece ends inside the next frame.",
          requirements: ["frame.stream.cuts"], flags: flags(revision, "cut"),
          input: input(revision, stream.cut(at: frames[0].count + 4, edge + 7)), output: output(decoded)),
        .valid(
          id: id(revision, "cut-between"), comment: "The cuts lie between the frames.",
          requirements: ["frame.stream.cuts"], flags: flags(revision, "cut"),
          input: input(revision, stream.cut(at: frames[0].count, edge)), output: output(decoded)),
        .valid(
          id: id(revision, "nothing"), comment: "No pieces, no frames.", requirements: ["frame.stream.cuts"],
          flags: flags(revision, "empty"), input: input(revision, []), output: output([])),
      ]
    }
  }

  private static func pending() -> [VectorTest] {
    let unfinished = revisions.flatMap { revision in
      let frame = FrameLayout.frame(revision, id: 2, sn: 2, payload: .ascii("hello"))
      let decoded = FrameLayout.decoded(revision, id: 2, sn: 2, payload: .ascii("hello"))
      return [1, 2, 5, 6, 7, frame.count - 1].map { count in
        VectorTest.valid(
          id: id(revision, "pending-\(count)"), comment: "A whole frame, then \(count) bytes of the next.",
          requirements: ["frame.stream.cuts"], flags: flags(revision, "short"),
          input: input(revision, [frame + frame.prefix(count)]), output: output([decoded], pending: count))
      }
    }
    let announced: [VectorTest] = [
      .valid(
        id: id("1.3.3", "announced-524288"), comment: "A frame at the default limit is announced; it may still come.",
        requirements: ["frame.length.limit", "frame.stream.early"], flags: ["limit"],
        input: input("1.3.3", [Bytes(FrameLayout.currentMagic, .le32(524_288))]), output: output([], pending: 6)),
      .valid(
        id: id("1.3.3", "zero-frame"), comment: "Six bytes that announce a frame are no frame.",
        requirements: ["frame.zero-frame"], flags: ["zero-frame"],
        input: input("1.3.3", [Bytes(FrameLayout.currentMagic, .le32(8))]), output: output([], pending: 6)),
    ]
    return unfinished + announced
  }

  private static func violation(_ code: String, _ offset: Int) -> JSONValue {
    ["code": .string(code), "offset": .number(offset)]
  }

  private static func violations() -> [VectorTest] {
    let frame = FrameLayout.current(id: 2, sn: 2, payload: .ascii("ok"))
    let decoded = FrameLayout.decoded("1.3.3", id: 2, sn: 2, payload: .ascii("ok"))
    let faults: [(String, String, Bytes, String, Int, RequirementID)] = [
      ("magic-first", "The first byte of the magic is wrong.", [0xEF], "bad-magic", 0, "frame.magic.reject"),
      ("magic-second", "The second byte of the magic is wrong.", [0xFE, 0xEE], "bad-magic", 1, "frame.magic.reject"),
      ("length-7", "length 7.", Bytes([0xFE, 0xEF], .le32(7)), "length-too-small", 2, "frame.length.minimum"),
      ("length-0", "length 0.", Bytes([0xFE, 0xEF], .le32(0)), "length-too-small", 2, "frame.length.minimum"),
      (
        "length-524289", "One above the default limit; nothing of the payload is waited for.",
        Bytes([0xFE, 0xEF], .le32(524_289)), "too-large", 2, "frame.length.limit.reject"
      ),
      (
        "length-max", "The largest length.", Bytes([0xFE, 0xEF], .le32(.max)), "too-large", 2,
        "frame.length.limit.reject"
      ),
    ]
    let current = faults.flatMap { name, comment, bytes, code, offset, requirement in
      [(0, "at-start"), (1, "after-one"), (3, "after-three")].map { count, place in
        VectorTest.invalid(
          id: id("1.3.3", "\(name)-\(place)"), comment: comment,
          requirements: [requirement, "frame.stream.resume"]
            + (code == "bad-magic" ? [] : ["frame.stream.early"]),
          flags: [code],
          input: input("1.3.3", [Bytes(.repeating(frame, count), bytes, frame)]),
          output: output(
            Array(repeating: decoded, count: count), violation: violation(code, count * frame.count + offset)))
      }
    }
    let bytewise = faults.map { name, comment, bytes, code, offset, requirement in
      VectorTest.invalid(
        id: id("1.3.3", "\(name)-byte-by-byte"), comment: comment + " One byte a piece.",
        requirements: [requirement, "frame.stream.resume"], flags: [code, "cut"],
        input: input("1.3.3", (frame + bytes).eachByte),
        output: output([decoded], violation: violation(code, frame.count + offset)))
    }
    let limits = [64, 65].map { length in
      let payload = Bytes.counting(length - 8)
      let bytes = FrameLayout.current(id: 2, sn: 0, payload: payload)
      let comment = "A limit of 64."
      return length == 64
        ? VectorTest.valid(
          id: id("1.3.3", "limit-at"), comment: comment, requirements: ["frame.length.limit"], flags: ["limit"],
          input: input("1.3.3", [bytes], limit: 64),
          output: output([FrameLayout.decoded("1.3.3", id: 2, payload: payload)]))
        : VectorTest.invalid(
          id: id("1.3.3", "limit-above"), comment: comment, requirements: ["frame.length.limit.reject"],
          flags: ["limit", "too-large"], input: input("1.3.3", [bytes], limit: 64),
          output: output([], violation: violation("too-large", 2)))
    }
    return current + bytewise + limits + legacyViolations()
  }

  private static func legacyViolations() -> [VectorTest] {
    let old = FrameLayout.v1_3_0(id: 2, payload: .ascii("ok"))
    let oldDecoded = FrameLayout.decoded("1.3.0", id: 2, payload: .ascii("ok"))
    let proto = FrameLayout.frame("1.2", id: 2, payload: .ascii("ok"))
    let protoDecoded = FrameLayout.decoded("1.2", id: 2, payload: .ascii("ok"))
    return [
      .invalid(
        id: id("1.3.0", "magic"), comment: "A frame of the current revision in an old stream.",
        requirements: ["legacy.1_3_0.magic.reject", "frame.stream.resume"], flags: ["bad-magic", "legacy"],
        input: input("1.3.0", [old + FrameLayout.current(id: 2, sn: 2)]),
        output: output([oldDecoded], violation: violation("bad-magic", old.count + 1))),
      .invalid(
        id: id("1.3.0", "length-3"), comment: "length 3.",
        requirements: ["legacy.1_3_0.length.minimum", "frame.stream.resume"], flags: ["length-too-small", "legacy"],
        input: input("1.3.0", [old + Bytes(FrameLayout.legacyMagic, .le32(3))]),
        output: output([oldDecoded], violation: violation("length-too-small", old.count + 2))),
      .invalid(
        id: id("1.3.0", "too-large"), comment: "One above the default limit.",
        requirements: ["legacy.1_3_0.limit", "frame.stream.early"], flags: ["too-large", "legacy"],
        input: input("1.3.0", [old + Bytes(FrameLayout.legacyMagic, .le32(524_289))]),
        output: output([oldDecoded], violation: violation("too-large", old.count + 2))),
      .invalid(
        id: id("1.2", "body"), comment: "A body that is no P_MESSAGE; the frame behind it is not looked at.",
        requirements: ["legacy.1_2.body", "frame.stream.resume"], flags: ["bad-protobuf", "legacy"],
        input: input("1.2", [proto + FrameLayout.v1_2([0x08, 0x02, 0x12, 0x05, 0x78]) + proto]),
        output: output([protoDecoded], violation: violation("bad-protobuf", proto.count + 8))),
      .invalid(
        id: id("1.2", "magic"), comment: "A frame of the current revision in an old stream.",
        requirements: ["legacy.1_2.magic.reject", "frame.stream.resume"], flags: ["bad-magic", "legacy"],
        input: input("1.2", [proto + FrameLayout.current(id: 2, sn: 2)]),
        output: output([protoDecoded], violation: violation("bad-magic", proto.count + 1))),
      .invalid(
        id: id("1.2", "too-large"), comment: "One above the default limit.",
        requirements: ["legacy.1_2.limit", "frame.stream.early"], flags: ["too-large", "legacy"],
        input: input("1.2", [proto + Bytes(FrameLayout.legacyMagic, .le32(524_289))]),
        output: output([protoDecoded], violation: violation("too-large", proto.count + 2))),
      .valid(
        id: id("1.2", "length-0"), comment: "A body without bytes is a frame.",
        requirements: ["legacy.1_2.length.zero"], flags: ["absent-field", "legacy"],
        input: input("1.2", [FrameLayout.v1_2(.empty) + proto]),
        output: output([FrameLayout.decoded("1.2", id: 0), protoDecoded])),
    ]
  }
}
