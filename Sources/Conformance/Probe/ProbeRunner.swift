package import Specification

/// Runs probes against a server or a client: the sanity case first and last, the others beside each other where they allow it.
///
/// A case that fails is run again, to see whether it comes out the same. A server that is lost during a case spoils only that
/// case: it is started again, or waited for, and what ran at the same time is run again, one after the other.
package struct ProbeRunner: Sendable {
  /// Something that a run tells while it goes on.
  package enum Event: Sendable {
    /// So many cases have come to something; the last one, and its verdict.
    case completed(Int, id: String, verdict: Verdict)

    /// The result of the next case, in the order of the cases.
    case settled(ProbeResult)

    /// Something that people should know now, in one line.
    case notice(String)
  }

  /// How a run ended.
  package struct End: Sendable {
    /// Why not all cases could be run; nil: they were.
    package var loss: String?

    /// What most of the failures have in common, as seen from the first cases, and what to do; nil: nothing is known of that kind.
    package var diagnosis: RunDiagnosis?

    /// The round trip that was measured; nil: it was not.
    package var roundTrip: Duration?

    /// How often a lost server was started again, or waited for.
    package var recoveries = 0

    /// What the process that we started held after the first case, and after the last.
    package var resources: (first: ProcessResources, last: ProcessResources)?
  }

  let sanity: ScriptCase
  /// Without the sanity case.
  let cases: [ScriptCase]

  /// Whether the result of the sanity case is reported in any case.
  let reportsSanity: Bool

  var applicability: ProbeApplicability
  let peer: ProbedPeer
  var settings: EngineSettings

  /// How many cases run at once.
  package var jobs = 8

  /// Whether a failure is run again.
  package var repeatsFailures = true

  /// Ids whose passing is a surprise, so that it is looked at twice.
  package var expectedFailures: Set<String> = []

  /// Ids of cases that fail now and then, so that neither outcome is a surprise.
  package var intermittentFailures: Set<String> = []

  /// How long a server may take until it serves.
  package var startTimeout = Duration.seconds(30)

  /// How long a lost server that we did not start may take to come back.
  package var returnTimeout = Duration.seconds(10)

  /// A run.
  ///
  /// - Parameters:
  ///   - sanity: The case that says whether the server serves at all.
  ///   - cases: The cases, in the order in which they are reported, the sanity case last. Where that is none of them, it is
  ///     run all the same, and only reported if it does not pass.
  ///   - applicability: Which of them bind the server.
  ///   - peer: The server or client.
  ///   - settings: The seed, the run, the profile; the round trip is measured.
  package init(
    sanity: ScriptCase, cases: [ScriptCase], applicability: ProbeApplicability, peer: ProbedPeer,
    settings: EngineSettings
  ) {
    self.sanity = sanity
    self.cases = cases.filter { $0.id != sanity.id }
    reportsSanity = cases.contains { $0.id == sanity.id }
    self.applicability = applicability
    self.peer = peer
    self.settings = settings
  }

  /// Runs every case. There is exactly one result a case, in their order, that of the sanity case last; what could not be run says so. A server that we
  /// start is ended before this returns. When the task is cancelled, what was not run yet could not be run.
  ///
  /// - Parameter report: Is told what happens.
  package func run(report: (Event) throws -> Void) async throws -> End {
    let delay = OwnDelay()
    let watch = Task { await delay.watch() }
    defer { watch.cancel() }
    var runner = self
    if runner.settings.delayed == nil { runner.settings.delayed = { delay.waited(since: $0) } }
    let run = ProbeRun(runner)
    let result: Result<Void, any Error>
    do { result = .success(try await run.play(report)) } catch { result = .failure(error) }
    await peer.server?.stop()
    await peer.client?.stopAll()
    try result.get()
    return run.end
  }
}
