import FrameCodec
import Testing

@Suite struct FrameStreamDecoderTests {
  private struct Decoded: Hashable {
    var protocolId: Int64
    var payload: [UInt8]
  }

  /// Three frames, one of them empty.
  private func stream(_ revision: Revision) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for (id, text) in [(Int64(2), "one"), (3, ""), (4, "three")] {
      try FrameCodec.encode(protocolId: id, payload: Array(text.utf8).span.bytes, revision: revision, into: &bytes)
    }
    return bytes
  }

  private static let expected = [
    Decoded(protocolId: 2, payload: Array("one".utf8)), Decoded(protocolId: 3, payload: []),
    Decoded(protocolId: 4, payload: Array("three".utf8)),
  ]

  private func decode(_ pieces: [ArraySlice<UInt8>], _ decoder: inout FrameStreamDecoder) throws -> [Decoded] {
    var found: [Decoded] = []
    for piece in pieces {
      decoder.append(Array(piece).span.bytes)
      while let header = try decoder.next() {
        found.append(Decoded(protocolId: header.protocolId, payload: Array(decoder.bytes[header.payload])))
      }
    }
    return found
  }

  @Test("Every cut gives the same frames", arguments: [Revision.v1_2, .v1_3_0, .v1_3_3])
  func everyCutGivesTheSameFrames(_ revision: Revision) throws {
    let bytes = try stream(revision)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var decoder = FrameStreamDecoder(revision: revision)
        let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
        let found = try decode(pieces, &decoder)
        #expect(found == Self.expected)
        #expect(decoder.pendingByteCount == 0)
      }
    }
  }

  @Test("Frames come out when they come one byte at a time") func oneByteAtATime() throws {
    let bytes = try stream(.v1_3_3)
    var decoder = FrameStreamDecoder()
    let found = try decode(bytes.indices.map { bytes[$0...$0] }, &decoder)
    #expect(found == Self.expected)
  }

  @Test("A violation is located in the stream and stays") func aViolationIsLocatedInTheStreamAndStays() throws {
    let bytes = try stream(.v1_3_3)
    var decoder = FrameStreamDecoder()
    let found = try decode(bytes.indices.map { bytes[$0...$0] }, &decoder)
    #expect(found == Self.expected)
    decoder.append(([0xFE, 0xEE] as [UInt8]).span.bytes)
    for _ in 0..<2 {
      #expect(throws: FrameViolation(.badMagic, offset: bytes.count + 1)) { try decoder.next() }
    }
    decoder.append(bytes.span.bytes)
    #expect(decoder.pendingByteCount == 0)
  }

  @Test("Announced bytes are not waited for above the limit") func announcedBytesAreNotWaitedForAboveTheLimit() {
    var decoder = FrameStreamDecoder()
    decoder.append(([0xFE, 0xEF, 1, 0, 8, 0] as [UInt8]).span.bytes)
    #expect(throws: FrameViolation(.tooLarge, offset: 2, observed: 524_289)) { try decoder.next() }
  }

  @Test("Announced bytes cost nothing") func announcedBytesCostNothing() throws {
    var decoder = FrameStreamDecoder()
    decoder.append(([0xFE, 0xEF, 0, 0, 8, 0] as [UInt8]).span.bytes)
    let header = try decoder.next()
    #expect(header == nil)
    #expect(decoder.bytes.capacity < 1024)
    #expect(decoder.pendingByteCount == 6)
  }
}
