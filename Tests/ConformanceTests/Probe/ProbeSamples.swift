import FoundationEssentials
import GoldenVectors
import NIOConcurrencyHelpers
import Specification
import StrictJSON
import Testing

@testable import Conformance

/// Probes and peers that tests of runs are made of.
enum ProbeSamples {
  static let catalogueText = """
    {"requirements": [
      {"id": "rpc.answer", "level": "MUST", "role": "server", "class": "RPC", "clause": "5.1", "text": "A call is answered.",
       "source": "original", "testedBy": ["probe"], "why": "Callers wait.", "right": "r", "wrong": "x"},
      {"id": "frame.magic", "level": "SHOULD", "role": "both", "class": "Core", "clause": "4.2", "text": "The magic is right.",
       "source": "original", "testedBy": ["probe"], "why": "w", "right": "r", "wrong": "x"},
      {"id": "frame.extra", "level": "MUST", "role": "both", "class": "Core", "clause": "9.1", "text": "There is more.",
       "source": "ours", "capability": "more", "testedBy": ["probe"], "why": "w", "right": "r", "wrong": "x"}]}
    """

  static func catalogue() throws -> RequirementCatalogue {
    try RequirementCatalogue.load(Array(catalogueText.utf8), file: "requirements.json")
  }

  /// Five cases; the servers below decide which of them fail.
  static let probes = """
    suite: sample
    title: samples
    cases:
      - {id: sanity.service, title: it serves, requirements: [rpc.answer], steps: [alive]}
      - {id: rpc.echo, title: an answer, requirements: [rpc.answer], steps: [{call: {payload: hello}}]}
      - id: rpc.word.$word
        title: the answer to $word
        requirements: [rpc.answer]
        each: [{word: one}, {word: two}]
        steps: [{call: {payload: $word}, within: 1s}]
      - {id: frame.extra, title: more, requirements: [frame.extra], steps: [{call: {payload: hello}}]}
      - {id: rpc.slow, title: slow, requirements: [rpc.answer], tags: [slow], steps: [{call: {payload: hello}}]}
      - {id: rpc.alone, title: alone, requirements: [rpc.answer], tags: [exclusive], steps: [{call: {payload: hello}}]}
    """

  static func suite(_ text: String = probes) throws -> ProbeSuite {
    try ProbeSuite(version: "1", catalogue: catalogue(), texts: [("sample.yaml", text)], hash: "00")
  }

  /// Answers everything.
  static let right = "role: server\nrules:\n  - {on: {id: 2}, do: [{reply: {id: 3}}]}\n"

  /// Answers everything, `two` wrongly.
  static let wrong = """
    role: server
    rules:
      - {on: {id: 2, payload: two}, do: [{reply: {id: 3, payload: deux}}]}
      - {on: {id: 2}, do: [{reply: {id: 3}}]}
    """

  /// Runs cases against a mock server.
  static func run(
    _ rules: String, _ select: (inout ProbeSelection) -> Void = { _ in },
    _ configure: (inout ProbeRunner) -> Void = { _ in }
  ) async throws -> Log {
    let suite = try suite()
    var selection = ProbeSelection()
    select(&selection)
    let server = try await MockServer.start(try ScriptedPeers.server(rules))
    var runner = try runner(suite, selection, port: server.port)
    configure(&runner)
    let log = try await play(runner)
    await server.shutdown()
    return log
  }

  static func runner(
    _ suite: ProbeSuite, _ selection: ProbeSelection, port: Int, server: ProcessUnderTest? = nil
  ) throws -> ProbeRunner {
    var runner = ProbeRunner(
      sanity: suite.sanity, cases: try selection.select(from: suite),
      applicability: ProbeApplicability(catalogue: suite.catalogue, profile: .reference),
      peer: .server(ScriptTarget(host: "127.0.0.1", port: port), server),
      settings: EngineSettings(profile: .reference, run: "test"))
    runner.returnTimeout = .milliseconds(200)
    return runner
  }

  static func play(_ runner: ProbeRunner) async throws -> Log {
    var log = Log()
    log.end = try await runner.run { event in
      switch event {
      case .settled(let result): log.results.append(result)
      case .notice(let text): log.notices.append(text)
      case .completed(let count, _, _): log.completed = max(log.completed, count)
      }
    }
    return log
  }

  /// A folder of its own below the temporary one, for as long as the body runs.
  static func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.path + "/wireproof-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
  }
}

/// What a run told.
struct Log {
  var results: [ProbeResult] = []
  var notices: [String] = []
  var completed = 0
  var end = ProbeRunner.End()

  subscript(id: String) -> ProbeResult? { results.first { $0.script.id == id } }

  func verdict(_ id: String) -> Verdict? { self[id]?.outcome.verdict }
}

/// Keeps what a session says.
final class KeptOutput: ProbeSession.Output {
  private let lines = NIOLockedValueBox<[String]>([])

  func progress(_ line: String) { add("progress: " + line) }
  func print(_ text: String) { add(text) }
  func warn(_ line: String) { add("warning: " + line) }

  var text: String { lines.withLockedValue { $0.joined(separator: "\n") } }

  private func add(_ line: String) { lines.withLockedValue { $0.append(line) } }
}
