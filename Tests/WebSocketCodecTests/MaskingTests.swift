import Testing
import WebSocketCodec

@Suite struct MaskingTests {
  private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
  private static let word: UInt32 = 0x3D21_FA37

  @Test("Masking is right at every alignment and phase", arguments: 0..<8, 0..<4) func everyAlignmentAndPhase(
    _ start: Int, _ phase: Int
  ) {
    var random = SeededBytes(seed: 1)
    for count in 0..<140 {
      let plain = random.bytes(start + count)
      var masked = plain
      Masking.apply(Self.word, to: &masked, from: start, phase: phase)
      let expected = plain.enumerated().map { index, byte in
        index < start ? byte : byte ^ Self.key[(index - start + phase) % 4]
      }
      #expect(masked == expected)
    }
  }

  @Test("Masking twice is nothing") func maskingTwiceIsNothing() {
    var random = SeededBytes(seed: 2)
    let plain = random.bytes(1000)
    var bytes = plain
    Masking.apply(Self.word, to: &bytes, from: 0)
    #expect(bytes != plain)
    Masking.apply(Self.word, to: &bytes, from: 0)
    #expect(bytes == plain)
  }
}
