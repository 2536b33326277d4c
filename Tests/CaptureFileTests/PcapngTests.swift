import CaptureFile
import Testing

@Suite struct PcapngTests {
  /// A file with all that can be in one: three interfaces, every packet block, statistics, secrets, foreign blocks.
  static func everything(big: Bool, foreignLength: Int = 70_000) -> FileBytes {
    var file = FileBytes(big: big)
    file.section()
    file.interface(snapLength: 3) { $0.option(2, Array("eth0".utf8)) }
    file.packet(time: 1_700_000_000_000_001, data: [1, 2, 3, 4, 5])
    file.interface(linkType: 276) {
      $0.option(1, Array("a comment".utf8))
      $0.option(9, [9])
      $0.option(13, [4])
      $0.option(0, [])
      $0.option(9, [3])
    }
    file.interface(linkType: 101) {
      $0.option(9, [0x80 | 10])
      let offset = Int64(-10)
      let bytes = withUnsafeBytes(of: big ? offset.bigEndian : offset.littleEndian) { Array($0) }
      $0.option(14, bytes)
    }
    file.block(0x0BAD_CAFE) { $0.put(Array(repeating: 0xAA, count: 30)) }
    file.block(0x7FFF_0001) { $0.put(Array(repeating: 0xBB, count: foreignLength)) }
    file.packet(interface: 1, time: 1_700_000_000_000_000_002, original: 60, data: [6, 7]) {
      $0.option(1, Array("why".utf8))
      var flags = FileBytes(big: big)
      flags.put32(2 << 5)
      $0.option(2, flags.bytes)
    }
    file.packet(interface: 2, time: 20 << 10 | 1, data: [8])
    file.block(3) {
      $0.put32(9)
      $0.put([9, 10, 11])
    }
    file.block(2) {
      $0.put16(1)
      $0.put16(2)
      $0.put32(0)
      $0.put32(5)
      $0.put32(1)
      $0.put32(1)
      $0.put([12])
    }
    file.block(10) {
      $0.put32(CaptureSecrets.tlsKeyLog)
      $0.put32(5)
      $0.put(Array("keys\n".utf8))
    }
    file.statistics(interface: 1, received: 4, lost: 3, lostBySystem: 2)
    file.statistics(interface: 1, received: 4, lost: 3, lostBySystem: 2)
    return file
  }

  @Test("Every kind of block is read", arguments: [false, true]) func everyBlock(big: Bool) {
    let transcript = read(Self.everything(big: big).bytes)
    #expect(transcript.format == .pcapng)
    var packets = transcript.packets
    for index in packets.indices { packets[index].fileOffset = 0 }
    #expect(
      packets == [
        ReadPacket(
          number: 1, time: 1_700_000_000_000_001_000, originalLength: 5, fileOffset: 0, bytes: [1, 2, 3, 4, 5]),
        ReadPacket(
          number: 2, time: 1_700_000_000_000_000_002, linkType: 276, interface: 1, originalLength: 60, checkSequence: 2,
          fileOffset: 0, bytes: [6, 7]),
        ReadPacket(
          number: 3, time: 10_000_976_562, linkType: 101, interface: 2, originalLength: 1, fileOffset: 0, bytes: [8]),
        ReadPacket(number: 4, time: nil, originalLength: 9, fileOffset: 0, bytes: [9, 10, 11]),
        ReadPacket(
          number: 5, time: 5, linkType: 276, interface: 1, originalLength: 1, checkSequence: 4, fileOffset: 0,
          bytes: [12]),
      ])
    #expect(transcript.secrets == [CaptureSecrets(type: CaptureSecrets.tlsKeyLog, data: Array("keys\n".utf8))])
    // The statistics count since the beginning: 5 lost, of which the packet block has told 2; the second report tells nothing new.
    #expect(
      transcript.faults == [
        .cutPacket(captured: 2, original: 60), .drops(interface: 1, count: 2), .drops(interface: 1, count: 3),
      ])
    #expect(transcript.interfaces.map(\.name) == ["eth0", "", ""])
    #expect(transcript.interfaces.map(\.droppedPackets) == [0, 5, 0])
  }

  @Test("Every cut reads the same", arguments: [false, true]) func everyCutReadsTheSame(big: Bool) {
    var file = Self.everything(big: big)
    file.section(big: !big)
    file.interface()
    file.packet(time: 7, data: [1])
    let whole = read(file.bytes)
    #expect(whole.sections == 2)
    #expect(whole.packets.count == 6)
    #expect(readByteByByte(file.bytes) == whole)
    for cut in stride(from: 0, to: file.bytes.count, by: file.bytes.count > 2_000 ? 97 : 1) {
      #expect(read([file.bytes[..<cut], file.bytes[cut...]]) == whole, "cut at \(cut)")
    }
    for cut in 0..<400 {
      #expect(read([file.bytes[..<cut], file.bytes[cut...]]) == whole, "cut at \(cut)")
    }
  }

  @Test("Every truncation is reported") func everyTruncationIsReported() {
    var file = FileBytes()
    file.section()
    file.interface()
    file.packet(time: 7, data: [1])
    file.packet(time: 8, data: [2])
    let boundaries: Set = [28, 48, 84, 120]
    #expect(file.bytes.count == 120)
    for cut in 1...file.bytes.count {
      let part = read(Array(file.bytes[..<cut]))
      #expect(part.codes == (boundaries.contains(cut) ? [] : [.fileTruncated]), "cut at \(cut)")
      #expect(part.findings.allSatisfy { $0.offset == cut })
      #expect(part.packets.count == (cut >= 120 ? 2 : cut >= 84 ? 1 : 0))
    }
  }

  @Test("A long foreign block that is cut short is told") func longForeignBlockCutShort() {
    var file = FileBytes()
    file.section()
    file.interface()
    file.block(0x7FFF_0001) { $0.put(Array(repeating: 0, count: 100_000)) }
    let part = read(Array(file.bytes.dropLast()))
    #expect(part.faults == [.truncatedRecord(missing: 1)])
  }

  @Test("Sections have their own interfaces and order") func sectionsHaveTheirOwnInterfacesAndOrder() {
    var file = FileBytes()
    file.section(big: false)
    file.interface(linkType: 1)
    file.packet(time: 1_000_000, data: [1])
    file.section(big: true)
    file.interface(linkType: 101) { $0.option(9, [9]) }
    file.packet(time: 2_000_000_000, data: [2])
    file.section(big: false)
    file.packet(time: 3, data: [3])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.linkType) == [1, 101])
    #expect(transcript.packets.map(\.time) == [1_000_000_000, 2_000_000_000])
    #expect(transcript.faults == [.unknownInterface(0)])
  }

  @Test(
    "A bad block length ends the reading",
    arguments: [UInt32(0), 4, 8, 31, 33, 34, 0x0100_0004, 0xFFFF_FFFC, 0xFFFF_FFFF, 12, 28])
  func badBlockLengthEndsTheReading(length: UInt32) {
    var file = FileBytes()
    file.section()
    file.interface()
    file.packet(time: 1, data: [1])
    let start = file.bytes.count
    file.put32(6)
    file.put32(length)
    file.put(Array(repeating: 0, count: 40))
    let transcript = read(file.bytes)
    #expect(transcript.packets.count == 1)
    #expect(transcript.findings == [CaptureFinding(fault: .badBlockLength(length), offset: start + 4)])
  }

  @Test("Lengths of a block must agree") func lengthsOfABlockMustAgree() {
    var file = FileBytes()
    file.section()
    file.interface()
    file.packet(time: 1, data: [1])
    file.bytes[file.bytes.count - 4] = 40
    let transcript = read(file.bytes)
    #expect(transcript.packets.isEmpty)
    #expect(
      transcript.findings == [
        CaptureFinding(fault: .blockLengthMismatch(leading: 36, trailing: 40), offset: file.bytes.count - 4)
      ])
  }

  @Test("Unusable packets are left out") func unusablePacketsAreLeftOut() {
    var file = FileBytes()
    file.section()
    file.block(3) { $0.put32(0) }
    file.interface()
    file.packet(interface: 1, time: 1, data: [1])
    file.packet(time: 1, captured: 5, data: [1])
    file.block(3) {
      $0.put32(9)
      $0.put([1])
    }
    file.packet(time: 1, data: [2])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.bytes) == [[2]])
    #expect(
      transcript.faults == [
        .unknownInterface(0), .unknownInterface(1), .packetBeyondBlock(captured: 5, available: 4),
        .packetBeyondBlock(captured: 9, available: 4),
      ])
  }

  @Test("A wrong section header is told") func headerFaults() {
    var badOrder = FileBytes()
    badOrder.section()
    badOrder.bytes[8] = 0
    #expect(read(badOrder.bytes).codes == [.fileCorruptRecord])
    var badVersion = FileBytes()
    badVersion.section()
    badVersion.bytes[12] = 2
    #expect(read(badVersion.bytes).faults == [.unsupportedVersion(major: 2, minor: 0)])
  }

  struct Timestamp: Sendable {
    var exponent: UInt8
    var offset: Int64
    var units: UInt64
    var expected: Int64?
  }

  static let timestamps: [Timestamp] = [
    Timestamp(exponent: 0, offset: 0, units: 3, expected: 3_000_000_000),
    Timestamp(exponent: 6, offset: 0, units: 1, expected: 1_000),
    Timestamp(exponent: 9, offset: 0, units: UInt64.max, expected: nil),
    Timestamp(exponent: 9, offset: 0, units: 0x7FFF_FFFF_FFFF_FFFF, expected: Int64.max),
    Timestamp(exponent: 12, offset: 0, units: 1_999, expected: 1),
    Timestamp(exponent: 18, offset: 0, units: 5_000_000_000, expected: 5),
    Timestamp(exponent: 28, offset: 0, units: UInt64.max, expected: 1),
    Timestamp(exponent: 29, offset: 0, units: UInt64.max, expected: 0),
    Timestamp(exponent: 127, offset: 0, units: UInt64.max, expected: 0),
    Timestamp(exponent: 0x80, offset: 0, units: 2, expected: 2_000_000_000),
    Timestamp(exponent: 0xA0, offset: 0, units: 0x1_8000_0000, expected: 1_500_000_000),
    Timestamp(exponent: 0xBF, offset: 0, units: 0x8000_0000_0000_0000, expected: 1_000_000_000),
    Timestamp(exponent: 0xC0, offset: 0, units: 0x8000_0000_0000_0000, expected: 500_000_000),
    Timestamp(exponent: 0xFF, offset: 0, units: UInt64.max, expected: 0),
    Timestamp(exponent: 0x80, offset: 0, units: UInt64.max, expected: nil),
    Timestamp(exponent: 6, offset: 1, units: 1, expected: 1_000_001_000),
    Timestamp(exponent: 6, offset: -1, units: 1, expected: -999_999_000),
    Timestamp(exponent: 6, offset: Int64.max, units: 1, expected: nil),
    Timestamp(exponent: 0, offset: 0, units: 9_223_372_037, expected: nil),
    Timestamp(exponent: 6, offset: Int64.min, units: 0, expected: nil),
  ]

  @Test("Every resolution of timestamps is read", arguments: timestamps) func timestampResolutions(_ row: Timestamp) {
    let (exponent, offset, units, expected) = (row.exponent, row.offset, row.units, row.expected)
    var file = FileBytes()
    file.section()
    file.interface {
      $0.option(9, [exponent])
      $0.option(14, withUnsafeBytes(of: offset.littleEndian) { Array($0) })
    }
    file.packet(time: units, data: [1])
    file.packet(time: units, data: [2])
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.time) == [expected, expected])
    #expect(transcript.codes == (expected == nil ? [.captureBadTimestamp] : []))
  }

  @Test("Options that do not fit are ignored") func optionsThatDoNotFitAreIgnored() {
    var file = FileBytes()
    file.section()
    file.interface {
      $0.put16(9)
      $0.put16(500)
    }
    file.interface {
      $0.option(9, [])
      $0.option(14, [1, 2, 3])
    }
    file.packet(time: 1, data: [1]) {
      $0.put16(4)
      $0.put16(0xFFFF)
    }
    let transcript = read(file.bytes)
    #expect(transcript.packets.map(\.time) == [1_000])
    #expect(transcript.findings.isEmpty)
  }
}

extension FileBytes {
  /// An interface statistics block.
  mutating func statistics(interface: UInt32, received: UInt64, lost: UInt64, lostBySystem: UInt64) {
    let big = big
    func eight(_ value: UInt64) -> [UInt8] {
      withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Array($0) }
    }
    block(5) {
      $0.put32(interface)
      $0.put64(0)
      $0.option(4, eight(received))
      $0.option(5, eight(lost))
      $0.option(7, eight(lostBySystem))
      $0.option(0, [])
    }
  }
}
