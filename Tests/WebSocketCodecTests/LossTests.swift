import Specification
import Testing
import WebSocketCodec

@Suite struct LossTests {
  private func lenient(memoryLimit: Int = 1 << 20) -> WebSocketDecoder {
    WebSocketDecoder(.init(receiver: .client, mode: .lenient, memoryLimit: memoryLimit))
  }

  @Test("Bytes lost inside a payload lose that message alone") func bytesLostInsideAPayloadLoseThatMessageAlone() {
    var decoder = lenient()
    let before = decode([[0x82, 0x05, 0x61]], &decoder)
    #expect(before.isEmpty)
    #expect(decoder.remainingInFrame == 4)
    let tooFar = decoder.skip(5)
    #expect(!tooFar)
    let skipped = decoder.skip(3)
    #expect(skipped)
    let rest = decode([[0x65, 0x82, 0x01, 0x62]], &decoder)
    #expect(rest == [.lost(fragments: 1, 0..<7), .message(.binary, [0x62], compressed: false, fragments: 1, 7..<10)])
  }

  @Test("A gap may reach to the end of the frame") func aGapUpToTheEndOfTheFrame() {
    var decoder = lenient()
    _ = decode([[0x82, 0x05]], &decoder)
    let skipped = decoder.skip(5)
    #expect(skipped)
    let rest = decode([[0x82, 0x00]], &decoder)
    #expect(rest == [.lost(fragments: 1, 0..<7), .message(.binary, [], compressed: false, fragments: 1, 7..<9)])
  }

  @Test("A gap in a header needs resynchronising") func aGapInAHeaderNeedsResynchronising() {
    var decoder = lenient()
    _ = decode([[0x82]], &decoder)
    let skipped = decoder.skip(1)
    #expect(!skipped)
    decoder.resynchronise(at: 100)
    let rest = decode([[0x82, 0x00]], &decoder)
    #expect(rest == [.message(.binary, [], compressed: false, fragments: 1, 100..<102)])
  }

  @Test("A new message inside another loses the old") func aNewMessageInsideAnotherLosesTheOld() {
    var decoder = lenient()
    let found = decode([[0x02, 0x01, 0x61, 0x82, 0x01, 0x62]], &decoder)
    #expect(
      found == [
        .violation(WebSocketViolation(.interleavedMessage, offset: 3)), .lost(fragments: 1, 0..<3),
        .message(.binary, [0x62], compressed: false, fragments: 1, 3..<6),
      ])
  }

  @Test("A message above the memory bound is lost") func aMessageAboveTheMemoryBoundIsLost() {
    var decoder = lenient(memoryLimit: 4)
    let found = decode([[0x02, 0x03, 1, 2, 3, 0x80, 0x02, 4, 5, 0x82, 0x01, 6]], &decoder)
    #expect(found == [.lost(fragments: 2, 0..<9), .message(.binary, [6], compressed: false, fragments: 1, 9..<12)])
  }

  @Test("What is lost above the memory bound does not depend on cuts") func lossAndCuts() {
    var random = SeededBytes(seed: 23)
    for _ in 0..<2000 {
      // Text and binary, in fragments, more or less of it UTF-8, most of it longer than what is kept.
      var stream: [UInt8] = []
      for _ in 0..<4 {
        let count = Int(random.next() % 12)
        let payload = (0..<count).map { _ in [0x61, 0xC3, 0xA4, 0xFF, 0x80][Int(random.next() % 5)] as UInt8 }
        stream += [[0x01, 0x00, 0x80, 0x81, 0x82][Int(random.next() % 5)], UInt8(count)] + payload
      }
      var decoder = lenient(memoryLimit: 8)
      let whole = decode([stream], &decoder)
      for cut in 0...stream.count {
        var other = lenient(memoryLimit: 8)
        let found = decode([Array(stream[..<cut]), Array(stream[cut...])], &other)
        #expect(found == whole, "\(stream) cut at \(cut)")
        guard found == whole else { return }
      }
    }
  }

  @Test("Resynchronising forgets what was not handed out") func resynchronisingForgetsWhatWasNotHandedOut() {
    var decoder = lenient()
    // An interleaved message: a violation, and the message that is lost, wait behind the first violation.
    let bytes: [UInt8] = [0x02, 0x01, 0x61, 0xA2, 0x81, 1, 2, 3, 4, 0x62]
    var position = 0
    let first = decoder.next(bytes.span.bytes, at: &position)
    #expect(first == .violation(WebSocketViolation(.reservedBits, offset: 3)))
    decoder.resynchronise(at: 100)
    #expect(decoder.isBetweenMessages)
    let rest = decode([[0x82, 0x00]], &decoder)
    #expect(rest == [.message(.binary, [], compressed: false, fragments: 1, 100..<102)])
  }

  @Test("What came before a gap is given with the lost message") func whatCameBeforeAGapIsGivenWithTheLostMessage()
    throws
  {
    var decoder = lenient()
    _ = decode([[0x82, 0x05, 0x61, 0x62]], &decoder)
    let skipped = decoder.skip(2)
    #expect(skipped)
    var position = 0
    let rest: [UInt8] = [0x65]
    guard case .lostMessage(let lost)? = decoder.next(rest.span.bytes, at: &position) else {
      Issue.record("the message is not reported")
      return
    }
    #expect(lost.announcedLength == 5)
    let payload = decoder.withPayload(lost.payload, of: rest.span.bytes) { span in span.withUnsafeBytes { Array($0) } }
    #expect(payload == [0x61, 0x62])

    _ = decode([[0x82, 0x03, 0x63]], &decoder)
    #expect(decoder.unfinishedFrameStart == 7)
    let resynchronised = decoder.resynchronise(at: 50)
    let open = try #require(resynchronised)
    let begun = decoder.withPayload(open.payload, of: rest.span.bytes) { span in span.withUnsafeBytes { Array($0) } }
    #expect(begun == [0x63])
    #expect(decoder.unfinishedFrameStart == nil)
  }

  @Test("A decoder counts from where its stream begins") func aDecoderCountsFromWhereItsStreamBegins() {
    var decoder = WebSocketDecoder(.init(receiver: .client, mode: .lenient), streamOffset: 129)
    let found = decode([[0x80, 0x00, 0x82, 0x00]], &decoder)
    #expect(
      found == [
        .violation(WebSocketViolation(.strayContinuation, offset: 129)),
        .message(.binary, [], compressed: false, fragments: 1, 131..<133),
      ])
  }

  @Test("Reserved control frames break the rules of control frames too")
  func reservedControlFramesBreakTheRulesOfControlFramesToo() {
    let found = decode([[0x4B, 0x00]], receiver: .client, mode: .lenient, compression: true)
    #expect(
      found
        == [.reservedOpcode, .controlCompressed, .controlFragmented].map {
          .violation(WebSocketViolation($0, offset: 0))
        })
  }
}
