import Specification
import StrictJSON

/// What a probe of a server came to.
package struct ProbeResult: Sendable {
  /// The case.
  package let script: ScriptCase

  /// What it came to.
  package var outcome: CaseOutcome

  /// How often it was run, where that was more than once.
  package var runs: CaseRuns?

  /// What the server wrote on standard output and standard error while the case ran; empty where we did not start it.
  package var diagnostics: [UInt8] = []

  /// A case and what it came to.
  package init(script: ScriptCase, outcome: CaseOutcome) {
    self.script = script
    self.outcome = outcome
  }

  /// The line of a result file.
  package var record: CaseRecord {
    let plain = outcome.record(of: script)
    let step = outcome.divergence.map { "\(script.file):\($0.place): \(InertText.abridged($0.step, to: 4_096))" }
    let diagnostics = InertText.ascii(diagnostics.suffix(4096), limit: 4096)
    return CaseRecord(
      id: plain.id, requirements: plain.requirements, level: plain.level, conformanceClass: plain.conformanceClass,
      verdict: plain.verdict, seconds: plain.seconds, expected: plain.expected, actual: plain.actual,
      reason: plain.reason,
      transcript: plain.transcript
        + (plain.verdict.isFailure && !self.diagnostics.isEmpty ? [["stderr": .string(diagnostics)]] : []),
      step: step, runs: runs, judged: plain.judged, lacks: plain.lacks)
  }
}

extension CaseOutcome {
  /// Of a case that was not run.
  static func notRun(_ verdict: Verdict, _ reason: String) -> CaseOutcome {
    var outcome = CaseOutcome(verdict: verdict, expected: "", actual: "", transcript: CaseTranscript(isKept: false))
    outcome.reason = reason
    return outcome
  }
}
