import FrameCodec
import Testing

@Suite struct RevisionDetectorTests {
  @Test("A message of each revision", arguments: Revision.allCases) func aMessageOfEachRevision(_ revision: Revision)
    throws
  {
    var detector = RevisionDetector()
    #expect(detector.revision == nil)
    #expect(detector.confidence == 0)
    let bytes = try #require(DecodingTests.hello[revision])
    detector.observe(bytes.span.bytes)
    #expect(detector.revision == revision)
    #expect(0.8...1 ~= detector.confidence)
  }

  @Test("A body that could be both is decided by the next") func aBodyThatCouldBeBothIsDecidedByTheNext() {
    var detector = RevisionDetector()
    detector.observe(([0xFE, 0xEE, 2, 0, 0, 0, 0x08, 0x02] as [UInt8]).span.bytes)
    #expect(detector.revision == .v1_2)
    detector.observe(([0xFE, 0xEE, 5, 0, 0, 0, 9, 0, 0, 0, 1] as [UInt8]).span.bytes)
    #expect(detector.revision == .v1_3_0)
  }

  @Test("More messages make it surer") func moreMessagesMakeItSurer() throws {
    var detector = RevisionDetector()
    let bytes = try #require(DecodingTests.hello[.v1_1])
    detector.observe(bytes.span.bytes)
    let once = detector.confidence
    detector.observe(bytes.span.bytes)
    #expect(detector.confidence > once)
    #expect(detector.confidence < 1)
  }

  @Test("What is no frame says nothing") func whatIsNoFrameSaysNothing() {
    var detector = RevisionDetector()
    for bytes in [[], [0xFF], [0xFE, 0xEF], Array("GET / HTTP/1.1".utf8)] as [[UInt8]] {
      detector.observe(bytes.span.bytes)
    }
    #expect(detector.revision == nil)
  }
}
