import Specification
import Testing
import WebSocketCodec

@Suite struct ViolationTests {
  struct Case: CustomTestStringConvertible {
    var frames: [RawFrame]
    var code: WebSocketViolation.Code
    var offset: Int
    var compression = false
    var testDescription: String { code.rawValue }
  }

  /// Each as a client receives it.
  static let cases: [Case] = [
    Case(frames: [RawFrame(rsv: 2, opcode: 2)], code: .reservedBits, offset: 0),
    Case(frames: [RawFrame(rsv: 4, opcode: 2)], code: .reservedBits, offset: 0),
    Case(frames: [RawFrame(opcode: 3)], code: .reservedOpcode, offset: 0),
    Case(frames: [RawFrame(opcode: 11)], code: .reservedOpcode, offset: 0),
    Case(frames: [RawFrame(rsv: 4, opcode: 9)], code: .controlCompressed, offset: 0, compression: true),
    Case(frames: [RawFrame(fin: false, opcode: 9)], code: .controlFragmented, offset: 0),
    Case(frames: [RawFrame(opcode: 0)], code: .strayContinuation, offset: 0),
    Case(frames: [RawFrame(fin: false, opcode: 2), RawFrame(opcode: 2)], code: .interleavedMessage, offset: 2),
    Case(
      frames: [RawFrame(fin: false, rsv: 4, opcode: 2), RawFrame(rsv: 4, opcode: 0)], code: .continuationCompressed,
      offset: 2, compression: true),
    Case(frames: [RawFrame(opcode: 2, maskingKey: 1)], code: .maskedServer, offset: 1),
    Case(frames: [RawFrame(opcode: 9, payload: .init(repeating: 0, count: 126))], code: .controlTooLong, offset: 1),
    Case(frames: [RawFrame(opcode: 2, lengthForm: .sixteenBits, payload: [1])], code: .nonminimalLength, offset: 1),
    Case(
      frames: [RawFrame(opcode: 2, lengthForm: .sixtyFourBits, declaredLength: .max)], code: .badLength, offset: 2),
    Case(frames: [RawFrame(opcode: 2, declaredLength: 1 << 40)], code: .messageTooLarge, offset: 0),
    Case(frames: [RawFrame(opcode: 1, payload: [0x61, 0xFF])], code: .textUTF8, offset: 3),
    Case(frames: [RawFrame(opcode: 1, payload: [0xC3])], code: .textUTF8, offset: 3),
    Case(frames: [RawFrame(opcode: 8, payload: [3])], code: .closeLengthOne, offset: 2),
    Case(frames: [RawFrame(opcode: 8, payload: [0x03, 0xED])], code: .closeCode, offset: 2),
    Case(frames: [RawFrame(opcode: 8, payload: [0x03, 0xE8, 0xFF])], code: .closeUTF8, offset: 2),
  ]

  private func bytes(_ frames: [RawFrame]) -> [UInt8] {
    var bytes: [UInt8] = []
    for frame in frames { frame.append(to: &bytes) }
    return bytes
  }

  @Test("Strict mode stops at a violation", arguments: cases) func strictModeStopsAtIt(_ violation: Case) {
    let after = bytes(violation.frames) + [0x82, 0x00]
    for pieces in [[after], after.map { [$0] }] {
      let found = decode(pieces, receiver: .client, compression: violation.compression)
      #expect(found == [.violation(WebSocketViolation(violation.code, offset: violation.offset))])
    }
  }

  @Test("Lenient mode reports a violation and goes on", arguments: cases) func lenientModeReportsItAndGoesOn(
    _ violation: Case
  ) {
    let stops = violation.code == .badLength || violation.frames[0].declaredLength != nil
    let after = bytes(violation.frames) + [0x82, 0x02, 0x6F, 0x6B]
    for pieces in [[after], after.map { [$0] }] {
      let found = decode(pieces, receiver: .client, mode: .lenient, compression: violation.compression)
      #expect(found.contains(.violation(WebSocketViolation(violation.code, offset: violation.offset))))
      if !stops {
        let end = after.count
        #expect(found.contains(.message(.binary, [0x6F, 0x6B], compressed: false, fragments: 1, end - 4..<end)))
      }
    }
  }

  @Test("Every code but data after close is tried") func everyCodeButDataAfterCloseIsTried() {
    let tried = Set(Self.cases.map(\.code))
    let rest = Set(WebSocketViolation.Code.allCases).subtracting(tried)
    #expect(rest == [.dataAfterClose, .unmaskedClient])
  }

  @Test("A server refuses an unmasked frame") func aServerRefusesAnUnmaskedFrame() {
    let found = decode([[0x82, 0x00]], receiver: .server)
    #expect(found == [.violation(WebSocketViolation(.unmaskedClient, offset: 1))])
  }

  @Test("What follows a close is ignored or reported once") func whatFollowsACloseIsIgnoredOrReportedOnce() {
    let stream: [UInt8] = [0x88, 0x00, 0x82, 0x01, 0x61, 0x82, 0x00]
    #expect(decode([stream], receiver: .client) == [.control(.close, [], 0..<2)])
    let lenient = decode([stream], receiver: .client, mode: .lenient)
    #expect(lenient.filter { $0 == .violation(WebSocketViolation(.dataAfterClose, offset: 2)) }.count == 1)
    #expect(lenient.count == 4)
  }

  @Test("Close codes have the right failure code") func closeCodesHaveTheRightFailureCode() {
    for code in WebSocketViolation.Code.allCases {
      let violation = WebSocketViolation(code, offset: 0)
      #expect([1002, 1007, 1009].contains(violation.closeCode))
      #expect(!violation.reason.isEmpty)
    }
  }

  @Test("Random bytes never crash") func randomBytesNeverCrash() {
    var random = SeededBytes(seed: 5)
    for round in 0..<4_000 {
      var bytes = sampleStream(from: .client)
      for _ in 0..<4 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
      if round % 2 == 0 { bytes = random.bytes(60) }
      for mode in [WebSocketDecoder.Mode.strict, .lenient] {
        let whole = decode([bytes], receiver: .server, mode: mode, compression: true)
        #expect(decode(bytes.map { [$0] }, receiver: .server, mode: mode, compression: true) == whole)
      }
    }
  }
}
