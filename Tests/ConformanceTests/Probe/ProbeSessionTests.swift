import FoundationEssentials
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Sessions of probes")
struct ProbeSessionTests {
  /// Runs a session against a mock server; gives the exit code and what was said.
  static func run(
    _ rules: String, _ configure: (inout ProbeSession) -> Void = { _ in }, patterns: [String] = []
  ) async throws -> (status: CommandStatus, text: String) {
    let server = try await MockServer.start(try ScriptedPeers.server(rules))
    var selection = ProbeSelection()
    selection.patterns = patterns
    let suite = try ProbeSamples.suite()
    let header = ResultHeader(
      suite: suite.version, suiteHash: suite.hash, command: "test",
      implementation: ImplementationDescription(name: "mock", language: "", version: "", capabilities: []),
      profile: "reference", seed: 1, startedAt: Date(timeIntervalSince1970: 0))
    var session = ProbeSession(
      suite: suite, selection: selection, header: header, profile: .reference,
      peer: .server(ScriptTarget(host: "127.0.0.1", port: server.port), nil)
    ) { "wireproof probe server URL --filter \($0.id)" }
    // What these servers do not do at once they never do.
    session.timeout = 2
    configure(&session)
    let output = KeptOutput()
    let status: CommandStatus
    do {
      status = try await session.run(output)
    } catch {
      await server.shutdown()
      throw error
    }
    await server.shutdown()
    return (status, output.text)
  }

  @Test("A right server is good")
  func rightServer() async throws {
    let (status, text) = try await Self.run(ProbeSamples.right)
    #expect(status == .good)
    #expect(text.contains("6 cases in "))
    #expect(text.contains("all 5 that apply pass"))
    #expect(text.contains("the profile does not claim the capability more"))
    #expect(text.contains("Left out: 1 case tagged resource or slow"))
  }

  @Test("A server whose calls all fail is not accused of everything else")
  func failingCalls() async throws {
    let log = try await ProbeSamples.run(
      """
      role: server
      rules:
        - {on: {id: 2, sn: nonzero}, do: [{reply: {id: 3, sn: $(request.sn + 2)}}]}
        - {on: {id: 2}, do: [{reply: {id: 3}}]}
      """)
    #expect(log.notices.contains { $0.hasPrefix("the first case fails") && $0.hasSuffix("a one-way echo and a ping") })
    let failed = log.results.filter { $0.outcome.verdict.isFailure }.map(\.script.id)
    #expect(failed.contains("rpc.echo"))
    #expect(!failed.contains("frame.extra"))
  }

  /// What was printed, without the warnings of the run and the folding of lines.
  private static func printed(_ text: String) -> String {
    text.split(separator: "\n").filter { !$0.hasPrefix("warning: ") && !$0.hasPrefix("progress: ") }.joined(
      separator: "\n"
    )
    .replacing("\n  ", with: " ")
  }

  @Test("What most failures have in common is said before them")
  func diagnosis() async throws {
    let silent = Self.printed(try await Self.run("role: server\nrules: []\n").text)
    #expect(silent.hasPrefix("First of all: a call with id 2 (the profile wants id 3 for it) does not get its answer"))
    #expect(silent.contains("wireproof probe profile URL"))
    let oneWay = Self.printed(
      try await Self.run("role: server\nrules: [{on: {id: 2, sn: zero}, do: [{reply: {id: 3}}]}]\n").text)
    #expect(oneWay.hasPrefix("First of all: a call with id 2"))
    #expect(oneWay.contains("with the sn of the request"))
    for rules in [ProbeSamples.right, ProbeSamples.wrong] {
      let text = try await Self.run(rules).text
      #expect(!text.contains("First of all"))
    }
  }

  @Test("A server that cannot be run against is told in one sentence")
  func nothingRun() async throws {
    let (status, text) = try await Self.run(ProbeSamples.right) {
      $0 = ProbeSession(
        suite: $0.suite, selection: $0.selection, header: $0.header, profile: .reference,
        peer: .server(ScriptTarget(host: "127.0.0.1", port: 1), nil), reproduction: $0.reproduction)
    }
    #expect(status == .incomplete)
    let printed = Self.printed(text)
    #expect(printed.hasPrefix("0 of 6 cases could be run: "))
    #expect(printed.contains("Connection refused"))
    #expect(!printed.contains("NOT RUN"))
  }

  @Test("A failure says what, where, why and how to repeat it")
  func failure() async throws {
    let (status, text) = try await Self.run(ProbeSamples.wrong)
    #expect(status == .failures)
    for part in [
      "FAIL  rpc.word.two (2 runs, all the same)", "sample.yaml:10:13: call:", "expected  ", "actual    ",
      "requires  rpc.answer (MUST, clause 5.1): A call is answered.", "matters   Callers wait.",
      "repeat    wireproof probe server URL --filter rpc.word.two", "RPC not met: 1 of 5 MUST cases fail",
      "6 cases in ",
    ] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
  }

  @Test(
    "Expected failures",
    arguments: [
      ("rpc.word.two # known", CommandStatus.good, "none fail but the 1 that were expected to"),
      ("rpc.word.two\nrpc.echo", .staleExpectations, "rpc.echo was expected to fail and came out as pass"),
      ("rpc.word.two\nrpc.nonesuch", .staleExpectations, "no case has the id rpc.nonesuch"),
      ("may-fail rpc.word.two # races\nmay-fail rpc.echo", .good, "none fail but the 1 that were expected to"),
      ("may-fail rpc.nonesuch", .staleExpectations, "no case has the id rpc.nonesuch"),
      ("frame.extra", .failures, "FAIL  rpc.word.two"),
    ])
  func expectedFailures(content: String, expected: CommandStatus, part: String) async throws {
    try await ProbeSamples.withFolder { folder in
      try Data(content.utf8).write(to: URL(filePath: folder + "/expected"))
      let (status, text) = try await Self.run(ProbeSamples.wrong) { $0.expectedFailures = folder + "/expected" }
      #expect(status == expected)
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test("The result file has what was expected")
  func resultFile() async throws {
    try await ProbeSamples.withFolder { folder in
      let content = "rpc.word.two # known\nmay-fail rpc.echo\nrpc.nonesuch"
      try Data(content.utf8).write(to: URL(filePath: folder + "/expected"))
      _ = try await Self.run(ProbeSamples.wrong) {
        $0.expectedFailures = folder + "/expected"
        $0.results = folder + "/results"
      }
      let file = try ResultFile.load(folder + "/results")
      let expectations = file.cases.compactMap { record in record.expectedFailure.map { (record.id, $0) } }
      #expect(expectations.map(\.0).sorted() == ["rpc.echo", "rpc.word.two"])
      #expect(expectations.first { $0.0 == "rpc.word.two" }?.1 == ExpectedFailure(reason: "known"))
      #expect(file.header["unknownExpectations"] == ["rpc.nonesuch"])
    }
  }

  @Test("The file of expected failures is written, but not from a filtered run")
  func expectationsFile()
    async throws
  {
    try await ProbeSamples.withFolder { folder in
      let configure: (inout ProbeSession) -> Void = {
        $0.expectedFailures = folder + "/expected"
        $0.updatesExpected = true
      }
      await #expect(throws: DataFaults.self) {
        try await Self.run(ProbeSamples.wrong, configure, patterns: ["rpc"])
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/expected"))
      let written = try await Self.run(ProbeSamples.wrong, configure)
      #expect(written.status == .good)
      let ids = try ExpectedFailures.load(path: folder + "/expected").ids
      #expect(ids == ["rpc.word.two"])
      let again = try await Self.run(ProbeSamples.wrong) { $0.expectedFailures = folder + "/expected" }
      #expect(again.status == .good)
    }
  }

  @Test("The result file is whole, with profile, seed, step and runs")
  func resultFileWhole() async throws {
    try await ProbeSamples.withFolder { folder in
      let path = folder + "/results"
      _ = try await Self.run(ProbeSamples.wrong) { $0.results = path }
      let file = try ResultFile.load(path)
      #expect(file.header["profile"] == "reference")
      #expect(file.header["seed"] == 1)
      let record = try #require(file.cases.first { $0.id == "rpc.word.two" })
      #expect(record.runs == CaseRuns(total: 2, failed: 2))
      #expect(record.step?.hasPrefix("sample.yaml:10:13: call:") == true)
      #expect(!record.transcript.isEmpty)
    }
  }

  @Test("An interrupted run goes on where it was")
  func interruptedRun() async throws {
    try await ProbeSamples.withFolder { folder in
      let path = folder + "/results"
      _ = try await Self.run(ProbeSamples.wrong) { $0.results = path }
      let whole = Array(try Data(contentsOf: URL(filePath: path)))
      let lines = whole.split(separator: UInt8(ascii: "\n"))
      // Header, four cases, and the beginning of a fifth: what a killed run leaves.
      let rest = Array(lines[0..<5].joined(separator: [UInt8(ascii: "\n")])) + Array("\n{\"type\":".utf8)
      try Data(rest).write(to: URL(filePath: path))
      // Against a right server, so that a case that were run again would pass.
      let (status, _) = try await Self.run(ProbeSamples.right) {
        $0.results = path
        $0.isResumed = true
      }
      #expect(status == .failures)
      let file = try ResultFile.load(path)
      #expect(file.cases.count == 6)
      #expect(file.cases.first { $0.id == "rpc.word.two" }?.verdict == .fail)
      await #expect(throws: DataFaults.self) {
        try await Self.run(ProbeSamples.right) {
          $0.results = folder + "/other"
          $0.isResumed = true
          try? Data("{\"type\":\"header\",\"seed\":2}\n".utf8).write(to: URL(filePath: folder + "/other"))
        }
      }
    }
  }

  @Test("A file that is no result or cannot be read is left as it is", arguments: ["text", "folder"])
  func resumedOther(_ kind: String) async throws {
    try await ProbeSamples.withFolder { folder in
      let path = folder + "/results"
      let text = Data("# What I found out\nmuch\n".utf8)
      if kind == "text" {
        try text.write(to: URL(filePath: path))
      } else {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      }
      await #expect(throws: DataFaults.self) {
        try await Self.run(ProbeSamples.right) {
          $0.results = path
          $0.isResumed = true
        }
      }
      if kind == "text" { #expect(try Data(contentsOf: URL(filePath: path)) == text) }
    }
  }
}
