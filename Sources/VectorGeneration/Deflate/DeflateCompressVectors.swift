import GoldenVectors
internal import Specification
import StrictJSON

/// Messages to compress. The expected bytes are one right answer of many; they are judged by what they inflate to.
extension DeflateVectors {
  static var compressGroup: VectorGroup {
    VectorGroup(
      .deflateCompress,
      comment:
        "Compressing, judged by inflating under the window; the bytes shown are stored blocks put together by hand.",
      tests: singleCompressTests + windowCompressTests + sequenceCompressTests)
  }

  /// Bytes that hardly compress: a linear congruential generator's high byte.
  private static func noise(_ count: Int) -> Bytes {
    var state: UInt32 = 1
    return Bytes(
      (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
      })
  }

  private static func compress(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], messages: [Bytes],
    windowBits: Int? = nil, contextTakeover: Bool? = nil, level: Int? = nil
  ) -> VectorTest {
    var input: JSONObject = ["messages": .hexes(messages)]
    if let windowBits { input["windowBits"] = .number(windowBits) }
    if let contextTakeover { input["contextTakeover"] = .bool(contextTakeover) }
    if let level { input["level"] = .number(level) }
    let compressed = messages.map { $0.isEmpty ? Bytes.byte(0) : DeflateBits.storedMessage($0) }
    return .valid(
      id: "deflate.compress.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: .object(input), output: ["messages": .hexes(compressed)])
  }

  private static var singleCompressTests: [VectorTest] {
    let frame = Bytes(.hex("feef"), .le32(19), .le32(2), .le32(2), .ascii("hello world"))
    var tests = [0, 1, 6, 9].map {
      compress(
        "level-\($0)", "A frame at level \($0)\($0 == 0 ? ", where zlib writes stored blocks" : "").",
        ["deflate.tail"], $0 == 0 ? ["tail", "block-stored"] : ["tail"], messages: [frame], level: $0)
    }
    tests += [
      compress(
        "empty", "A message without bytes: one byte 00 (RFC 7692 section 7.2.3.6).", ["deflate.tail"],
        ["empty", "tail"], messages: [.empty]),
      compress("one-byte", "The shortest message with a byte.", ["deflate.tail"], ["tail"], messages: [.byte(0x41)]),
      compress(
        "ends-like-tail", "The message itself ends in 00 00 FF FF.", ["deflate.tail"], ["tail"],
        messages: [Bytes(.ascii("tail"), .hex("0000ffff"))], level: 0),
      compress(
        "ends-like-tail-twice", "The message is 00 00 FF FF twice.", ["deflate.tail"], ["tail"],
        messages: [.hex("0000ffff0000ffff")], level: 6),
      compress(
        "zeros", "A thousand zeros, which compress well.", ["deflate.tail"], ["tail"],
        messages: [.repeating(0, 1_000)]),
      compress(
        "noise", "Bytes that do not compress.", ["deflate.tail"], ["tail"], messages: [noise(300)], level: 9),
    ]
    return tests
  }

  private static var windowCompressTests: [VectorTest] {
    // The second half repeats the first at a distance that small windows must not use.
    let twice = Bytes(noise(600), noise(600))
    return [8, 9, 10, 12, 15].flatMap { (bits: Int) in
      [1, 9].map { (level: Int) in
        compress(
          "window.bits-\(bits).level-\(level)",
          "A repetition 600 bytes back, a window of \(bits) bits (\(1 << bits) bytes), level \(level).",
          ["deflate.window"], bits == 8 ? ["window", "window-eight"] : ["window"], messages: [twice], windowBits: bits,
          level: level)
      }
    }
  }

  private static var sequenceCompressTests: [VectorTest] {
    let texts = DeflateLiterals.takeover.map(\.text)
    let repeated = Bytes(noise(400))
    return [
      compress(
        "sequence.takeover", "Three similar messages, which may refer back to each other.", ["deflate.window"],
        ["sequence", "takeover"], messages: texts),
      compress(
        "sequence.no-takeover", "Three similar messages, each of which must be readable alone.",
        ["deflate.no-takeover"], ["sequence", "no-context-takeover"], messages: texts, contextTakeover: false),
      compress(
        "sequence.takeover.window-8", "The same message twice, farther back than 256 bytes.", ["deflate.window"],
        ["sequence", "takeover", "window", "window-eight"], messages: [repeated, repeated], windowBits: 8),
      compress(
        "sequence.takeover.window-9", "The same message twice, within 512 bytes.", ["deflate.window"],
        ["sequence", "takeover", "window"], messages: [repeated, repeated], windowBits: 9),
      compress(
        "sequence.no-takeover.window-9", "The same message twice, each alone.",
        ["deflate.no-takeover", "deflate.window"], ["sequence", "no-context-takeover", "window"],
        messages: [repeated, repeated], windowBits: 9, contextTakeover: false),
      compress(
        "sequence.empty-between", "An empty message between two others.", ["deflate.tail"],
        ["sequence", "takeover", "empty"], messages: [texts[0], .empty, .empty, texts[1]]),
      compress(
        "sequence.empty-between.no-takeover", "An empty message between two others, each alone.",
        ["deflate.no-takeover", "deflate.tail"], ["sequence", "no-context-takeover", "empty"],
        messages: [texts[0], .empty, texts[1]], contextTakeover: false),
      compress(
        "sequence.level-0", "Stored blocks one after the other.", ["deflate.tail"],
        ["sequence", "takeover", "block-stored"], messages: texts, level: 0),
    ]
  }
}
