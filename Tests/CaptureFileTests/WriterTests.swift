import CaptureFile
import Testing

@Suite struct WriterTests {
  private static let packets: [(time: Int64, data: [UInt8], original: Int?)] = [
    (0, [], nil), (1_700_000_000_123_456_789, [1, 2, 3], nil), (999_999_999, Array(repeating: 5, count: 262_144), nil),
    (4_294_967_295_999_999_999, [7], 1_500),
  ]

  @Test("What was written is read back", arguments: CaptureWriter.Format.allCases, [false, true])
  func roundTrip(format: CaptureWriter.Format, compressed: Bool) throws {
    var writer = CaptureWriter(format: format, compressed: compressed)
    let first = try writer.addInterface(CaptureInterface(linkType: 276, name: "any", frameCheckSequenceLength: 4))
    var file = writer.takeBytes()
    for packet in Self.packets {
      try writer.write(
        packet.data.span.bytes, timestampNanoseconds: packet.time, interface: first, originalLength: packet.original)
      file += writer.takeBytes()
    }
    try writer.finish()
    file += writer.takeBytes()
    let transcript = read(file)
    #expect(transcript.compressed == compressed)
    let unit: Int64 = format == .pcapMicroseconds ? 1_000 : 1
    #expect(transcript.packets.map(\.time) == Self.packets.map { $0.time / unit * unit })
    #expect(transcript.packets.map(\.bytes) == Self.packets.map(\.data))
    #expect(transcript.packets.map(\.originalLength) == [0, 3, 262_144, 1_500])
    #expect(transcript.packets.allSatisfy { $0.linkType == 276 && $0.checkSequence == 4 })
    #expect(transcript.codes == [.captureSnaplen])
    #expect(transcript.interfaces.first?.name == (format == .pcapng ? "any" : ""))
  }

  @Test("Interfaces and secrets are written", arguments: [false, true]) func interfacesAndSecrets(compressed: Bool)
    throws
  {
    var writer = CaptureWriter(format: .pcapng, compressed: compressed)
    let secrets = CaptureSecrets(type: CaptureSecrets.tlsKeyLog, data: Array("CLIENT_RANDOM".utf8))
    try writer.writeSecrets(secrets)
    let ethernet = try writer.addInterface(CaptureInterface(linkType: 1))
    let raw = try writer.addInterface(CaptureInterface(linkType: 101, snapLength: 64, name: "tun0"))
    let data: [UInt8] = [1, 2]
    try writer.write(data.span.bytes, timestampNanoseconds: 1, interface: raw)
    try writer.write(data.span.bytes, timestampNanoseconds: 2, interface: ethernet)
    try writer.finish()
    let transcript = read(writer.takeBytes())
    #expect(transcript.secrets == [secrets])
    #expect(transcript.packets.map(\.linkType) == [101, 1])
    #expect(transcript.interfaces.map(\.snapLength) == [262_144, 64])
    #expect(transcript.findings.isEmpty)
  }

  @Test("Mistakes of the caller are told") func mistakesOfTheCaller() throws {
    let data: [UInt8] = [1]
    let long = [UInt8](repeating: 0, count: 262_145)
    var pcap = CaptureWriter(format: .pcapMicroseconds)
    #expect(throwsError(.unknownInterface(0)) { try pcap.write(data.span.bytes, timestampNanoseconds: 1) })
    _ = try pcap.addInterface(CaptureInterface(linkType: 1))
    #expect(throwsError(.singleInterface) { _ = try pcap.addInterface(CaptureInterface(linkType: 1)) })
    #expect(throwsError(.secretsUnsupported) { try pcap.writeSecrets(CaptureSecrets(type: 1, data: [])) })
    #expect(throwsError(.timestampOutOfRange(-1)) { try pcap.write(data.span.bytes, timestampNanoseconds: -1) })
    #expect(
      throwsError(.timestampOutOfRange(4_294_967_296_000_000_000)) {
        try pcap.write(data.span.bytes, timestampNanoseconds: 4_294_967_296_000_000_000)
      })
    #expect(throwsError(.packetTooLong(262_145)) { try pcap.write(long.span.bytes, timestampNanoseconds: 0) })
    #expect(
      throwsError(.badOriginalLength(0)) { try pcap.write(data.span.bytes, timestampNanoseconds: 0, originalLength: 0) }
    )
    try pcap.finish()
    #expect(throwsError(.finished) { try pcap.write(data.span.bytes, timestampNanoseconds: 1) })
    #expect(pcap.bytes.count == 24)
  }

  private func throwsError(_ expected: CaptureWriteError, _ body: () throws -> Void) -> Bool {
    do { try body() } catch { return error as? CaptureWriteError == expected }
    return false
  }
}
