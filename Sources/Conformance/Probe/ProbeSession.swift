import FoundationEssentials
import GoldenVectors
package import Specification
import StrictJSON
import SystemFiles

/// `probe server` and `probe client` from the selected cases to the exit code: the run, the result file, the evidence, the expected failures,
/// and what is said about all of it.
package struct ProbeSession: Sendable {
  /// Where the session says things.
  package protocol Output {
    /// One line about how far it is, which replaces the one before.
    func progress(_ line: String)

    /// A text for people.
    func print(_ text: String)

    /// A warning, in one line.
    func warn(_ line: String)
  }

  /// The suite.
  package let suite: ProbeSuite

  /// Which cases.
  package let selection: ProbeSelection

  /// The first line of the result file.
  package let header: ResultHeader

  /// What the peer's application offers.
  package let profile: PeerProfile

  /// The peer.
  package let peer: ProbedPeer

  /// The command that runs a case again.
  package let reproduction: @Sendable (ScriptCase) -> String

  /// The seed.
  package var seed: UInt64 = 1

  /// How long steps wait that say nothing else, in seconds; nil: the usual time.
  package var timeout: Double?

  /// How many cases run at once.
  package var jobs = 8

  /// Whether `nonStrict` verdicts are failures.
  package var isStrict = false

  /// The result file; nil: none.
  package var results: String?

  /// Whether the result file may hold the beginning of this run.
  package var isResumed = false

  /// The file of expected failures; nil: none.
  package var expectedFailures: String?

  /// Whether that file is written anew.
  package var updatesExpected = false

  /// The folder for evidence; nil: none.
  package var artifacts: String?

  /// How many columns the lines of texts may have.
  package var columns = LineFolding.columns

  /// A session.
  package init(
    suite: ProbeSuite, selection: ProbeSelection, header: ResultHeader, profile: PeerProfile, peer: ProbedPeer,
    reproduction: @escaping @Sendable (ScriptCase) -> String
  ) {
    self.suite = suite
    self.selection = selection
    self.header = header
    self.profile = profile
    self.peer = peer
    self.reproduction = reproduction
  }

  /// Runs the cases and says what they came to.
  ///
  /// - Returns: The exit code.
  /// - Throws: `DataFaults` where what was asked for cannot be done.
  package func run(_ output: some Output) async throws -> CommandStatus {
    let cases = try selection.select(from: suite)
    let expected = try loadExpected()
    if updatesExpected, selection.isPartial {
      throw DataFaults([
        DataFault(
          file: "--update-expected", place: "",
          reason: "a run with --filter or --shard does not see all failures, so the file would lose lines",
          remedy: "run without them")
      ])
    }
    let evidence = try artifacts.map { path throws(DataFaults) in
      try CaseArtifacts(folder: path, reproduction: reproduction)
    }
    let old = try resumed(cases)
    let start = ContinuousClock.now
    // What is written anew says nothing about this run yet.
    let expectations = updatesExpected ? [:] : expected?.expectations ?? [:]
    var header = header
    if !updatesExpected, let expected {
      header.unknownExpectations = expected.unknownIDs(known: Set(suite.cases.map(\.id)))
    }
    var log = try VerifyLog(results: results, header: header)
    for var record in old {
      record.expectedFailure = expectations[record.id]
      try log.append(record)
    }
    let done = Set(old.map(\.id))
    let rest = cases.filter { !done.contains($0.id) }
    let text = ProbeReport(
      suite: suite, isStrict: isStrict, expected: expected, width: columns, reproduction: reproduction)
    let runner = runner(for: rest, expected: expected)
    var failures = log.failures
    let end = try await runner.run { event in
      switch event {
      case .completed(let count, let id, let verdict):
        if verdict.isFailure { failures += 1 }
        output.progress(
          text.progress(done: old.count + count, of: cases.count, failures: failures, id: id))
      case .settled(let result):
        var record = result.record
        record.expectedFailure = expectations[record.id]
        try log.append(record)
        if record.isFailure(isStrict: isStrict) { _ = try evidence?.write(result) }
      case .notice(let line): output.warn(InertText.whole(line))
      }
    }
    let records = try log.finish(isInterrupted: Task.isCancelled)
    let isRun = records.contains { $0.verdict != .couldNotRun && $0.verdict != .notApplicable }
    let lack = isRun ? nil : Self.lack(records, end)
    if let lack { output.print(text.nothingRun(records, because: lack)) }
    // Where one reason holds for all cases it is not told twice.
    let failed = lack != nil && lack == end.loss ? "" : text.failures(records)
    if !failed.isEmpty {
      if let diagnosis = end.diagnosis { output.print(text.diagnosis(diagnosis)) }
      output.print(failed)
    }
    guard isRun else { return .incomplete }
    let inapplicable = text.inapplicable(records)
    if !inapplicable.isEmpty { output.print(inapplicable) }
    output.print(about(end))
    let leftOut = selection.isPartial ? 0 : suite.cases.count - cases.count
    let elapsed = ContinuousClock.now - start
    output.print(
      text.summary(records, leftOut: leftOut, seconds: elapsed / .seconds(1), isPartial: selection.isPartial))
    if let results { output.print("results: \(results)") }
    if let artifacts, records.contains(where: { $0.isFailure(isStrict: isStrict) }) {
      output.print("evidence: \(artifacts), a folder for each case that failed")
    }
    return try status(records, expected: expected, output)
  }

  /// Why nothing could be run.
  private static func lack(_ records: [CaseRecord], _ end: ProbeRunner.End) -> String {
    if let loss = end.loss { return loss }
    let reasons = Set(records.map { $0.reason ?? "" }.filter { !$0.isEmpty })
    if reasons.count == 1, let only = reasons.first { return only }
    return "none applies to what the profile offers; the reasons are above, or in the result file"
  }

  private func runner(for cases: [ScriptCase], expected: ExpectedFailures?) -> ProbeRunner {
    var settings = EngineSettings(profile: profile, run: String(UInt32.random(in: .min ... .max), radix: 36))
    settings.seed = seed
    if let server = peer.server {
      settings.resources = { server.resources }
      settings.starved = { server.starved(since: $0) }
    }
    if let timeout { settings.wait(seconds: timeout) }
    var runner = ProbeRunner(
      sanity: suite.sanity, cases: cases,
      applicability: ProbeApplicability(catalogue: suite.catalogue, profile: profile), peer: peer,
      settings: settings)
    runner.jobs = jobs
    runner.expectedFailures = expected?.ids ?? []
    runner.intermittentFailures = expected?.intermittentIDs ?? []
    return runner
  }

  private func loadExpected() throws(DataFaults) -> ExpectedFailures? {
    guard let expectedFailures else { return nil }
    if updatesExpected, !FileManager.default.fileExists(atPath: expectedFailures) {
      return ExpectedFailures(file: expectedFailures)
    }
    return try ExpectedFailures.load(path: expectedFailures)
  }

  private func resumed(_ cases: [ScriptCase]) throws(DataFaults) -> [CaseRecord] {
    guard isResumed, let results else { return [] }
    let ids = Set(cases.map(\.id))
    // The sanity case is about this run.
    return try InterruptedRun.records(results, header: header)
      .filter { ids.contains($0.id) && $0.id != ProbeSuite.sanityID(suite.role) }
  }

  private func about(_ end: ProbeRunner.End) -> String {
    var lines = ["\(InertText.whole(header.implementation.name)), profile \(profile.name), seed \(seed)"]
    if let roundTrip = end.roundTrip {
      lines[0] += ", round trip \(Int64(roundTrip / .microseconds(1))) µs"
    }
    if end.recoveries > 0 {
      lines.append("The server was lost \(end.recoveries) \(end.recoveries == 1 ? "time" : "times") and came back.")
    }
    if let (first, last) = end.resources {
      lines.append(
        "Its process: \(first.residentKiB) KiB resident after the first case, \(last.residentKiB) after the last "
          + "(most \(last.peakKiB)); \(first.threads) and \(last.threads) threads; \(first.files) and \(last.files) files."
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func status(
    _ records: [CaseRecord], expected: ExpectedFailures?, _ output: some Output
  ) throws(DataFaults) -> CommandStatus {
    let isIncomplete = records.contains { $0.verdict == .couldNotRun }
    let known = Set(suite.cases.map(\.id))
    if updatesExpected, let expected {
      guard !isIncomplete else {
        output.warn("\(expected.file) stays as it is: the run is incomplete")
        return .incomplete
      }
      let content = expected.updated(records, known: known, isStrict: isStrict)
      do throws(FileFault) { try OutputFile.write(content, to: expected.file) } catch {
        throw DataFaults(error, remedy: "name one that you may write")
      }
      output.print("expected failures: \(expected.file) is written; give each line its reason")
      return .good
    }
    let stale = expected?.stale(records, known: known, isStrict: isStrict) ?? []
    for line in stale { output.warn(line.description) }
    let isUnexpected = records.contains { record in
      record.isFailure(isStrict: isStrict) && expected?.knows(record, isStrict: isStrict) != true
    }
    return CommandStatus([
      .incomplete: isIncomplete, .staleExpectations: !stale.isEmpty, .failures: isUnexpected,
    ])
  }
}
