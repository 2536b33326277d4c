import Specification
import Testing

@testable import WireInspector

/// `inspect --top N`.
@Suite("The slowest and the largest calls") struct TopCallsTests {
  private static func report(_ format: InspectionReport.Format, top: Int) throws -> [String] {
    let capture = TemporaryFile(try CaptureWriterScript.pcap(ConversationScript.whole()))
    let output = TemporaryFile()
    var report = InspectionReport(options: InspectionOptions(), format: format, outputPath: output.path)
    report.top = top
    #expect(report.run(paths: [capture.path]) == .good)
    return String(decoding: output.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("Objects come by rank, with both payloads' sizes") func objects() throws {
    let lines = try Self.report(.ndjson, top: 2)
    #expect(lines.count == 5)
    let wanted = [
      (#""by":"latency","rank":1,"#, #""direction":"client","sn":4,"requestId":7,"responseId":8,"#),
      (#""by":"latency","rank":2,"#, #""direction":"client","sn":6,"requestId":9,"responseId":10,"#),
      (#""by":"size","rank":1,"#, #""direction":"client","sn":4,"requestId":7,"responseId":8,"#),
      (#""by":"size","rank":2,"#, #""direction":"client","sn":6,"requestId":9,"responseId":10,"#),
    ]
    for (line, (rank, call)) in zip(lines, wanted) {
      #expect(line.hasPrefix(#"{"type":"top","time":"#))
      #expect(
        line.contains(rank + #""client":"10.0.0.1:40001","server":"10.0.0.200:8080","identity":"u1-2--","# + call))
    }
    let slowest = try #require(lines.first)
    #expect(
      slowest.hasSuffix(#""latency":0.001500000,"outcome":"answered","requestLength":0,"responseLength":20000}"#))
    #expect(lines.last?.hasPrefix(#"{"type":"summary","#) == true)
  }

  @Test("A call without an answer has a size and no latency") func unanswered() throws {
    let lines = try Self.report(.ndjson, top: 10)
    #expect(lines.count { $0.contains(#""by":"latency""#) } == 5)
    #expect(lines.count { $0.contains(#""by":"size""#) } == 6)
    #expect(
      lines.contains {
        $0.contains(#""sn":10,"requestId":13,"responseId":null,"#)
          && $0.hasSuffix(
            #""latency":null,"outcome":"connectionClosed","requestLength":25,"responseLength":null}"#)
      })
  }

  @Test("The text fits 80 columns and says whose calls they are") func text() throws {
    let lines = try Self.report(.text, top: 2)
    #expect(lines.first == "slowest calls")
    #expect(lines.contains("largest calls"))
    let row = try #require(lines.first { $0.hasSuffix("  #1 C>S sn 4, id 7 -> 8") })
    #expect(row.hasPrefix("    1.50 ms        0 B    20000 B  22:13:20."))
    #expect(lines.contains("1 call without an answer, whose latency nobody knows"))
    #expect(lines.contains("  #1 10.0.0.1:40001 > 10.0.0.200:8080  u1-2--"))
    #expect(lines.last?.hasSuffix("12 frames, 6 calls, 1 finding") == true)
    for line in lines { #expect(line.count <= 80) }
  }

  @Test("What is kept is what sorting gives, of equal calls the earlier ones", arguments: [1, 2, 7, 64, 999, 1000])
  func ranking(_ limit: Int) {
    // A few hundred different values, so that many are equal.
    let measures = ConversationScript.noise(1000, seed: 9).map { Int64($0) - 100 }
    var top = TopCalls(limit: limit)
    for (order, measure) in measures.enumerated() where top.admits(measure) {
      top.add(
        TopCall(
          measure: measure, order: order,
          record: CallRecord(role: .client, sn: 2, requestId: 2, outcome: .unanswered),
          place: RecordPlace(connection: 1, time: nil, packets: nil)))
    }
    let sorted = measures.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(limit)
    #expect(top.ranked.map(\.order) == sorted.map(\.offset))
    #expect(top.ranked.map(\.measure) == sorted.map(\.element))
  }
}
