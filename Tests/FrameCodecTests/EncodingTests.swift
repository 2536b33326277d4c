import FrameCodec
import Testing

@Suite struct EncodingTests {
  @Test("What is encoded is decoded", arguments: Revision.allCases, [0, 1, 2, 119, 120, 121, 127, 128, 65_536])
  func whatIsEncodedIsDecoded(_ revision: Revision, _ count: Int) throws {
    var random = SeededBytes(seed: UInt64(count))
    let payload = random.bytes(count)
    for id in [revision.protocolIds.lowerBound, 0, 2, 0x7FFF_FFFF, revision.protocolIds.upperBound] {
      var bytes: [UInt8] = []
      let sn: UInt32 = revision.hasSerialNumber ? 0xFFFF_FFFE : 0
      try FrameCodec.encode(protocolId: id, sn: sn, payload: payload.span.bytes, revision: revision, into: &bytes)
      if bytes.isEmpty { continue }  // revision 1.1, protocolId 0, no payload: a message without bytes
      guard case .frame(let header) = FrameCodec.decodeMessage(bytes.span.bytes, revision: revision) else {
        Issue.record("not decoded: \(bytes.prefix(20))")
        continue
      }
      #expect(header.protocolId == id)
      #expect(header.sn == (revision.hasSerialNumber ? sn : nil))
      #expect(Array(bytes[header.payload]) == payload)
    }
  }

  @Test("The smallest frame") func theSmallestFrame() throws {
    var bytes: [UInt8] = []
    try FrameCodec.encode(protocolId: 2, payload: [UInt8]().span.bytes, into: &bytes)
    #expect(bytes == [0xFE, 0xEF, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("Nothing is appended on an error") func nothingIsAppendedOnAnError() {
    var bytes: [UInt8] = [1]
    let payload = [UInt8](repeating: 0, count: 57)
    #expect(throws: FrameEncodingError(code: .tooLarge)) {
      try FrameCodec.encode(protocolId: 2, payload: payload.span.bytes, maxFrameLength: 64, into: &bytes)
    }
    #expect(throws: FrameEncodingError(code: .protocolIdOutOfRange)) {
      try FrameCodec.encode(protocolId: -1, payload: payload.span.bytes, into: &bytes)
    }
    #expect(throws: FrameEncodingError(code: .snUnsupported)) {
      try FrameCodec.encode(protocolId: 1, sn: 2, payload: payload.span.bytes, revision: .v1_1, into: &bytes)
    }
    #expect(bytes == [1])
  }

  @Test("A raw prefix may lie") func aRawPrefixMayLie() {
    var bytes: [UInt8] = []
    RawFramePrefix(magic: 0xEFFE, length: 0xFFFF_FFFF).append(to: &bytes)
    #expect(bytes == [0xFE, 0xEF, 0xFF, 0xFF, 0xFF, 0xFF])
  }
}
