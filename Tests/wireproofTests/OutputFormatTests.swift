import Foundation
import Testing

/// The forms of `inspect` for other programs, and what chooses connections.
@Suite("Forms for other programs") struct OutputFormatTests {
  private static let captures: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/captures/"
  }()

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try Executable.run(["inspect"] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test("HAR has an entry for each connection, with its messages byte for byte") func har() throws {
    let log = try #require(
      try object(["--format", "har", Self.captures + "displacement.pcap"])["log"] as? [String: Any])
    #expect(log["version"] as? String == "1.2")
    let entries = try #require(log["entries"] as? [[String: Any]])
    #expect(entries.count == 2)
    #expect(entries[0]["startedDateTime"] as? String == "2026-11-22T10:37:46.089Z")
    let messages = try #require(entries[0]["_webSocketMessages"] as? [[String: Any]])
    #expect(messages.count == 5)
    let call = try #require(messages.first { ($0["_kind"] as? String) == "request" })
    #expect(call["type"] as? String == "send")
    #expect(call["opcode"] as? Int == 2)
    let data = try #require(Data(base64Encoded: call["data"] as? String ?? ""))
    #expect(Array(data) == [0xFE, 0xEF, 16, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0] + Array("go rpc 0".utf8))
    let request = try #require(entries[0]["request"] as? [String: Any])
    #expect(request["url"] as? String == "ws://127.0.0.1:8003/join")
  }

  @Test("Trace events have a track for each connection and a slice for each call") func trace() throws {
    let trace = try object(["--format", "perfetto", Self.captures + "go-client-rpc.pcap"])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let begins = events.filter { $0["ph"] as? String == "b" }
    let ends = events.filter { $0["ph"] as? String == "e" }
    #expect(begins.count == 5)
    #expect(ends.count == 5)
    for (begin, end) in zip(begins, ends) {
      #expect(begin["id"] as? Int == end["id"] as? Int)
      let start = try #require(begin["ts"] as? Double)
      let stop = try #require(end["ts"] as? Double)
      #expect((52...125).contains(Int((stop - start).rounded())))
    }
    #expect(events.contains { ($0["name"] as? String) == "process_name" })
  }

  @Test("No trace event has a negative time, which viewers drop, also behind a finding that comes late")
  func lateFinding() throws {
    let trace = try object(["--format", "perfetto", Self.captures + "generated/ip_fragments_lost_4.pcap"])
    let times = try #require(trace["traceEvents"] as? [[String: Any]]).compactMap { $0["ts"] as? Double }
    #expect(times.count > 20 && times.allSatisfy { $0 >= 0 })
    #expect(try #require(times.min()) < #require(times.first))
  }

  @Test("--user shows a user's connections only") func user() throws {
    let all = try Executable.run(["inspect", "--format", "ndjson", Self.captures + "bad-magic.pcap"]).output
    let own = try Executable.run(["inspect", "--format", "ndjson", "--user", "raw3", Self.captures + "bad-magic.pcap"])
      .output
    func count(_ text: String) -> Int { text.components(separatedBy: "\"type\":\"connection\"").count - 1 }
    #expect(count(all) == 3)
    #expect(count(own) == 1)
    #expect(own.contains("\"uid\":\"raw3\""))
    #expect(
      try Executable.run(["inspect", "--user", "x", "--filter", "sn == 2", Self.captures + "gbk.pcap"]).code == 2)
  }
}
