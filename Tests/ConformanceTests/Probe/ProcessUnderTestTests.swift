import FoundationEssentials
import GoldenVectors
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Specification
import StrictJSON
import Testing

@testable import Conformance

/// Runs against servers that we start: Python's, with a fault in what they do about the payload "two".
@Suite("Servers that are started", .serialized)
struct ProcessUnderTestTests {
  static func run(
    _ fault: String, jobs: Int = 4, startTimeout: Duration = .seconds(30), whileLogged: (String) -> Void = { _ in }
  ) async throws -> (log: Log, server: ProcessUnderTest) {
    try await ProbeSamples.withFolder { folder in
      let port = try await FreePort.pick()
      let script = Samples.repository.path + "/Tests/ConformanceTests/Servers/probed_server.py"
      let server = ProcessUnderTest(command: ["python3", script, String(port), fault], log: folder + "/log")
      var runner = try ProbeSamples.runner(ProbeSamples.suite(), ProbeSelection(), port: port, server: server)
      runner.jobs = jobs
      runner.startTimeout = startTimeout
      let log = try await ProbeSamples.play(runner)
      whileLogged(String(decoding: server.output(from: 0), as: UTF8.self))
      return (log, server)
    }
  }

  @Test("A right server is started, watched and ended")
  func startedServer() async throws {
    let (log, server) = try await Self.run("")
    #expect(log.results.allSatisfy { [.pass, .notApplicable].contains($0.outcome.verdict) })
    #expect(log.results.count == 6)
    #expect(server.end == "signal 15")
    #expect(server.starts == 1)
    #expect(log.end.resources != nil)
  }

  @Test("A crash is the case's that caused it, and only that", arguments: [1, 4]) func crashCasesCaused(jobs: Int)
    async throws
  {
    let (log, server) = try await Self.run("crash", jobs: jobs)
    #expect(log.verdict("rpc.word.two") == .errored)
    #expect(log["rpc.word.two"]?.outcome.reason?.contains("signal 6") == true)
    let output = log["rpc.word.two"].map { String(decoding: $0.diagnostics, as: UTF8.self) }
    #expect(output?.contains("fatal: two") == true)
    for id in ["rpc.echo", "rpc.word.one", "rpc.alone", "sanity.service"] {
      #expect(log.verdict(id) == .pass, "\(id): \(log[id]?.outcome.reason ?? "")")
    }
    #expect(log.end.loss == nil)
    #expect(log.end.recoveries > 0)
    #expect(server.starts == log.end.recoveries + 1)
  }

  @Test("A server that hangs is started again")
  func hangingServer() async throws {
    let (log, _) = try await Self.run("hang", jobs: 1)
    #expect(log.verdict("rpc.word.two") == .errored)
    for id in ["rpc.echo", "rpc.word.one", "rpc.alone", "sanity.service"] { #expect(log.verdict(id) == .pass) }
  }

  @Test("A case that comes out one way and the other is told with its rate")
  func outcomes() async throws {
    let (log, _) = try await Self.run("flaky")
    #expect(log.verdict("rpc.word.two") == .fail)
    #expect(log["rpc.word.two"]?.runs == CaseRuns(total: 3, failed: 2))
    #expect(log["rpc.word.two"]?.runs?.isFlaky == true)
    #expect(log.verdict("rpc.word.one") == .pass)
  }

  @Test("An upgrade that has no answer once, and has one when it is asked for again, is nobody's failure")
  func lateUpgrade() async throws {
    var wasLate = false
    let (log, _) = try await Self.run("late", jobs: 1) { wasLate = $0.contains("late: an upgrade has no answer") }
    #expect(wasLate)
    #expect(log.results.allSatisfy { [.pass, .notApplicable].contains($0.outcome.verdict) && $0.runs == nil })
  }

  @Test("A server that never listens is given up, with its children")
  func silentServer() async throws {
    let (log, server) = try await Self.run("silent", startTimeout: .milliseconds(300))
    #expect(log.end.loss?.contains("Connection refused") == true)
    #expect(log.results.allSatisfy { [.couldNotRun, .notApplicable].contains($0.outcome.verdict) })
    #expect(server.end == "signal 15")
  }

  @Test("A command that does not exist is told at once")
  func missingCommand() async throws {
    try await ProbeSamples.withFolder { folder in
      let server = ProcessUnderTest(command: ["wireproof-no-such-command"], log: folder + "/log")
      let runner = try ProbeSamples.runner(
        ProbeSamples.suite(), ProbeSelection(), port: await FreePort.pick(), server: server)
      let log = try await ProbeSamples.play(runner)
      #expect(log.end.loss?.contains("there is no such command") == true)
    }
  }

  @Test("A server that we did not start and that goes away is told, and the rest is not run")
  func foreignServer()
    async throws
  {
    try await ProbeSamples.withFolder { folder in
      let port = try await FreePort.pick()
      let script = Samples.repository.path + "/Tests/ConformanceTests/Servers/probed_server.py"
      let server = ProcessUnderTest(command: ["python3", script, String(port), "gone"], log: folder + "/log")
      let suite = try ProbeSamples.suite()
      var runner = try ProbeSamples.runner(suite, ProbeSelection(), port: port)
      runner.jobs = 1
      await server.start()
      while await ScriptEngine(settings: runner.settings).lackOfService(of: ScriptTarget(host: "127.0.0.1", port: port))
        != nil
      {}
      let log = try await ProbeSamples.play(runner)
      #expect(log.end.loss?.contains("the server was lost during rpc.word.two") == true)
      #expect(log.verdict("rpc.word.one") == .pass)
      #expect(log.verdict("rpc.word.two") == .errored)
      #expect(log.verdict("rpc.alone") == .couldNotRun)
      await server.stop()
    }
  }

  @Test("Programs are started although all that start them are cancelled", .timeLimit(.minutes(10)))
  func cancelledStarts() async throws {
    try await ProbeSamples.withFolder { folder in
      let processes = (0..<32).map { ProcessUnderTest(command: ["sleep", "600"], log: "\(folder)/\($0).log") }
      let starts = processes.map { process in Task { await process.start() } }
      for start in starts { start.cancel() }
      for start in starts { await start.value }
      for process in processes { await process.stop() }
      #expect(processes.allSatisfy { $0.end != nil })
    }
  }

  @Test("What this program waits for a processor itself is known")
  func ownStarvation() async throws {
    let delay = OwnDelay()
    let start = ContinuousClock.now
    let isOver = NIOLockedValueBox(false)
    // More threads than there are processors.
    let count = 2 * System.coreCount + 2
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: count)
    for _ in 0..<count { threads.next().execute { while !isOver.withLockedValue({ $0 }) {} } }
    while delay.waited(since: start) < .milliseconds(300), ContinuousClock.now < start + .seconds(30) {
      try await Task.sleep(for: .milliseconds(50))
    }
    isOver.withLockedValue { $0 = true }
    let waited = delay.waited(since: start)
    try await threads.shutdownGracefully()
    #expect(waited >= .milliseconds(300))
    #expect(waited <= ContinuousClock.now - start)
  }

  @Test("What a program waits for a processor is known, and sleeping is no waiting")
  func starvation() async throws {
    try await ProbeSamples.withFolder { folder in
      let loop = "(while :; do :; done)"
      let busy = ProcessUnderTest(
        command: ["taskset", "-c", "0", "sh", "-c", "\(loop) & \(loop) & \(loop)"], log: "\(folder)/busy.log")
      let idle = ProcessUnderTest(command: ["sleep", "600"], log: "\(folder)/idle.log")
      await busy.start()
      await idle.start()
      let start = ContinuousClock.now
      while busy.starved(since: start) < .milliseconds(300), ContinuousClock.now < start + .seconds(30) {
        try await Task.sleep(for: .milliseconds(50))
      }
      let (waited, slept) = (busy.starved(since: start), idle.starved(since: start))
      await busy.stop()
      await idle.stop()
      #expect(waited >= .milliseconds(300))
      #expect(waited <= ContinuousClock.now - start)
      #expect(slept < waited)
    }
  }
}
