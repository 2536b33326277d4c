import Foundation
import Specification
import Testing

@testable import WireInspector

/// `inspect --stats`, `--format csv` and `--check`, on shipped captures whose content is known.
@Suite("What captures come to")
struct StatisticsTests {
  private static let captures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures")

  private static func path(_ name: String) -> String { captures.appending(path: name).path }

  /// Runs a report into a file and gives its text.
  private static func report(_ format: InspectionReport.Format, stats: Bool, _ name: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    var report = InspectionReport(options: InspectionOptions(), format: format, outputPath: file)
    report.countsOnly = stats
    #expect(report.run(paths: [path(name)]) == .good)
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  private static func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("The figures of a capture are the sums of its records")
  func sums() throws {
    let records = try Self.objects(Self.report(.ndjson, stats: false, "interleaved.pcap"))
    let figures = try Self.objects(Self.report(.ndjson, stats: true, "interleaved.pcap"))
    let frames = records.filter { $0["type"] as? String == "frame" }
    let calls = records.filter { $0["type"] as? String == "rpc" }
    let total = try #require(figures.first { $0["scope"] as? String == "total" })
    #expect(total["frames"] as? Int == frames.count)
    #expect(total["rpcs"] as? Int == calls.count)
    #expect(total["unanswered"] as? Int == calls.count { $0["outcome"] as? String != "answered" })
    #expect(
      total["inflatedBytes"] as? Int == frames.reduce(0) { $0 + 14 + ($1["payloadLength"] as? Int ?? 0) })
    let perInterval = try #require(total["framesPerInterval"] as? [Int])
    #expect(perInterval.reduce(0, +) == frames.count)
    for scope in ["connection", "protocolId"] {
      let parts = figures.filter { $0["scope"] as? String == scope }
      #expect(parts.reduce(0) { $0 + ($1["frames"] as? Int ?? 0) } == frames.count)
      #expect(parts.reduce(0) { $0 + ($1["rpcs"] as? Int ?? 0) } == calls.count)
    }
    let latencies = calls.compactMap { $0["latency"] as? Double }
    #expect(total["max"] as? Double == latencies.max())
    let median = try #require(total["p50"] as? Double)
    #expect(abs(median - latencies.sorted()[latencies.count / 2]) <= median * 0.05)
    #expect(figures.last?["type"] as? String == "summary")
  }

  @Test(
    "What is not kept of messages, because nobody reads it, changes no figure",
    arguments: [
      "large-messages.pcap", "displacement.pcap", "nasty/snaplen_400.pcap", "nasty/retransmit_all_twice.pcap",
    ])
  func beginnings(_ name: String) throws {
    let records = try Self.objects(Self.report(.ndjson, stats: false, name))
    let total = try #require(
      try Self.objects(Self.report(.ndjson, stats: true, name)).first { $0["scope"] as? String == "total" })
    let frames = records.filter { ["frame", "truncatedFrame"].contains($0["type"] as? String) }
    #expect(!frames.isEmpty)
    #expect(total["frames"] as? Int == frames.count)
    #expect(total["inflatedBytes"] as? Int == frames.reduce(0) { $0 + 14 + ($1["payloadLength"] as? Int ?? 0) })
    #expect(total["rpcs"] as? Int == records.count { $0["type"] as? String == "rpc" })
  }

  @Test("Compression shows as a ratio")
  func ratio() throws {
    let figures = try Self.objects(Self.report(.ndjson, stats: true, "go-deflate-level2-2k.pcap"))
    let total = try #require(figures.first { $0["scope"] as? String == "total" })
    let wire = try #require(total["wireBytes"] as? Int)
    let plain = try #require(total["inflatedBytes"] as? Int)
    #expect(wire < plain)
    #expect(abs((total["compressionRatio"] as? Double ?? 0) - Double(plain) / Double(wire)) < 0.001)
  }

  @Test("The text fits 80 columns", arguments: ["interleaved.pcap", "displacement.pcap", "go-deflate-level2-2k.pcap"])
  func text(_ name: String) throws {
    let text = try Self.report(.text, stats: true, name)
    #expect(text.contains("frames over time"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("Intervals double until everything fits into them")
  func intervals() {
    var overTime = TrafficOverTime()
    for second in 0..<1000 { overTime.count(bytes: 10, at: Int64(second) * 1_000_000_000) }
    #expect(overTime.frames.reduce(0, +) == 1000)
    #expect(overTime.bytes.reduce(0, +) == 10_000)
    #expect(overTime.used > TrafficOverTime.intervals / 2 && overTime.used <= TrafficOverTime.intervals)
    #expect(Int64(overTime.used) * overTime.width >= 999_000_000_000)
  }

  @Test("The table has a row a record, the same columns in each, and no formulas")
  func table() throws {
    let text = try Self.report(.csv, stats: false, "displacement.pcap")
    let rows = text.split(separator: "\r\n")
    #expect(rows.first == CSVSink.columns.joined(separator: ",")[...])
    #expect(rows.count { $0.hasPrefix("frame,") } == 9)
    #expect(rows.last?.hasPrefix("summary,") == true)
    for row in rows where !row.contains("\"") {
      #expect(row.count { $0 == "," } == CSVSink.columns.count - 1)
    }
  }

  @Test("A capture of right traffic keeps every rule that it shows; wrong frames break theirs, on their side")
  func check() throws {
    func entries(_ name: String) throws -> [CaptureConformance.Entry] {
      let conformance = CaptureConformance()
      #expect(
        InspectionReport.check(
          .files([Self.path(name)]), options: InspectionOptions(), filter: nil, into: conformance
        ) { _ in "" } == .good
      )
      return conformance.results
    }
    let right = try entries("displacement.pcap")
    #expect(right.allSatisfy { $0.occasions > 0 || $0.requirement == "close.transport.client" })
    // The Go client ends the transport itself.
    #expect(right.filter { $0.violations > 0 }.map(\.requirement) == ["close.transport.client"])
    #expect(right.contains { $0.role == .server && $0.requirement == "frame.magic" })
    #expect(right.contains { $0.role == .client && $0.requirement == "ws.mask.client" })
    let wrong = try entries("bad-magic.pcap").filter { $0.violations > 0 }
    #expect(wrong.map(\.requirement) == ["frame.magic"])
    #expect(wrong.first?.isProven == true)
    #expect(wrong.first?.evidence?.contains("connection") == true)
  }
}
