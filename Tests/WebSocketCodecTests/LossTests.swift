import Specification
import Testing
import WebSocketCodec

@Suite struct LossTests {
  private func lenient(memoryLimit: Int = 1 << 20) -> WebSocketDecoder {
    WebSocketDecoder(.init(receiver: .client, mode: .lenient, memoryLimit: memoryLimit))
  }

  @Test func bytesLostInsideAPayloadLoseThatMessageAlone() {
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

  @Test func aGapUpToTheEndOfTheFrame() {
    var decoder = lenient()
    _ = decode([[0x82, 0x05]], &decoder)
    let skipped = decoder.skip(5)
    #expect(skipped)
    let rest = decode([[0x82, 0x00]], &decoder)
    #expect(rest == [.lost(fragments: 1, 0..<7), .message(.binary, [], compressed: false, fragments: 1, 7..<9)])
  }

  @Test func aGapInAHeaderNeedsResynchronising() {
    var decoder = lenient()
    _ = decode([[0x82]], &decoder)
    let skipped = decoder.skip(1)
    #expect(!skipped)
    decoder.resynchronise(at: 100)
    let rest = decode([[0x82, 0x00]], &decoder)
    #expect(rest == [.message(.binary, [], compressed: false, fragments: 1, 100..<102)])
  }

  @Test func aNewMessageInsideAnotherLosesTheOld() {
    var decoder = lenient()
    let found = decode([[0x02, 0x01, 0x61, 0x82, 0x01, 0x62]], &decoder)
    #expect(
      found == [
        .violation(WebSocketViolation(.interleavedMessage, offset: 3)), .lost(fragments: 1, 0..<3),
        .message(.binary, [0x62], compressed: false, fragments: 1, 3..<6),
      ])
  }

  @Test func aMessageAboveTheMemoryBoundIsLost() {
    var decoder = lenient(memoryLimit: 4)
    let found = decode([[0x02, 0x03, 1, 2, 3, 0x80, 0x02, 4, 5, 0x82, 0x01, 6]], &decoder)
    #expect(found == [.lost(fragments: 2, 0..<9), .message(.binary, [6], compressed: false, fragments: 1, 9..<12)])
  }
}
