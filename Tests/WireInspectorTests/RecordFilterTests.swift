import Foundation
import Specification
import Testing

@testable import WireInspector

/// `inspect --filter`, on shipped captures whose content is known.
@Suite("Filters of records") struct RecordFilterTests {
  /// Counts by type what passes in a capture of five calls of connection 1.
  private static func shown(_ expression: String, _ name: String = "go-client-rpc.pcap") throws -> [String: Int] {
    let captures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "captures")
    let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    var report = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: file)
    report.records = try RecordFilter(expression)
    #expect(report.run(paths: [captures.appending(path: name).path]) == .good)
    var counts: [String: Int] = [:]
    for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      counts[try #require(object["type"] as? String), default: 0] += 1
    }
    #expect(counts.removeValue(forKey: "summary") == 1)
    return counts
  }

  @Test(
    "Records that pass, with the record of their connection",
    arguments: [
      ("protocolId == 2", ["connection": 1, "frame": 5]),
      ("protocolId == 0x2 and not compressed", ["connection": 1, "frame": 5]),
      ("type == frame", ["connection": 1, "frame": 10]),
      ("uid == 100 && kind == response", ["connection": 1, "frame": 5]),
      (#"text ~ "rpc 1""#, ["connection": 1, "frame": 2]),
      ("text = 'go rpc 4' or sn < 4", ["connection": 1, "frame": 4, "rpc": 1]),
      ("type == rpc and latency > 110us", ["connection": 1, "rpc": 2]),
      ("latency >= 0.000117 and (sn == 2 || sn == 4)", ["connection": 1, "rpc": 1]),
      ("outcome != answered", [:]),
      ("opcode == close and direction == server", ["connection": 1, "control": 1]),
      ("id ~ tcp.", ["connection": 1, "finding": 1]),
      ("type == connection", ["connection": 1]),
      ("!(type == frame) and not latency", ["connection": 1, "control": 2, "finding": 1]),
      ("compressed", [:]),
      ("midstream or uid == 7", [:]),
      ("requestId == 2 and responseId == 3 and sn > 8", ["connection": 1, "rpc": 1]),
    ])
  func passing(_ expression: String, _ expected: [String: Int]) throws {
    #expect(try Self.shown(expression) == expected)
  }

  @Test(
    "A filter that nothing passes says why",
    arguments: [
      ("uid == 101", "uid == 101 holds for none of 19; there uid is 100"),
      ("type == rpc and latency > 3s", "latency > 3s holds for none of 5; there latency is 52 us to 125 us"),
      ("outcome != answered", "there outcome is answered"),
      ("code > 5000 or uid ~ 'x y'", "uid ~ \"x y\" holds for none"),
      ("level", "none has level"), ("sn == 99", "there sn is 2 to 10"),
      (
        "kind == request and latency",
        "each part holds for some, but the whole for none: kind == request for 5; latency for 5"
      ),
    ])
  func nothing(_ expression: String, _ reason: String) throws {
    let sink = FilteredSink(try RecordFilter(expression), into: RecordingSink())
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    _ = try inspection.run(paths: [captureFile("go-client-rpc.pcap")])
    let text = try #require(sink.emptiness)
    #expect(text.hasPrefix("no record passes the filter: of 19 records, "))
    #expect(text.contains(reason), "\(text)")
  }

  @Test("Where there is nothing to filter, the reason for that is said; where something passes, nothing is")
  func reasons() throws {
    let empty = FilteredSink(try RecordFilter("sn == 2"), into: RecordingSink())
    var nothing = CaptureInspection(options: InspectionOptions(), sink: empty)
    nothing.finish()
    #expect(empty.emptiness == "there is nothing to filter but findings: there are no packets in the capture")
    let full = FilteredSink(try RecordFilter("sn == 2"), into: RecordingSink())
    var inspection = CaptureInspection(options: InspectionOptions(), sink: full)
    _ = try inspection.run(paths: [captureFile("go-client-rpc.pcap")])
    #expect(full.emptiness == nil)
  }

  @Test("What a reason tells of hostile or many values is short")
  func hostile() throws {
    let sink = FilteredSink(try RecordFilter("text == x"), into: RecordingSink())
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    script.send(false, ConversationScript.response())
    for sn in UInt32(1)...4 { script.say(true, 1, sn, [UInt8](repeating: 0x60 + UInt8(sn), count: 1_000)) }
    script.inspect(into: sink)
    #expect(try #require(sink.emptiness).utf8.count < 400)
  }

  @Test("Only connections with a record that passes are shown")
  func connections() throws {
    let all = try Self.shown("type == connection", "interleaved.pcap")
    let one = try Self.shown("connection == 2", "interleaved.pcap")
    #expect(try #require(all["connection"]) > 1)
    #expect(one["connection"] == 1)
    #expect(try #require(one["frame"]) > 0)
  }

  @Test(
    "A fault is named with its column",
    arguments: [
      ("", 1, "a field is missing"), ("foo == 1", 1, "no field \"foo\""), ("sn == ", 7, "a value is missing"),
      ("sn == two", 7, "is none"), ("type == frme", 9, "one of connection, frame"), ("text < 3", 8, "compares numbers"),
      ("latency ~ 3", 11, "looks into texts"), ("(sn == 2", 9, "parenthesis"), ("sn == 2 sn", 9, "operator"),
      ("text == \"x", 9, "no end"), ("compressed == maybe", 15, "true or false"), ("and", 1, "a field is missing"),
      (String(repeating: "(", count: 200) + "sn", 101, "nested"),
      (String(repeating: "not ", count: 200) + "sn", 401, "nested"),
    ])
  func faults(_ expression: String, _ column: Int, _ reason: String) {
    #expect {
      _ = try RecordFilter(expression)
    } throws: { error in
      guard let error = error as? RecordFilterError else { return false }
      return error.column == column && error.reason.contains(reason)
    }
  }
}
