import FrameCodec
import Testing

@Suite struct DecodingTests {
  static let hello: [Revision: [UInt8]] = [
    .v1_1: [0x08, 0x02, 0x12, 0x02, 0x68, 0x69],
    .v1_2: [0xFE, 0xEE, 6, 0, 0, 0, 0x08, 0x02, 0x12, 0x02, 0x68, 0x69],
    .v1_3_0: [0xFE, 0xEE, 6, 0, 0, 0, 2, 0, 0, 0, 0x68, 0x69],
    .v1_3_3: [0xFE, 0xEF, 10, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0x68, 0x69],
  ]

  private func decode(_ bytes: [UInt8], _ revision: Revision, limit: UInt32 = 524_288) -> MessageOutcome {
    FrameCodec.decodeMessage(bytes.span.bytes, revision: revision, maxFrameLength: limit)
  }

  @Test("A frame of each revision", arguments: Revision.allCases) func aFrameOfEachRevision(_ revision: Revision) throws
  {
    let bytes = try #require(Self.hello[revision])
    guard case .frame(let header) = decode(bytes, revision) else {
      Issue.record("no frame: \(decode(bytes, revision))")
      return
    }
    #expect(header.protocolId == 2)
    #expect(header.sn == (revision == .v1_3_3 ? 4 : nil))
    #expect(header.length == (revision == .v1_1 ? nil : UInt32(bytes.count - 6)))
    #expect(Array(bytes[header.payload]) == Array("hi".utf8))
  }

  @Test("Every cut is short", arguments: [Revision.v1_2, .v1_3_0, .v1_3_3]) func everyCutIsShort(_ revision: Revision)
    throws
  {
    let bytes = try #require(Self.hello[revision])
    for count in 1..<bytes.count {
      let outcome = decode(Array(bytes.prefix(count)), revision)
      #expect(outcome == .violation(FrameViolation(.short, offset: count, observed: UInt64(count))))
    }
  }

  @Test("Six bytes are no frame of zeros") func sixBytesAreNoFrameOfZeros() {
    for length in [UInt8(8), 200] {
      let outcome = decode([0xFE, 0xEF, length, 0, 0, 0], .v1_3_3)
      #expect(outcome == .violation(FrameViolation(.short, offset: 6, observed: 6)))
    }
  }

  @Test(
    "Every violation is named with its place",
    arguments: [
      ([], FrameViolation.Code.empty, 0), ([0xEF], .badMagic, 0), ([0xFE, 0xEE], .badMagic, 1),
      ([0xFE, 0xEF, 7, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], .lengthTooSmall, 2),
      ([0xFE, 0xEF, 1, 0, 8, 0], .tooLarge, 2), ([0xFE, 0xEF, 0xFF, 0xFF, 0xFF, 0xFF], .tooLarge, 2),
    ] as [([UInt8], FrameViolation.Code, Int)])
  func violations(_ bytes: [UInt8], _ code: FrameViolation.Code, _ offset: Int) {
    guard case .violation(let violation) = decode(bytes, .v1_3_3) else {
      Issue.record("a frame out of \(bytes)")
      return
    }
    #expect(violation.code == code)
    #expect(violation.offset == offset)
    #expect(!violation.reason.isEmpty)
  }

  @Test("Trailing bytes are told", arguments: [Revision.v1_2, .v1_3_0, .v1_3_3]) func trailingBytesAreTold(
    _ revision: Revision
  ) throws {
    let bytes = try #require(Self.hello[revision])
    guard case .trailing(let header, let rest) = decode(bytes + [1, 2, 3], revision) else {
      Issue.record("trailing bytes were not noticed")
      return
    }
    #expect(rest == bytes.count..<bytes.count + 3)
    #expect(Array(bytes[header.payload]) == Array("hi".utf8))
  }

  @Test("Trailing bytes are told even when the body is broken") func trailingBytesAreToldEvenWhenTheBodyIsBroken() {
    let outcome = decode([0xFE, 0xEE, 2, 0, 0, 0, 0x12, 0x05, 0x00], .v1_2)
    #expect(outcome == .violation(FrameViolation(.trailingBytes, offset: 8, observed: 1)))
  }

  @Test("The limit is inclusive", arguments: Revision.allCases) func theLimitIsInclusive(_ revision: Revision) throws {
    let bytes = try #require(Self.hello[revision])
    let counted = UInt32(revision == .v1_1 ? bytes.count : bytes.count - 6)
    if case .violation(let violation) = decode(bytes, revision, limit: counted) { Issue.record("\(violation.reason)") }
    guard case .violation(let violation) = decode(bytes, revision, limit: counted - 1) else {
      Issue.record("one above the limit was taken")
      return
    }
    #expect(violation.code == .tooLarge)
  }

  @Test("Random bytes never crash", arguments: Revision.allCases) func randomBytesNeverCrash(_ revision: Revision)
    throws
  {
    var random = SeededBytes(seed: 7)
    let good = try #require(Self.hello[revision])
    for _ in 0..<20_000 {
      var bytes = random.next() % 2 == 0 ? random.bytes(Int(random.next() % 40)) : good + random.bytes(4)
      if !bytes.isEmpty { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
      switch decode(bytes, revision) {
      case .frame(let header): #expect(header.payload.upperBound <= bytes.count)
      case .trailing(let header, let rest):
        #expect(header.payload.upperBound <= rest.lowerBound)
        #expect(rest.upperBound == bytes.count)
      case .violation(let violation): #expect(0...bytes.count ~= violation.offset)
      }
    }
  }
}
