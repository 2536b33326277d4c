import Specification
import Testing
import WebSocketCodec

/// The bytes that encoders write, and what they leave untouched when they refuse.
@Suite struct EncodedFormTests {
  @Test("A message that is refused half way leaves nothing") func aMessageThatIsRefusedHalfWayLeavesNothing() {
    var bytes: [UInt8] = [0x55]
    var keys: [UInt32?] = [1, nil]
    #expect(throws: WebSocketEncodingError(code: .maskingKey)) {
      try WebSocketEncoder(role: .client).encodeMessage(
        .binary, payload: [1, 2, 3, 4], fragmentSize: 2, maskingKey: { keys.removeFirst() }, into: &bytes)
    }
    #expect(bytes == [0x55])
  }

  @Test("A close frame is encoded") func aCloseFrame() throws {
    var bytes: [UInt8] = []
    try WebSocketEncoder(role: .server).encodeClose(into: &bytes)
    try WebSocketEncoder(role: .server).encodeClose(CloseBody(code: 1002, reason: "no"), into: &bytes)
    #expect(bytes == [0x88, 0x00, 0x88, 0x04, 0x03, 0xEA, 0x6E, 0x6F])
    #expect(throws: WebSocketEncodingError(code: .closeCode)) {
      try WebSocketEncoder(role: .server).encodeClose(CloseBody(code: 1005), into: &bytes)
    }
    #expect(bytes.count == 8)
  }

  @Test("A raw frame can lie about its mask") func aRawFrameCanLieAboutItsMask() {
    var bytes: [UInt8] = []
    RawFrame(opcode: 2, maskBit: true, payload: [1]).append(to: &bytes)
    RawFrame(opcode: 2, maskingKey: 0x0403_0201, maskBit: false, payload: [1]).append(to: &bytes)
    #expect(bytes == [0x82, 0x81, 1, 0x82, 0x01, 1, 2, 3, 4, 0])
  }

  @Test("Every violation names the rule that the sender broke") func everyViolationNamesTheRuleThatTheSenderBroke() {
    for code in WebSocketViolation.Code.allCases {
      let requirement = WebSocketViolation(code, offset: 0).requirement
      #expect((requirement == nil) == (code == .messageTooLarge))
      #expect(requirement?.isWellFormed ?? true)
    }
  }
}
