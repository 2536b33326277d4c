import Specification
import Testing
import WebSocketCodec

@Suite struct EncoderTests {
  @Test("Messages come back in fragments", arguments: [PeerRole.client, .server], [0, 1, 125, 126, 65_535, 65_536])
  func messagesComeBackInFragments(_ role: PeerRole, _ count: Int) throws {
    var random = SeededBytes(seed: UInt64(count))
    let payload = random.bytes(count)
    for fragmentSize in [nil, 1000, 65_536] as [Int?] {
      var bytes: [UInt8] = []
      var key: UInt32 = 1
      try WebSocketEncoder(role: role).encodeMessage(
        .binary, payload: payload, fragmentSize: fragmentSize,
        maskingKey: {
          key = key &* 1_664_525 &+ 1_013_904_223
          return role == .client ? key : nil
        }, into: &bytes)
      let fragments = max(1, (count + (fragmentSize ?? max(1, count)) - 1) / (fragmentSize ?? max(1, count)))
      #expect(
        decode([bytes], receiver: role.peer)
          == [.message(.binary, payload, compressed: false, fragments: fragments, 0..<bytes.count)])
    }
  }

  @Test("The encoder refuses what the decoder refuses") func theEncoderRefusesWhatTheDecoderRefuses() {
    for violation in ViolationTests.cases {
      guard let frame = violation.frames.last, frame.declaredLength == nil, frame.lengthForm == nil,
        ![.strayContinuation, .interleavedMessage, .textUTF8].contains(violation.code)
      else { continue }
      var bytes: [UInt8] = []
      let encoder = WebSocketEncoder(role: .server, allowsCompression: violation.compression)
      #expect(throws: WebSocketEncodingError.self) { try encoder.encode(frame, into: &bytes) }
      #expect(bytes.isEmpty)
    }
  }

  @Test("Every header form is parsed as it was written") func everyHeaderFormIsParsedAsItWasWritten() {
    for form in [WebSocketFrameHeader.LengthForm.sevenBits, .sixteenBits, .sixtyFourBits] {
      for key in [nil, 0x0403_0201] as [UInt32?] {
        let header = WebSocketFrameHeader(
          fin: false, rsv: 5, opcode: 11, maskingKey: key, payloadLength: 100, lengthForm: form)
        var bytes: [UInt8] = []
        header.append(to: &bytes)
        #expect(bytes.count == header.size)
        #expect(WebSocketFrameHeader.parse(bytes.span.bytes, at: 0) == .header(header))
        for count in 0..<bytes.count {
          guard case .incomplete(let least) = WebSocketFrameHeader.parse(Array(bytes.prefix(count)).span.bytes, at: 0)
          else {
            Issue.record("a header out of \(count) bytes")
            continue
          }
          #expect(least > count && least <= header.size)
        }
      }
    }
  }

  @Test("A long reason is cut between characters") func aLongReasonIsCutBetweenCharacters() {
    let body = CloseBody(code: 1000, reason: String(repeating: "你", count: 60)).encoded()
    #expect(body.count == 2 + 41 * 3)
    #expect(CloseBody.fault(in: body) == nil)
  }
}
