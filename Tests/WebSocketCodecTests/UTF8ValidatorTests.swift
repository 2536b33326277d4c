import Testing
import WebSocketCodec

@Suite struct UTF8ValidatorTests {
  /// Whether a validator takes the bytes as a whole text, fed at once or byte by byte.
  private func accepts(_ bytes: [UInt8], byteByByte: Bool) -> Bool {
    var validator = UTF8Validator()
    for piece in byteByByte ? bytes.map({ [$0] }) : [bytes] {
      if piece.withUnsafeBytes({ validator.validate($0) }) != nil { return false }
    }
    return validator.isComplete
  }

  @Test("Agrees with the standard library") func agreesWithTheStandardLibrary() {
    var random = SeededBytes(seed: 9)
    let leads: [UInt8] = [
      0x61, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0x9F, 0xA0, 0x8F, 0x90,
    ]
    var accepted = 0
    for _ in 0..<60_000 {
      let bytes = (0..<Int(1 + random.next() % 6)).map { _ in leads[Int(random.next() % UInt64(leads.count))] }
      let expected = String(validating: bytes, as: UTF8.self) != nil
      #expect(accepts(bytes, byteByByte: false) == expected)
      #expect(accepts(bytes, byteByByte: true) == expected)
      accepted += expected ? 1 : 0
    }
    #expect(accepted > 100)
  }

  @Test("Every scalar is accepted") func everyScalarIsAccepted() {
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 61) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      #expect(accepts(Array(String(scalar).utf8), byteByByte: true))
    }
  }

  @Test("The fault is the first byte that cannot go on") func theFaultIsTheFirstByteThatCannotGoOn() {
    var validator = UTF8Validator()
    let bytes = Array(repeating: UInt8(0x61), count: 21) + [0xE4, 0xBD, 0x61]
    let fault = bytes.withUnsafeBytes { validator.validate($0) }
    #expect(fault == 23)
  }
}
