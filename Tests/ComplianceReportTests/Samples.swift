import ComplianceReport
import Conformance
import Foundation
import GoldenVectors
import Specification
import StrictJSON

/// Records, files and runs to report on.
enum Samples {
  /// The folder of the repository.
  static var directory: DataDirectory {
    get throws { try DataDirectory.locate(.ofProcess(explicit: nil)) }
  }

  /// A small catalogue.
  static let catalogue = RequirementCatalogue(catalogueEntries)

  private static var catalogueEntries: [Requirement] {
    let text = """
      {"requirements": [
      {"id": "frame.magic", "level": "MUST", "role": "sender", "class": "Core", "clause": "4.2", "text": "A `magic` first.",
       "source": "original", "testedBy": ["vector"], "why": "So that it is noticed.", "right": "FE EF", "wrong": "EF FE"},
      {"id": "rpc.answer.sn", "level": "MUST", "role": "both", "class": "RPC", "clause": "8.2", "text": "The same sn.",
       "source": "original", "testedBy": ["probe"], "why": "", "right": "", "wrong": ""},
      {"id": "ws.ping.answer", "level": "SHOULD", "role": "receiver", "class": "Core", "clause": "11.5", "text": "Answer.",
       "source": "RFC 6455 5.5", "testedBy": ["probe"], "why": "", "right": "", "wrong": ""}
      ]}
      """
    return (try? RequirementCatalogue.load(Array(text.utf8), file: "catalogue"))?.requirements ?? []
  }

  /// A record; what is not named is as a pass of a probe has it.
  static func record(
    _ id: String, _ verdict: Verdict, requirements: [RequirementID] = ["frame.magic"], level: RequirementLevel = .must,
    of conformanceClass: ConformanceClass = .core, expected: JSONValue? = nil, actual: JSONValue? = nil,
    reason: String? = nil, transcript: [JSONValue] = [], step: String? = nil, runs: CaseRuns? = nil,
    judged: [RequirementID: Verdict]? = nil, lacks: String? = nil
  ) -> CaseRecord {
    let isPass = verdict == .pass
    return CaseRecord(
      id: id, requirements: requirements, level: level, conformanceClass: conformanceClass, verdict: verdict,
      seconds: 0.0125, expected: expected ?? (isPass ? "" : "a frame"),
      actual: actual ?? (isPass ? "" : "nothing came"),
      reason: reason ?? (isPass ? nil : "it did not come"), transcript: transcript, step: step, runs: runs,
      judged: judged.map { verdicts in
        var judged = Judgements()
        for (id, verdict) in verdicts { judged.add(verdict, [id]) }
        return judged
      }, lacks: lacks)
  }

  /// The bytes of a result file.
  static func file(
    _ records: [CaseRecord], name: String = "probe me", command: String = "wireproof probe server ws://h/join",
    hash: String = "ab", seed: UInt64? = 1, profile: String? = "reference"
  ) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.path + "/wireproof-report-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let header = ResultHeader(
      suite: "0.1.0", suiteHash: hash, command: command,
      implementation: ImplementationDescription(name: name, language: "", version: "", capabilities: []),
      profile: profile, seed: seed, startedAt: Date(timeIntervalSince1970: 0))
    var writer = try ResultWriter(path: path, header: header)
    for record in records { try writer.append(record) }
    try writer.finish()
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  /// A run as it is after its file was read.
  static func run(
    _ records: [CaseRecord], name: String = "probe me", command: String = "wireproof probe server ws://h/join",
    hash: String = "ab", seed: UInt64? = 1, profile: String? = "reference", file: String = "r.ndjson"
  ) throws -> ReportRun {
    let bytes = try Self.file(records, name: name, command: command, hash: hash, seed: seed, profile: profile)
    return try ReportRun(ResultFile.parse(bytes, file: file), file: file)
  }

  /// The transcript of a call whose answer has another serial number.
  static let wrongAnswer: [JSONValue] = [
    ["time": 1_000_000, "connection": 1, "event": "opened", "local": "a:1", "remote": "b:2", "role": "client"],
    ["time": 1_100_000, "connection": 1, "event": "sent", "bytes": .hex(Array("GET / HTTP/1.1\r\n\r\n".utf8))],
    [
      "time": 1_200_000, "connection": 1, "event": "received",
      "bytes": .hex(Array("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8)),
    ],
    ["time": 1_300_000, "connection": 0, "event": "step", "place": "7:3", "text": "call: {payload: one}"],
    ["time": 1_400_000, "connection": 1, "event": "sent", "bytes": "82918b3ab5ad75d5bead8b3ab7ad8b3ab7ad8b3adac3ee"],
    ["time": 1_500_000, "connection": 1, "event": "received", "bytes": "8211feef0b0000000300000003000000"],
    ["time": 1_600_000, "connection": 1, "event": "received", "bytes": "6f6e65"],
    ["time": 1_700_000, "connection": 1, "event": "end-sent", "both": true],
    ["stderr": "Traceback\\n"],
  ]

  /// A failed call.
  static let failedCall = record(
    "rpc.answer", .fail, requirements: ["rpc.answer.sn"], of: .rpc, expected: "a frame with sn 2",
    actual: "frame id 3, sn 3, 3 bytes \"one\"", transcript: wrongAnswer,
    step: "/x/probes/server/rpc.yaml:7:3: call: {payload: one}")
}
