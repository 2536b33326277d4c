package import GoldenVectors
import NIOConcurrencyHelpers
import Specification

/// Runs vectors against an implementation and judges its answers.
package struct VerifyRunner: Sendable {
  /// What is verified.
  package enum Target: Sendable {
    /// The reference implementation in this process.
    case reference

    /// A command that speaks the adapter protocol.
    case command(String)
  }

  private let catalogue: RequirementCatalogue
  private let cases: [VectorSuite.Case]
  private let target: Target
  private let timeout: Duration
  private let startTimeout: Duration
  private let jobs: Int

  /// A run.
  ///
  /// - Parameters:
  ///   - cases: The cases to run, in the order in which they are reported.
  ///   - catalogue: The requirements that they name.
  ///   - target: What is verified.
  ///   - timeout: How long one answer may take.
  ///   - startTimeout: How long the answer to `hello` may take, where that is longer.
  ///   - jobs: How many processes share the work; the reference needs none.
  package init(
    cases: [VectorSuite.Case], catalogue: RequirementCatalogue, target: Target, timeout: Duration,
    startTimeout: Duration = .seconds(30), jobs: Int
  ) {
    self.cases = cases
    self.catalogue = catalogue
    self.target = target
    self.timeout = timeout
    self.startTimeout = startTimeout
    self.jobs = max(1, jobs)
  }

  /// Asks the implementation who it is. An adapter that cannot be started or does not keep to the protocol is a fault.
  package func introduce() async throws(DataFaults) -> ImplementationDescription {
    switch target {
    case .reference:
      return ReferenceImplementation.description(
        capabilities: Set(catalogue.requirements.compactMap(\.capability)).sorted())
    case .command(let command):
      return try await adapter(command).introduce()
    }
  }

  /// Runs every case. There is exactly one record a case, in the order of the cases; what could not be run says so.
  ///
  /// - Parameters:
  ///   - implementation: What ``introduce()`` said.
  ///   - report: Gets each record as soon as all before it are there.
  package func run(
    _ implementation: ImplementationDescription, report: (CaseRecord) throws -> Void
  ) async throws {
    let capabilities = Set(implementation.capabilities)
    var pending: [Int: CaseRecord] = [:]
    var reported = 0
    func take(_ index: Int, _ outcome: VectorOutcome) throws {
      pending[index] = record(cases[index], outcome, capabilities)
      while let record = pending.removeValue(forKey: reported) {
        reported += 1
        try report(record)
      }
    }
    let (outcomes, continuation) = AsyncStream.makeStream(of: (Int, VectorOutcome).self)
    let work = Task {
      await runAll(capabilities) {
        continuation.yield(($0, $1))
      } onEnd: {
        continuation.finish()
      }
    }
    defer { work.cancel() }
    for await (index, outcome) in outcomes { try take(index, outcome) }
    // Cancelled, this task takes nothing more, and the other ends what it started.
    let isInterrupted = Task.isCancelled
    if isInterrupted { work.cancel() }
    await work.value
    for index in reported..<cases.count where pending[index] == nil {
      var outcome = VectorOutcome(seconds: 0)
      outcome.reason =
        isInterrupted ? "the run was interrupted" : "the implementation was lost before this case: \(Self.lossText)"
      try take(index, outcome)
    }
  }

  private static let lossText = "it does not start any more, stays silent, or says nothing that is an answer"

  private func runAll(
    _ capabilities: Set<String>, report: @escaping @Sendable (Int, VectorOutcome) -> Void, onEnd: @Sendable () -> Void
  ) async {
    defer { onEnd() }
    let position = NIOLockedValueBox(0)
    let next: @Sendable () -> (index: Int, vector: VectorSuite.Case)? = {
      while true {
        let index = position.withLockedValue { position in
          defer { position += 1 }
          return position
        }
        guard index < cases.count, !Task.isCancelled else { return nil }
        let missing = missingCapabilities(cases[index].test, capabilities)
        guard missing.count == cases[index].test.requirements.count else { return (index, cases[index]) }
        report(index, Self.notApplicable(missing))
      }
    }
    switch target {
    case .reference:
      while let (index, vector) = next() { report(index, Self.runReference(vector)) }
    case .command(let command):
      let runner = adapter(command)
      await withTaskGroup { group in
        for _ in 0..<min(jobs, cases.count) {
          group.addTask { await runner.work(next: next, report: report) }
        }
      }
    }
  }

  private func adapter(_ command: String) -> AdapterRunner {
    AdapterRunner(process: AdapterProcess(command: command, timeout: timeout, startTimeout: startTimeout))
  }

  private static func runReference(_ vector: VectorSuite.Case) -> VectorOutcome {
    let start = ContinuousClock.now
    let answer = ReferenceImplementation.run(vector.operation, vector.test.input)
    let judgement = Judge.judge(answer, to: vector.test, of: vector.operation)
    var outcome = VectorOutcome(seconds: (ContinuousClock.now - start).inSeconds)
    outcome.answer = answer.json
    outcome.verdict = judgement.verdict
    outcome.isWeaker = judgement.isWeaker
    outcome.reason = judgement.reason
    return outcome
  }

  /// The capabilities that the requirements of a test need and the implementation does not claim, one a requirement.
  private func missingCapabilities(_ test: VectorTest, _ claimed: Set<String>) -> [String] {
    test.requirements.compactMap { catalogue[$0]?.capability }.filter { !claimed.contains($0) }
  }

  private static func notApplicable(_ missing: [String]) -> VectorOutcome {
    var outcome = VectorOutcome(seconds: 0)
    outcome.verdict = .notApplicable
    outcome.reason = "the implementation does not claim the capability \(Set(missing).sorted().joined(separator: ", "))"
    return outcome
  }

  private func record(_ vector: VectorSuite.Case, _ outcome: VectorOutcome, _ capabilities: Set<String>) -> CaseRecord {
    var outcome = outcome
    // A case that also exercises what does not bind the implementation counts for it, not against it.
    let missing = missingCapabilities(vector.test, capabilities)
    if !missing.isEmpty, outcome.verdict == .fail || outcome.verdict == .nonStrict {
      outcome.verdict = .notApplicable
      outcome.reason = Self.notApplicable(missing).reason
    }
    let bound = vector.test.requirements.filter { id in
      catalogue[id]?.capability.map(capabilities.contains) ?? true
    }
    let judged = Self.judgements(outcome, StepDuty(bound, catalogue), all: bound)
    if outcome.verdict == .fail, judged.failed.isEmpty {
      outcome.verdict = judged.requirements(.nonStrict).isEmpty ? .informational : .nonStrict
    }
    let requirements = vector.test.requirements.compactMap { catalogue[$0] }
    let level = vector.strictestLevel(in: catalogue)
    // An implementation that gives no answer, or none that can be read, has not met a weaker rule.
    if outcome.answer != .null {
      outcome.verdict = Judgement(verdict: outcome.verdict, reason: outcome.reason).bounded(by: level).verdict
    }
    var transcript: [JSONValue] = []
    if outcome.verdict != .pass {
      transcript.append(["to": "iut", "operation": .string(vector.operation.rawValue), "input": vector.test.input])
      if outcome.answer != .null { transcript.append(["from": "iut", "answer": outcome.answer]) }
      if !outcome.diagnostics.isEmpty { transcript.append(["stderr": .string(outcome.diagnostics)]) }
    }
    return CaseRecord(
      id: vector.test.id, requirements: vector.test.requirements,
      level: level,
      conformanceClass: requirements.first?.conformanceClass ?? .core, verdict: outcome.verdict,
      seconds: outcome.seconds, expected: .object(vector.test.expectation.json), actual: outcome.answer,
      reason: outcome.reason, transcript: transcript, judged: judged)
  }

  /// What an answer means for the requirements of a test: one answer shows all of them, and a wrong one breaks the first of the
  /// strongest level, which is the one that the test is about. No SHOULD fails.
  private static func judgements(_ outcome: VectorOutcome, _ duty: StepDuty, all: [RequirementID]) -> Judgements {
    var first = duty
    first.must = Array(duty.must.prefix(1))
    first.should = Array((duty.should + duty.codes).prefix(1))
    first.codes = []
    switch outcome.verdict {
    case .notApplicable, .couldNotRun: return Judgements()
    case .pass: return Judgements(.pass, all)
    case .errored: return Judgements(.fail, first.must)
    case .fail: return first.judgements(.unmet)
    case .nonStrict, .informational:
      var judged = Judgements(.pass, all)
      if outcome.isWeaker { judged.add(first.judgements(outcome.verdict == .nonStrict ? .weaker : .informational)) }
      return judged
    }
  }
}
