package import GoldenVectors
import NIOConcurrencyHelpers
import Specification
package import StrictJSON

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

  static func notApplicable(_ missing: [String]) -> VectorOutcome {
    var outcome = VectorOutcome(seconds: 0)
    outcome.verdict = .notApplicable
    outcome.reason = "the implementation does not claim the capability \(Set(missing).sorted().joined(separator: ", "))"
    return outcome
  }

  private func record(_ vector: VectorSuite.Case, _ outcome: VectorOutcome, _ capabilities: Set<String>) -> CaseRecord {
    let verdict = VectorVerdict(outcome, of: vector, catalogue: catalogue, capabilities: capabilities)
    let requirements = vector.test.requirements.compactMap { catalogue[$0] }
    var transcript: [JSONValue] = []
    if verdict.verdict != .pass {
      transcript.append(["to": "iut", "operation": .string(vector.operation.rawValue), "input": vector.test.input])
      if outcome.answer != .null { transcript.append(["from": "iut", "answer": outcome.answer]) }
      if !outcome.diagnostics.isEmpty { transcript.append(["stderr": .string(outcome.diagnostics)]) }
    }
    return CaseRecord(
      id: vector.test.id, requirements: vector.test.requirements,
      level: vector.strictestLevel(in: catalogue),
      conformanceClass: requirements.first?.conformanceClass ?? .core, verdict: verdict.verdict,
      seconds: outcome.seconds, expected: .object(vector.test.expectation.json), actual: outcome.answer,
      reason: verdict.reason, transcript: transcript, judged: verdict.judged)
  }
}
