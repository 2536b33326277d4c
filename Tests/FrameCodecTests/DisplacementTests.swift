import FrameCodec
import Testing

@Suite struct DisplacementTests {
  @Test("What was written is read back", arguments: [0, 1, 127, 128, Int64.max, -1, .min]) func roundTrip(
    _ timestamp: Int64
  ) throws {
    let displacement = Displacement(
      oldAddress: Array("127.0.0.1:1".utf8), newAddress: [0xFF, 0x00], timestampNanoseconds: timestamp)
    #expect(try Displacement(decoding: displacement.encoded().span.bytes) == displacement)
  }

  @Test("An empty payload is an empty displacement") func anEmptyPayloadIsAnEmptyDisplacement() throws {
    let empty = Displacement(oldAddress: [], newAddress: [], timestampNanoseconds: 0)
    #expect(try Displacement(decoding: [UInt8]().span.bytes) == empty)
    #expect(empty.encoded().isEmpty)
  }

  @Test("Groups may be 32 deep") func groupsMayBeThirtyTwoDeep() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x4B, count: depth) + [UInt8](repeating: 0x4C, count: depth)
    }
    _ = try Displacement(decoding: nested(32).span.bytes)
    #expect(throws: ProtobufViolation(offset: 32)) { try Displacement(decoding: nested(33).span.bytes) }
    #expect(throws: ProtobufViolation(offset: 32)) { try Displacement(decoding: nested(100_000).span.bytes) }
  }

  @Test("Random bytes never crash") func randomBytesNeverCrash() {
    var random = SeededBytes(seed: 3)
    var parsed = 0
    for _ in 0..<50_000 {
      let bytes = random.bytes(Int(random.next() % 24))
      do {
        _ = try Displacement(decoding: bytes.span.bytes)
        parsed += 1
      } catch {
        #expect(0..<max(1, bytes.count) ~= error.offset)
      }
    }
    #expect(parsed > 0)
  }
}
