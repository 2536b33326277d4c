import CaptureFile
import Testing

@Suite struct GzipTests {
  /// A small pcap file.
  static let plain: [UInt8] = {
    var file = FileBytes.pcap()
    file.record(seconds: 1, fraction: 2, data: Array(repeating: 0x41, count: 40))
    file.record(seconds: 3, fraction: 4, data: [1, 2, 3])
    return file.bytes
  }()

  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    let writer = GzipWriter()
    var output: [UInt8] = []
    #expect(writer.write(bytes.span.bytes, into: &output))
    #expect(writer.finish(into: &output))
    return output
  }

  @Test("A compressed capture reads the same as a plain one") func readsTheSameAsPlain() {
    let compressed = Self.compress(Self.plain)
    var transcript = read(compressed)
    #expect(transcript.compressed)
    transcript.compressed = false
    #expect(transcript == read(Self.plain))
  }

  /// Python 3: `gzip.compress(bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 ffff0000 01000000 01000000 02000000 03000000
  /// 03000000 0a0b0c"), mtime=0)`, so that not only our own writer is read.
  @Test("What Python compressed is read") func readsWhatPythonWrote() {
    let file: [UInt8] = [
      0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xBB, 0x72, 0x78, 0xD3, 0x42, 0x26, 0x06, 0x16,
      0x06, 0x18, 0xF8, 0xFF, 0x9F, 0x81, 0x81, 0x91, 0x01, 0x82, 0x99, 0x80, 0x98, 0x19, 0x8A, 0xB9, 0xB8, 0x79,
      0x00, 0xFB, 0x0B, 0x61, 0x4C, 0x2B, 0x00, 0x00, 0x00,
    ]
    let transcript = read(file)
    #expect(
      transcript.packets == [
        ReadPacket(number: 1, time: 1_000_002_000, originalLength: 3, fileOffset: 24, bytes: [10, 11, 12])
      ])
    #expect(transcript.findings.isEmpty)
  }

  @Test("Several members and padding are one file") func severalMembersAndPadding() {
    let expected = read(Self.plain).packets
    for split in [1, 4, 10, 24, 30, Self.plain.count - 1] {
      let members =
        Self.compress(Array(Self.plain[..<split])) + Self.compress([]) + Self.compress(Array(Self.plain[split...]))
      let transcript = read(members + [0, 0, 0])
      #expect(transcript.packets == expected)
      #expect(transcript.findings.isEmpty)
      #expect(readByteByByte(members) == read(members))
    }
  }

  @Test("Every cut reads the same and every truncation is reported")
  func everyCutReadsTheSameAndEveryTruncationIsReported() {
    let compressed = Self.compress(Self.plain)
    let whole = read(compressed)
    #expect(readByteByByte(compressed) == whole)
    for cut in 0..<compressed.count {
      #expect(read([compressed[..<cut], compressed[cut...]]) == whole, "cut at \(cut)")
      let part = read(Array(compressed[..<cut]))
      switch cut {
      case 0: #expect(part.codes == [.fileEmpty])
      case 1: #expect(part.codes == [.fileTruncated])
      default: #expect(part.faults == [.truncatedGzip], "cut at \(cut)")
      }
      #expect(whole.packets.starts(with: part.packets))
    }
  }

  @Test("Records before damage are kept") func recordsBeforeDamageAreKept() {
    var compressed = Self.compress(Self.plain)
    compressed[compressed.count - 8] ^= 1
    let transcript = read(compressed)
    #expect(transcript.packets == read(Self.plain).packets)
    #expect(transcript.faults == [.invalidGzip])
    #expect(transcript.findings.first?.fault.isOfCompression == true)
  }

  @Test("Foreign bytes after the end are told") func foreignBytesAfterTheEnd() {
    let compressed = Self.compress(Self.plain)
    let transcript = read(compressed + [0, 7])
    #expect(transcript.packets.count == 2)
    #expect(
      transcript.findings == [CaptureFinding(fault: .trailingGzipBytes, offset: compressed.count + 1)])
  }

  @Test("Compressed nothing is empty") func compressedNothingIsEmpty() {
    #expect(read(Self.compress([])).codes == [.fileEmpty])
  }

  @Test("A damaged capture inside is reported at its uncompressed offset")
  func damagedCaptureInsideIsReportedAtItsUncompressedOffset() {
    let transcript = read(Self.compress(Self.plain + Array(repeating: 0xFF, count: 16)))
    #expect(transcript.packets.count == 2)
    #expect(transcript.findings.map(\.offset) == [Self.plain.count + 8])
    #expect(transcript.codes == [.fileCorruptRecord])
  }
}
