import Specification
import Testing
import WebSocketCodec

/// How a lenient decoder goes on, event by event.
@Suite struct LenientModeTests {
  private func lenient(_ receiver: PeerRole = .client) -> WebSocketDecoder {
    WebSocketDecoder(.init(receiver: receiver, mode: .lenient))
  }

  private func violation(_ code: WebSocketViolation.Code, _ offset: Int) -> Decoded {
    .violation(WebSocketViolation(code, offset: offset))
  }

  @Test("A fault comes before what the frame still is") func aFaultComesBeforeWhatTheFrameStillIs() {
    let streams: [([UInt8], [Decoded])] = [
      (
        [0x88, 0x02, 0x03, 0xED],
        [violation(.closeCode, 2), .control(.close, [0x03, 0xED], 0..<4)]
      ),
      (
        [0x81, 0x02, 0xFF, 0x61],
        [violation(.textUTF8, 2), .message(.text, [0xFF, 0x61], compressed: false, fragments: 1, 0..<4)]
      ),
      (
        [0x81, 0x01, 0xC3], [violation(.textUTF8, 3), .message(.text, [0xC3], compressed: false, fragments: 1, 0..<3)]
      ),
    ]
    for (bytes, expected) in streams {
      #expect(decode([bytes], receiver: .client, mode: .lenient) == expected)
      #expect(decode(bytes.map { [$0] }, receiver: .client, mode: .lenient) == expected)
    }
  }

  @Test("An unmasked client frame is read as it is") func anUnmaskedClientFrameIsReadAsItIs() {
    #expect(
      decode([[0x82, 0x01, 0x61]], receiver: .server, mode: .lenient)
        == [violation(.unmaskedClient, 1), .message(.binary, [0x61], compressed: false, fragments: 1, 0..<3)])
  }

  @Test("RSV1 without deflate makes no message compressed") func rsv1WithoutDeflateMakesNoMessageCompressed() {
    #expect(
      decode([[0xC2, 0x01, 0x61]], receiver: .client, mode: .lenient)
        == [violation(.reservedBits, 0), .message(.binary, [0x61], compressed: false, fragments: 1, 0..<3)])
  }

  @Test("A stray continuation is passed over") func aStrayContinuationIsPassedOver() {
    #expect(
      decode([[0x80, 0x01, 0x61, 0x82, 0x00]], receiver: .client, mode: .lenient)
        == [violation(.strayContinuation, 0), .message(.binary, [], compressed: false, fragments: 1, 3..<5)])
  }

  @Test("A long control frame is kept in part") func aLongControlFrameIsKeptInPart() {
    let bytes: [UInt8] = [0x89, 0x7E, 0x14, 0x00] + [UInt8](repeating: 0x70, count: 0x1400)
    #expect(
      decode([bytes], receiver: .client, mode: .lenient) == [
        violation(.controlTooLong, 1), .control(.ping, [UInt8](repeating: 0x70, count: 4096), 0..<bytes.count),
      ])
  }

  @Test("A short control frame with a long length is not too long") func aShortControlFrameWithALongLengthIsNotTooLong()
  {
    #expect(
      decode([[0x8A, 0x7E, 0x00, 0x02, 1, 2]], receiver: .client, mode: .lenient)
        == [violation(.nonminimalLength, 1), .control(.pong, [1, 2], 0..<6)])
  }

  @Test("A gap in a control frame leaves the message around it whole")
  func aGapInAControlFrameLeavesTheMessageAroundItWhole() {
    var decoder = lenient()
    #expect(decode([[0x02, 0x01, 0x61, 0x89, 0x04, 0x70]], &decoder).isEmpty)
    let skipped = decoder.skip(3)
    #expect(skipped)
    #expect(
      decode([[0x80, 0x01, 0x62]], &decoder)
        == [.message(.binary, [0x61, 0x62], compressed: false, fragments: 2, 0..<12)])
  }

  @Test("A gap tells why the message is lost") func aGapTellsWhyTheMessageIsLost() {
    var decoder = lenient()
    #expect(decode([[0x82, 0x05]], &decoder).isEmpty)
    let negative = decoder.skip(-1)
    #expect(!negative)
    let skipped = decoder.skip(5)
    #expect(skipped)
    var position = 0
    let none: [UInt8] = []
    guard case .lostMessage(let lost)? = decoder.next(none.span.bytes, at: &position) else {
      Issue.record("the message is not reported")
      return
    }
    #expect(lost.loss == .skipped)
    #expect(decoder.isBetweenMessages)
  }

  @Test("Continuations of a message from before the gap are no violation")
  func continuationsOfAMessageFromBeforeTheGapAreNoViolation() {
    var decoder = lenient()
    #expect(decode([[0x02, 0x05, 0x61]], &decoder).isEmpty)
    let lost = decoder.resynchronise(at: 100)
    #expect(lost?.streamRange == 0..<3)
    #expect(lost?.loss == .skipped)
    #expect(
      decode([[0x00, 0x01, 0x61, 0x80, 0x01, 0x62, 0x82, 0x00, 0x80, 0x00]], &decoder)
        == [.message(.binary, [], compressed: false, fragments: 1, 106..<108), violation(.strayContinuation, 108)])
  }

  @Test("A length that cannot be stops the stream") func aLengthThatCannotBeStopsTheStream() {
    var decoder = lenient()
    let bytes: [UInt8] = [0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x82, 0x00]
    #expect(decode([bytes], &decoder) == [violation(.badLength, 2)])
    #expect(decoder.isStopped)
    #expect(decode([[0x82, 0x00]], &decoder).isEmpty)
  }

  @Test("Huge announcements cost nothing") func hugeAnnouncementsCostNothing() {
    var decoder = lenient()
    let header: [UInt8] = [0x82, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(decode([header + [1, 2, 3]], &decoder) == [violation(.messageTooLarge, 0)])
    let tooFar = decoder.skip(.max)
    #expect(!tooFar)
    #expect(decoder.remainingInFrame == UInt64(Int64.max) - 3)
  }
}
