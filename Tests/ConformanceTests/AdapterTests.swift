import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

/// Implementations behind the adapter protocol that behave and misbehave, each a few lines of Python.
@Suite("Adapters", .serialized)
struct AdapterTests {
  /// The beginning of every adapter: `answer(request)` gives the reply to a `run`, None for none at all.
  private static let frame = """
    import json, os, sys, time
    def say(text):
        sys.stdout.write(text + "\\n")
        sys.stdout.flush()
    def echo(request):
        payload = request["input"]["message"]
        return {"output": {"protocolId": 0, "sn": 0, "length": 8, "payload": payload}}
    def main(answer, hello={"name": "n", "language": "Python", "version": "1", "capabilities": []}):
        for line in sys.stdin:
            request = json.loads(line)
            if request["cmd"] == "stop":
                return
            if request["cmd"] == "hello":
                reply = dict(hello)
            elif request["operation"] != "frame.decode":
                reply = {"unsupported": "no such operation"}
            else:
                reply = answer(request)
            if reply is not None:
                say(json.dumps({"seq": request["seq"], **reply}))

    """

  private struct Run {
    let records: [CaseRecord]
    var verdicts: [Verdict] { records.map(\.verdict) }
  }

  private func run(
    _ script: String, payloads: [String] = ["00", "01", "02"], timeout: Duration = .seconds(20),
    startTimeout: Duration = .seconds(30),
    jobs: Int = 1,
    requirements: [RequirementID] = ["frame.magic"]
  ) async throws -> Run {
    let path = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString + ".py"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data((Self.frame + script).utf8).write(to: URL(filePath: path))
    let cases = payloads.enumerated().map { index, payload in
      Samples.decode("frame.decode.\(index)", requirements: requirements, payload: payload)
    }
    let runner = VerifyRunner(
      cases: cases, catalogue: try Samples.catalogue(), target: .command("python3 '\(path)'"), timeout: timeout,
      startTimeout: startTimeout, jobs: jobs)
    let implementation = try await runner.introduce()
    var records: [CaseRecord] = []
    try await runner.run(implementation) { records.append($0) }
    #expect(records.map(\.id) == cases.map(\.test.id))
    return Run(records: records)
  }

  @Test("A good one passes every case, with one process and with several", arguments: [1, 4])
  func good(jobs: Int) async throws {
    let payloads = (0..<50).map { Bytes([UInt8($0)]).hex }
    let run = try await run("main(echo)", payloads: payloads, jobs: jobs)
    #expect(run.verdicts == [Verdict](repeating: .pass, count: 50))
  }

  @Test("A large answer comes whole")
  func large() async throws {
    let payload = String(repeating: "ab", count: 500_000)
    #expect(try await run("main(echo)", payloads: [payload, payload]).verdicts == [.pass, .pass])
  }

  @Test("A wrong one fails where it is wrong, with what it answered")
  func wrong() async throws {
    let run = try await run(
      """
      def answer(request):
          if request["input"]["message"] == "01":
              return {"output": {"protocolId": 1, "sn": 0, "length": 8, "payload": "01"}}
          return echo(request)
      main(answer)
      """)
    #expect(run.verdicts == [.pass, .fail, .pass])
    #expect(run.records[1].reason == "protocolId is 1 instead of 0")
    #expect(run.records[1].actual["output"]?["protocolId"] == 1)
    #expect(run.records[1].transcript.count == 2)
    #expect(run.records[0].transcript.isEmpty)
  }

  @Test("What it does not support does not apply")
  func unsupported() async throws {
    let run = try await run(
      """
      main(lambda request: {"unsupported": "later"} if request["input"]["message"] == "01" else echo(request))
      """)
    #expect(run.verdicts == [.pass, .notApplicable, .pass])
  }

  @Test("A requirement that needs a capability binds only who claims it")
  func capabilities() async throws {
    let wrong = "def wrong(request):\n    return {\"error\": \"short\"}\n"
    let claims = "main(wrong, {\"name\": \"n\", \"language\": \"l\", \"version\": \"1\", \"capabilities\": [\"more\"]})"
    #expect(try await run(wrong + "main(wrong)", requirements: ["frame.extra"]).verdicts[0] == .notApplicable)
    #expect(try await run(wrong + claims, requirements: ["frame.extra"]).verdicts[0] == .nonStrict)
    let both: [RequirementID] = ["frame.magic", "frame.extra"]
    #expect(try await run(wrong + "main(wrong)", requirements: both).verdicts[0] == .notApplicable)
    #expect(try await run("main(echo)", requirements: both).verdicts[0] == .pass)
  }

  @Test("One that crashes is started again; the case is errored, with its diagnostics and how it ended")
  func crash() async throws {
    let run = try await run(
      """
      def answer(request):
          if request["input"]["message"] == "01":
              sys.stderr.write("about to \\x1b[31m fall\\n")
              sys.stderr.flush()
              os._exit(7)
          return echo(request)
      main(answer)
      """)
    #expect(run.verdicts == [.pass, .errored, .pass])
    #expect(run.records[1].reason == "the implementation ended: exit code 7")
    #expect(run.records[1].transcript.last?["stderr"] == #"about to \x1b[31m fall\n"#)
  }

  @Test("One that is killed by a signal is errored with the signal")
  func signal() async throws {
    let run = try await run("main(lambda request: os.kill(os.getpid(), 9))", payloads: ["00"])
    #expect(run.verdicts == [.errored])
    #expect(run.records[0].reason == "the implementation ended: signal 9")
  }

  @Test("One that hangs is killed with its children after the timeout; the next case gets a new process")
  func hang() async throws {
    let run = try await run(
      """
      def answer(request):
          if request["input"]["message"] == "01":
              if os.fork() == 0:
                  time.sleep(600)
              time.sleep(600)
          return echo(request)
      main(answer)
      """, timeout: .seconds(5))
    #expect(run.verdicts == [.pass, .fail, .pass])
    #expect(run.records[1].reason?.contains("flush standard output") == true)
    #expect(run.records[1].actual == .null)
  }

  @Test("One that stays silent for ever is given up, and the rest could not be run")
  func silence() async throws {
    let payloads = [String](repeating: "00", count: 12)
    let run = try await run("main(lambda request: None)", payloads: payloads, timeout: .milliseconds(700))
    #expect(run.verdicts == [Verdict](repeating: .fail, count: 10) + [.couldNotRun, .couldNotRun])
    #expect(CommandStatus(VerdictCounts(run.records), isStrict: false) == .incomplete)
  }

  @Test(
    "Garbage on standard output fails the case and is shown escaped",
    arguments: [
      (#"say("debug \x1b[2J\x00 output")"#, #"debug \x1b[2J\x00 output"#), (#"say("")"#, "no JSON"),
      (#"say("[]")"#, "no object"), (#"say('{"seq": 99, "output": {}}')"#, "seq"),
      (#"sys.stdout.buffer.write(b"\xff\xfe\n"); sys.stdout.flush()"#, #"\xff\xfe"#),
    ])
  func garbage(statement: String, shown: String) async throws {
    let run = try await run(
      """
      def answer(request):
          if request["input"]["message"] == "01":
              \(statement)
          return echo(request)
      main(answer)
      """)
    #expect(run.verdicts == [.pass, .fail, .pass])
    #expect(run.records[1].reason?.contains(shown) == true, "\(run.records[1].reason ?? "")")
  }

  @Test(
    "An answer that is none fails the case only",
    arguments: [
      "{}", #"{"output": 1}"#, #"{"output": {}, "error": "short"}"#, #"{"error": 7}"#,
      #"{"error": "a", "offset": "b"}"#,
      #"{"error": "a", "x": 1}"#, #"{"unsupported": None}"#,
    ])
  func noAnswer(reply: String) async throws {
    let run = try await run("main(lambda request: \(reply) if request['input']['message'] == '01' else echo(request))")
    #expect(run.verdicts == [.pass, .fail, .pass])
  }

  @Test(
    "One that cannot be started or does not say hello is told before anything runs",
    arguments: [
      ("sys.exit(3)", "exit code 3"), ("say('hello')", "no JSON"), ("main(echo, {\"name\": 1})", "name, language"),
      ("main(echo, {})", "capabilities"),
      (
        "main(echo) if False else [say(json.dumps({'seq': json.loads(l)['seq'], 'name': '', 'language': '', 'version': '', "
          + "'capabilities': [], 'output': {}})) for l in sys.stdin]", "must answer unsupported"
      ),
    ])
  func badHello(script: String, reason: String) async throws {
    let faults = try await #require(throws: DataFaults.self) { try await run(script) }
    #expect(faults.description.contains(reason), "\(faults)")
  }

  @Test("One that never says hello is told with the hint to flush")
  func silentHello() async throws {
    let faults = try await #require(throws: DataFaults.self) {
      try await run("time.sleep(600)", timeout: .seconds(1), startTimeout: .seconds(1))
    }
    #expect(faults.description.contains("flush standard output"), "\(faults)")
  }

  @Test("A command that does not exist is told")
  func noCommand() async throws {
    let runner = VerifyRunner(
      cases: [Samples.decode("frame.decode.a")], catalogue: try Samples.catalogue(),
      target: .command("/nowhere/adapter --now"), timeout: .seconds(20), jobs: 1)
    let faults = try await #require(throws: DataFaults.self) { try await runner.introduce() }
    #expect(faults.description.contains("exit code 127"), "\(faults)")
  }

  @Test("One that starts once and never again is lost: what is left could not be run")
  func lost() async throws {
    let marker = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: marker) }
    let run = try await run(
      """
      starts = os.path.getsize("\(marker)") if os.path.exists("\(marker)") else 0
      with open("\(marker)", "a") as f:
          f.write("x")
      if starts == 2:
          sys.exit(1)
      main(lambda request: os._exit(1) if request["input"]["message"] == "01" else echo(request))
      """)
    #expect(run.verdicts == [.pass, .errored, .couldNotRun])
  }

  @Test("The adapter of the tutorial runs as it is printed there")
  func tutorial() async throws {
    let path = Samples.repository.path + "/docs/verifying-an-implementation.md"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let script = try #require(text.split(separator: "```").first { $0.hasPrefix("python\n") }).dropFirst(7)
    let file = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString + ".py"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(script.utf8).write(to: URL(filePath: file))
    let suite = try Samples.suite()
    let cases = try CaseFilter(["frame.decode.v1_3_3.*"]).select(suite.cases)
    let runner = VerifyRunner(
      cases: cases, catalogue: suite.catalogue, target: .command("python3 '\(file)'"), timeout: .seconds(20), jobs: 1)
    var counts = VerdictCounts()
    try await runner.run(try await runner.introduce()) { counts.add($0.verdict) }
    #expect(counts[.pass] > 20)
    #expect(counts[.fail] > 20)
    #expect(counts[.errored] + counts[.couldNotRun] + counts[.notApplicable] == 0)
  }
}
