import CaptureFile
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The captures that the project ships, as far as the file formats go.
@Suite struct ShippedCaptureTests {
  /// One file of `captures/nasty`: how many records it holds, and what is reported.
  struct Expectation: Sendable, CustomStringConvertible {
    var file: String
    var records: Int
    var codes: [CaptureFindingCode] = []
    var linkTypes: Set<UInt16> = [1]
    var checkSequence = 0
    var description: String { file }
  }

  static let nasty = [
    Expectation(file: "clean.pcap", records: 95),
    Expectation(file: "pcap_be.pcap", records: 95),
    Expectation(file: "pcap_fcs_linktype.pcap", records: 95, checkSequence: 4),
    Expectation(file: "bogus_linktype.pcap", records: 95, linkTypes: [147]),
    Expectation(file: "snaplen_400.pcap", records: 95, codes: [.captureSnaplen]),
    Expectation(file: "pcapng_be_ns.pcapng", records: 95),
    Expectation(file: "pcapng_two_if.pcapng", records: 95, codes: [.captureDrops], linkTypes: [1, 276]),
    Expectation(file: "pcapng_two_if_same.pcapng", records: 95),
    Expectation(file: "pcapng_sections.pcapng", records: 95),
    Expectation(file: "gz_truncated.pcap.gz", records: 59, codes: [.fileTruncated]),
    Expectation(file: "trunc_pcapng.pcapng", records: 47, codes: [.fileTruncated]),
    Expectation(file: "zero_length.pcap", records: 0, codes: [.fileEmpty], linkTypes: []),
    Expectation(file: "random_bytes.pcap", records: 0, codes: [.fileBadMagic], linkTypes: []),
    Expectation(file: "ws_big_1mib.pcap", records: 1_360),
  ]

  @Test("A shipped capture has its records and findings", arguments: nasty) func record(expected: Expectation) throws {
    let bytes = try Self.capture("nasty/\(expected.file)")
    let transcript = read(bytes)
    #expect(transcript.packets.count == expected.records)
    #expect(transcript.codes == expected.codes)
    #expect(Set(transcript.packets.map(\.linkType)) == expected.linkTypes)
    #expect(transcript.packets.allSatisfy { $0.checkSequence == expected.checkSequence })
    let pieces = stride(from: 0, to: bytes.count, by: 1_009).map { bytes[$0..<min($0 + 1_009, bytes.count)] }
    #expect(read(pieces) == transcript)
    #expect(read(pieces, isLending: true) == transcript)
  }

  @Test("Variants of one capture hold the same packets") func variantsOfOneCaptureHoldTheSamePackets() throws {
    let clean = read(try Self.capture("nasty/clean.pcap")).packets
    for name in ["pcap_be.pcap", "pcapng_be_ns.pcapng", "pcapng_sections.pcapng", "pcapng_two_if_same.pcapng"] {
      let variant = read(try Self.capture("nasty/\(name)")).packets
      #expect(variant.map(\.bytes) == clean.map(\.bytes), "\(name)")
      // One of them adds nanoseconds that the others cannot hold.
      #expect(variant.map { $0.time.map { $0 / 1_000 } } == clean.map { $0.time.map { $0 / 1_000 } }, "\(name)")
    }
  }

  private static func capture(_ name: String) throws -> [UInt8] {
    // Tests/CaptureFileTests/ShippedCaptureTests.swift, three levels below the package.
    let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let contents = FileManager.default.contents(atPath: "\(package)/captures/\(name)")
    return Array(try #require(contents, "captures/\(name) is missing"))
  }
}
