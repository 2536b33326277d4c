import CaptureFile
import Testing

@Suite struct PcapTests {
  @Test(
    "Each magic is read in both byte orders",
    arguments: [
      (UInt32(0xA1B2_C3D4), Int64(1_000), [UInt8]()), (0xA1B2_3C4D, 1, []),
      (0xA1B2_CD34, 1_000, [1, 2, 3, 4, 5, 6, 7, 8]),
    ], [false, true])
  func eachMagicInBothOrders(_ kind: (magic: UInt32, unit: Int64, extra: [UInt8]), big: Bool) {
    var file = FileBytes.pcap(magic: kind.magic, big: big)
    file.record(seconds: 1_700_000_000, fraction: 999_999, extra: kind.extra, data: [1, 2, 3])
    file.record(seconds: 0xFFFF_FFFF, fraction: 0, extra: kind.extra, data: [])
    let transcript = read(file.bytes)
    #expect(transcript.findings.isEmpty)
    #expect(transcript.format == .pcap)
    let header = 16 + kind.extra.count
    #expect(
      transcript.packets == [
        ReadPacket(
          number: 1, time: 1_700_000_000_000_000_000 + 999_999 * kind.unit, originalLength: 3, fileOffset: 24,
          bytes: [1, 2, 3]),
        ReadPacket(
          number: 2, time: 4_294_967_295_000_000_000, originalLength: 0, fileOffset: 24 + header + 3, bytes: []),
      ])
  }

  @Test(
    "The link type field holds check sequence length",
    arguments: [
      (UInt32(0x2400_0001), UInt16(1), 4), (0x1400_0001, 1, 2), (0x2000_0001, 1, 0), (0x0000_0114, 276, 0),
      (0x03FF_0065, 101, 0),
    ])
  func linkTypeFieldHoldsCheckSequenceLength(field: UInt32, linkType: UInt16, length: Int) {
    var file = FileBytes.pcap(linkField: field)
    file.record(seconds: 1, fraction: 0, data: [9])
    let packet = read(file.bytes).packets.first
    #expect(packet?.linkType == linkType)
    #expect(packet?.checkSequence == length)
  }

  @Test("Cut packets are reported once") func cutPacketsAreReportedOnce() {
    var file = FileBytes.pcap(snapLength: 2)
    file.record(seconds: 1, fraction: 0, original: 2, data: [1, 2])
    file.record(seconds: 1, fraction: 0, original: 7, data: [1, 2])
    file.record(seconds: 1, fraction: 0, original: 8, data: [1, 2])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.originalLength) == [2, 7, 8])
    #expect(
      transcript.findings == [
        CaptureFinding(fault: .cutPacket(captured: 2, original: 7), offset: 42, recordNumber: 2)
      ])
  }

  @Test(
    "The lengths of old versions are exchanged",
    arguments: [(UInt16(2), UInt32(5), UInt32(2)), (3, 5, 2), (3, 2, 5), (4, 2, 5)])
  func lengthsOfOldVersions(minor: UInt16, first: UInt32, second: UInt32) {
    var file = FileBytes.pcap(version: (2, minor))
    file.record(seconds: 1, fraction: 0, captured: first, original: second, data: [1, 2])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.bytes) == [[1, 2]])
    #expect(transcript.packets.map(\.originalLength) == [5])
  }

  @Test("An absurd length ends the reading and keeps what was before")
  func absurdLengthEndsTheReadingAndKeepsWhatWasBefore() {
    var file = FileBytes.pcap()
    file.record(seconds: 1, fraction: 0, data: [1])
    file.record(seconds: 1, fraction: 0, captured: 262_145, original: 262_145, data: [2])
    file.record(seconds: 1, fraction: 0, data: [3])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.bytes) == [[1]])
    #expect(
      transcript.findings == [CaptureFinding(fault: .recordTooLong(captured: 262_145, limit: 262_144), offset: 49)])
  }

  @Test("The longest record is taken") func longestRecordIsTaken() {
    var file = FileBytes.pcap()
    file.record(seconds: 1, fraction: 0, data: Array(repeating: 7, count: 262_144))
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.bytes.count) == [262_144])
    #expect(transcript.findings.isEmpty)
  }

  @Test("Every truncation is reported and every cut reads the same")
  func everyTruncationIsReportedAndEveryCutReadsTheSame() {
    var file = FileBytes.pcap()
    file.record(seconds: 1, fraction: 5, data: [1, 2, 3])
    file.record(seconds: 2, fraction: 6, original: 9, data: [4])
    let whole = read(file.bytes)
    #expect(whole.packets.count == 2)
    #expect(readByteByByte(file.bytes) == whole)
    let boundaries: Set = [24, 43, 60]
    for cut in 0...file.bytes.count {
      #expect(read([file.bytes[..<cut], file.bytes[cut...]]) == whole, "cut at \(cut)")
      let part = read(Array(file.bytes[..<cut]))
      #expect(part.packets == whole.packets.filter { $0.fileOffset + 16 + $0.bytes.count <= cut })
      let truncation = part.findings.filter { $0.code == .fileTruncated }
      if cut == 0 {
        #expect(part.codes == [.fileEmpty])
      } else {
        #expect(truncation.count == (boundaries.contains(cut) ? 0 : 1), "cut at \(cut)")
        #expect(truncation.allSatisfy { $0.offset == cut })
      }
    }
  }

  @Test(
    "Files of other formats are named",
    arguments: [
      [UInt8(0x44)], [0xD4, 0x00], [0x44, 0x44, 0x44, 0x44], Array(repeating: 0x44, count: 5_000), [0, 0, 0, 0, 0],
    ])
  func foreignFiles(bytes: [UInt8]) {
    let transcript = read(bytes)
    #expect(transcript.codes == [.fileBadMagic])
    #expect(transcript.codes.first?.effect == .unreadable)
    #expect(transcript.packets.isEmpty)
    #expect(readByteByByte(bytes) == transcript)
  }

  @Test("Other versions are refused", arguments: [UInt16(1), 3, 543])
  func otherVersionsAreRefused(major: UInt16) {
    var file = FileBytes.pcap(version: (major, 4))
    file.record(seconds: 1, fraction: 0, data: [1])
    #expect(read(file.bytes).faults == [.unsupportedVersion(major: major, minor: 4)])
  }

  @Test("A header alone is a whole file") func headerAloneIsAWholeFile() {
    let transcript = read(FileBytes.pcap().bytes)
    #expect(transcript.findings.isEmpty)
    #expect(transcript.packets.isEmpty)
    #expect(transcript.interfaces.map(\.linkType) == [1])
  }
}
