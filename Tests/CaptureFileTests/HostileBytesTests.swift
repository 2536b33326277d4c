import CaptureFile
import Testing

/// Bytes that no capture tool wrote: the reader must end, and must not trap.
@Suite struct HostileBytesTests {
  private static func start(_ kind: Int) -> [UInt8] {
    switch kind {
    case 0: FileBytes.pcap().bytes
    case 1: FileBytes.pcap(magic: 0xA1B2_CD34, big: true).bytes
    case 2: PcapngTests.everything(big: false, foreignLength: 10).bytes
    case 3: PcapngTests.everything(big: true, foreignLength: 10).bytes
    case 4: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    default: []
    }
  }

  @Test("Random bytes never crash", arguments: 0..<6) func randomBytes(kind: Int) {
    var generator = SplitMix64(state: UInt64(kind))
    let prefix = Self.start(kind)
    for _ in 0..<200 {
      let noise = (0..<Int(generator.next() % 200)).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 8) }
      let file = prefix + noise
      #expect(readByteByByte(file) == read(file))
    }
  }

  @Test("Flipped bits never crash", arguments: 0..<4) func flippedBits(kind: Int) {
    var generator = SplitMix64(state: 77)
    var file = FileBytes(big: false)
    file.bytes = Self.start(kind)
    if kind < 2 {
      file.big = kind == 1
      for index in 0..<4 {
        file.record(seconds: 1, fraction: 2, extra: kind == 1 ? [0, 0, 0, 0, 0, 0, 0, 0] : [], data: [UInt8(index)])
      }
    }
    let whole = file.bytes
    for _ in 0..<500 {
      var damaged = whole
      for _ in 0...generator.next() % 3 {
        let place = Int(generator.next() % UInt64(min(whole.count, 400)))
        damaged[place] ^= 1 << UInt8(generator.next() % 8)
      }
      _ = read(damaged)
    }
  }
}

/// A small generator of reproducible numbers.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
