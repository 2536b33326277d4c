import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

@testable import Conformance

/// Runs against clients that are started: Python's, which answer pings, and each of which is awkward in one way.
@Suite("Clients that are started", .serialized)
struct ClientUnderTestTests {
  static let probes = """
    suite: sample
    title: samples
    role: server
    cases:
      - {id: client-sanity.service, title: it serves, requirements: [frame.extra], steps: [ping, ping]}
      - {id: client-frame.ping, title: a ping, requirements: [frame.extra], steps: [{ping: hello}]}
      - id: client-frame.close
        title: a close frame
        requirements: [frame.extra]
        steps: [{close: 1000}, {expect: {close: any}}]
    """

  /// A word on the command line of every client of this run, so that those of another run on this machine are not counted.
  private static let mark = "probed-\(UInt64.random(in: .min ... .max))"

  private static func command(_ way: String) -> [String] {
    ["python3", Samples.repository.path + "/Tests/ConformanceTests/Servers/probed_client.py", "{port}", way, mark]
  }

  static func run(
    _ way: String, jobs: Int = 2, connectPatience: String = "30s", probes: String = Self.probes,
    command: [String]? = nil
  ) async throws -> Log {
    try await ProbeSamples.withFolder { folder in
      let suite = try ProbeSuite(
        version: "1", role: .client, catalogue: ProbeSamples.catalogue(), texts: [("sample.yaml", probes)], hash: "00")
      let client = ClientUnderTest(command: command ?? Self.command(way), folder: folder)
      var profile = PeerProfile()
      profile.capabilities = ["more"]
      var settings = EngineSettings(profile: profile, run: "test")
      settings.connectPatience = connectPatience
      settings.patience = "1s|10rtt"
      var runner = ProbeRunner(
        sanity: suite.sanity, cases: suite.cases,
        applicability: ProbeApplicability(catalogue: suite.catalogue, profile: profile), peer: .client(client),
        settings: settings)
      runner.jobs = jobs
      runner.repeatsFailures = false
      return try await ProbeSamples.play(runner)
    }
  }

  /// How many processes of this run there are: clients, and what they have started.
  private static var running: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.count { name in
      guard Int(name) != nil, let line = try? Data(contentsOf: URL(filePath: "/proc/\(name)/cmdline")) else {
        return false
      }
      let text = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      return text.contains(mark)
    }
  }

  @Test("A right client is started for each case, and nothing of it stays")
  func right() async throws {
    let log = try await Self.run("right")
    #expect(log.results.map(\.outcome.verdict) == [.pass, .pass, .pass], "\(log.results.map(\.explanation))")
    #expect(log.notices.isEmpty)
    #expect(Self.running == 0)
  }

  @Test("A client may look whether anybody is there before it asks for an upgrade")
  func knocks() async throws {
    let log = try await Self.run("knocks")
    #expect(log.results.map(\.outcome.verdict) == [.pass, .pass, .pass], "\(log.results.map(\.explanation))")
    #expect(Self.running == 0)
  }

  @Test("What a client sends on its own is let pass, and said")
  func heartbeat() async throws {
    let probes = """
      suite: sample
      title: samples
      role: server
      cases:
        - {id: client-sanity.service, title: it serves, requirements: [frame.extra], steps: [ping]}
        - id: client-frame.silence
          title: nothing comes
          requirements: [frame.extra]
          steps: [{silence: {for: 300ms}}]
      """
    let log = try await Self.run("heartbeat", probes: probes)
    #expect(log.results.map(\.outcome.verdict) == [.pass, .pass], "\(log.results.map(\.explanation))")
    #expect(log.notices.contains { $0.contains("id 99 comes unasked") }, "\(log.notices)")
    #expect(Self.running == 0)
  }

  @Test("A client that ends before it connects is told at once, with its end and its output")
  func gone() async throws {
    let log = try await Self.run("gone")
    #expect(log.end.loss?.contains("it ended (exit code 3) and did not connect") == true, "\(log.end.loss ?? "")")
    #expect(log.end.loss?.contains("no such server, and so no client") == true)
    #expect(log.results.allSatisfy { $0.outcome.verdict == .couldNotRun || $0.script.id == "client-sanity.service" })
  }

  @Test("A command that does not exist is told at once")
  func missingCommand() async throws {
    let log = try await Self.run("", command: ["wireproof-no-such-command", "{url}"])
    #expect(log.end.loss?.contains("there is no such command") == true, "\(log.end.loss ?? "")")
  }

  @Test("A client that never connects is given up, and ended")
  func silent() async throws {
    let log = try await Self.run("silent", connectPatience: "300ms")
    #expect(log.end.loss?.contains("it did not connect in time") == true, "\(log.end.loss ?? "")")
    #expect(Self.running == 0)
  }

  @Test("A crash makes the case errored, with the signal")
  func crash() async throws {
    let log = try await Self.run("crash")
    for result in log.results {
      #expect(result.outcome.verdict == .errored, "\(result.explanation)")
      #expect(result.explanation.contains("the client crashed (signal 11)"), "\(result.explanation)")
    }
  }

  @Test("A client that hangs fails, and is ended")
  func hang() async throws {
    let log = try await Self.run("hang")
    #expect(log.verdict("client-frame.ping") == .fail)
    #expect(Self.running == 0)
  }

  @Test("The report of a sanitizer fails the case in which it appears")
  func sanitizer() async throws {
    let log = try await Self.run("sanitizer")
    #expect(log.verdict("client-frame.ping") == .fail)
    #expect(log["client-frame.ping"]?.explanation.contains("AddressSanitizer: heap-buffer-overflow") == true)
  }

  @Test("A client that ignores SIGTERM is killed, and it is said once")
  func stubborn() async throws {
    let log = try await Self.run("stubborn", jobs: 1)
    #expect(log.verdict("client-frame.ping") == .pass)
    #expect(log.notices.count { $0.contains("SIGTERM") } == 1, "\(log.notices)")
    #expect(Self.running == 0)
  }

  @Test("What a client started and left its process group is ended with it", arguments: ["child", "stubborn-child"])
  func children(way: String) async throws {
    let log = try await Self.run(way, jobs: 1)
    #expect(log.verdict("client-frame.ping") == .pass)
    #expect(Self.running == 0)
  }

  @Test("A second connection that nothing asked for is told")
  func twice() async throws {
    let log = try await Self.run("twice")
    #expect(log.verdict("client-frame.ping") == .pass)
    #expect(log.notices.contains { $0.contains("connections that nothing asked for") }, "\(log.notices)")
  }

  @Test("A client that floods a connection ends the run", arguments: ["flood", "flood-connections"])
  func flood(way: String) async throws {
    let log = try await Self.run(way, connectPatience: "2s")
    #expect(log.end.loss != nil)
    #expect(log.results.allSatisfy { $0.outcome.verdict == .couldNotRun || $0.script.id == "client-sanity.service" })
    #expect(Self.running == 0)
  }

  @Test("A client that writes much passes, and its output stays small")
  func talks() async throws {
    let log = try await Self.run("talks")
    #expect(log.verdict("client-frame.ping") == .pass, "\(log["client-frame.ping"]?.explanation ?? "")")
    #expect(log["client-frame.ping"].map { $0.diagnostics.count <= 65_536 } == true)
  }

  @Test("A look at a client that does not connect says why, and nothing of it stays", arguments: ["gone", "crash"])
  func look(way: String) async throws {
    try await ProbeSamples.withFolder { folder in
      let client = ClientUnderTest(command: Self.command(way), folder: folder)
      await #expect(throws: DetectionFailure.self) {
        _ = try await ClientDetection(client: client, run: "test").detect { _ in }
      }
      #expect(Self.running == 0)
    }
  }

  @Test("A look that is interrupted ends the client", .timeLimit(.minutes(10)))
  func interruptedLook() async throws {
    try await ProbeSamples.withFolder { folder in
      let client = ClientUnderTest(command: Self.command("silent"), folder: folder)
      let look = Task { try await ClientDetection(client: client, run: "test").detect { _ in } }
      while Self.running == 0 { try await Task.sleep(for: .milliseconds(10)) }
      look.cancel()
      _ = await look.result
      #expect(Self.running == 0)
    }
  }
}
