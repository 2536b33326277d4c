import Testing

@testable import FrameCodec

/// Good frames of the current revision take a short way through the decoder; everywhere else the long one decides. Both must
/// say the same.
@Suite struct ShortWayTests {
  /// Every length from 0 to 20 in messages of 0 to 24 bytes, under limits around it; each with the right and a wrong magic.
  private func forEachMessage(_ body: (_ bytes: [UInt8], _ limit: UInt32) -> Void) {
    for count in 0...24 {
      for length in 0...UInt8(20) {
        for secondByte in [UInt8(0xEF), 0xEE] {
          let header: [UInt8] = [0xFE, secondByte, length, 0, 0, 0, 2, 0, 0, 0x80, 4, 0, 0, 0x80]
          let bytes = Array((header + [UInt8](repeating: 0x61, count: 10)).prefix(count))
          for limit in [0, 7, 8, UInt32(length), UInt32(length) + 1, .max] { body(bytes, limit) }
        }
      }
    }
  }

  @Test("The short way reads messages as the long one does", arguments: Revision.allCases) func messages(
    _ revision: Revision
  ) {
    var frames = 0
    forEachMessage { bytes, limit in
      let span = bytes.span.bytes
      let outcome = FrameCodec.decodeMessage(span, revision: revision, maxFrameLength: limit)
      #expect(outcome == FrameCodec.judgeMessage(span, revision: revision, maxFrameLength: limit))
      if FrameCodec.currentMessage(span, revision, limit) != nil { frames += 1 }
    }
    #expect((frames > 0) == (revision == .v1_3_3))
  }

  @Test("The short way reads beginnings as the long one does", arguments: Revision.allCases) func prefixes(
    _ revision: Revision
  ) {
    var frames = 0
    forEachMessage { bytes, limit in
      for start in Set([0, min(1, bytes.count), bytes.count]) {
        let stream = [UInt8](repeating: 0xFE, count: start) + bytes
        let span = stream.span.bytes
        let outcome = FrameCodec.decodePrefix(span, at: start, revision: revision, maxFrameLength: limit)
        #expect(outcome == FrameCodec.judgePrefix(span, at: start, revision: revision, maxFrameLength: limit))
        if FrameCodec.currentFrame(span, at: start, revision, limit) != nil { frames += 1 }
      }
    }
    #expect((frames > 0) == (revision == .v1_3_3))
  }

  @Test("Huge lengths are short", arguments: [UInt32(0x8000_0000), 0xFFFF_FFF8, .max]) func hugeLengthsAreShort(
    _ length: UInt32
  ) {
    let bytes: [UInt8] =
      [0xFE, 0xEF] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + [1, 0, 0, 0, 2, 0, 0, 0]
    let outcome = FrameCodec.decodeMessage(bytes.span.bytes, maxFrameLength: .max)
    #expect(outcome == .violation(FrameViolation(.short, offset: 14, observed: 14)))
    let prefix = FrameCodec.decodePrefix(bytes.span.bytes, at: 0, maxFrameLength: .max)
    #expect(prefix == .incomplete(atLeast: Int(length) + 6))
  }
}
