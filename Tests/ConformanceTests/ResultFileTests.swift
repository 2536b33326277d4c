import Conformance
import FoundationEssentials
import Specification
import StrictJSON
import Testing

@Suite("Result files")
struct ResultFileTests {
  private static let records = [Verdict.pass, .fail, .nonStrict].enumerated().map { index, verdict in
    CaseRecord(
      id: "frame.decode.\(index)", requirements: ["frame.magic"], level: .must, conformanceClass: .core,
      verdict: verdict,
      seconds: 1.25, expected: ["error": "short"], actual: ["output": ["a": "\u{1B}[31m"]],
      reason: verdict == .pass ? nil : "because", transcript: verdict == .pass ? [] : [["to": "iut"]])
  }

  /// Writes a file, gives its path to the body, and removes it.
  private func withFile(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let header = ResultHeader(
      suite: "0.1.0", suiteHash: "00", command: "wireproof verify",
      implementation: ImplementationDescription(name: "n", language: "l", version: "v", capabilities: ["c"]),
      startedAt: Date(timeIntervalSince1970: 0))
    var writer = try ResultWriter(path: path, header: header)
    for record in Self.records { try writer.append(record) }
    try writer.finish()
    try body(path)
  }

  private func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

  @Test("What was written is read")
  func roundTrip() throws {
    try withFile { path throws in
      let file = try ResultFile.load(path)
      #expect(file.cases == Self.records)
      #expect(file.header["startedAt"] == "1970-01-01T00:00:00Z")
      #expect(file.header["iut"]?["capabilities"] == ["c"])
      #expect(file.counts[.fail] == 1)
      #expect(file.counts.total == 3)
    }
  }

  @Test("A file cut anywhere is incomplete or damaged, and says where")
  func cuts() throws {
    try withFile { path throws in
      let whole = try bytes(path)
      for end in whole.indices {
        let error = #expect(throws: ResultFileError.self) {
          try ResultFile.parse(Array(whole[..<end]), file: "results")
        }
        #expect(error?.code == .noFooter)
        #expect(error?.isIncomplete == true)
      }
    }
  }

  @Test("A changed byte anywhere is found")
  func changes() throws {
    try withFile { path throws in
      let whole = try bytes(path)
      for index in whole.indices {
        var changed = whole
        changed[index] ^= 1
        // The footer's own order of digits is what is compared, so any change of it shows as well.
        #expect(throws: ResultFileError.self, "byte \(index)") { try ResultFile.parse(changed, file: "results") }
      }
    }
  }

  @Test("Lines that were removed, repeated, added or moved are found")
  func lines() throws {
    try withFile { path throws in
      let lines = try bytes(path).split(separator: UInt8(ascii: "\n")).map(Array.init)
      func code(_ lines: [[UInt8]]) -> ResultFileError.Code? {
        let text = Array(lines.map { $0 + [UInt8(ascii: "\n")] }.joined())
        do throws(ResultFileError) {
          _ = try ResultFile.parse(text, file: "results")
          return nil
        } catch {
          return error.code
        }
      }
      #expect(code(lines) == nil)
      #expect(code(Array(lines[..<1]) + lines[2...]) == .wrongCount)
      #expect(code(lines[..<2] + [lines[1]] + lines[2...]) == .wrongCount)
      #expect(code([lines[0], lines[2], lines[1], lines[3], lines[4]]) == .wrongHash)
      #expect(code(Array(lines.dropFirst())) == .noHeader)
      #expect(code(lines + [lines[4]]) == .badLine)
      #expect(code([lines[0]] + lines) == .badLine)
      #expect(code(Array(lines.dropLast())) == .noFooter)
      #expect(code(lines + [Array("{".utf8)]) == .badLine)
    }
  }

  @Test("What is not there, or is no result file, is told")
  func noResultFile() {
    let missing = #expect(throws: ResultFileError.self) { try ResultFile.load("/nowhere/results.ndjson") }
    #expect(missing?.code == .unreadable)
    // It never ends, and is given up at its first byte.
    let endless = #expect(throws: ResultFileError.self) { try ResultFile.load("/dev/zero") }
    #expect(endless?.reason.contains("no result file") == true)
    let other = #expect(throws: ResultFileError.self) {
      try ResultFile.parse(Array("{\"type\":\"connection\"}\n".utf8), file: "x")
    }
    #expect(other?.code == .noHeader)
  }

  @Test("A file that cannot be written is told")
  func unwritable() {
    let header = ResultHeader(
      suite: "", suiteHash: "", command: "",
      implementation: ImplementationDescription(name: "", language: "", version: "", capabilities: []),
      startedAt: Date(timeIntervalSince1970: 0))
    #expect(throws: DataFaults.self) { _ = try ResultWriter(path: "/nowhere/results.ndjson", header: header) }
  }

  @Test("The exit status follows the verdicts", arguments: Verdict.allCases)
  func status(verdict: Verdict) {
    var counts = VerdictCounts()
    counts.add(.pass)
    counts.add(verdict)
    let expected: CommandStatus =
      switch verdict {
      case .fail, .errored: .failures
      case .couldNotRun: .incomplete
      default: .good
      }
    #expect(CommandStatus(counts, isStrict: false) == expected)
    #expect(CommandStatus(counts, isStrict: true) == (verdict == .nonStrict ? .failures : expected))
    counts.add(.couldNotRun)
    #expect(CommandStatus(counts, isStrict: true) == .incomplete)
  }
}
