import GoldenVectors
import Specification
import StrictJSON
import Subprocess

/// Runs cases against an implementation behind an adapter: one process, started again when it crashes or hangs.
struct AdapterRunner: Sendable {
  /// After so many cases in a row without an answer the implementation is taken for lost.
  static let patience = 10

  /// After so many in a row that ended the process, or were no answers, as well.
  static let patienceWithFaults = 20

  let process: AdapterProcess

  /// Starts the adapter once, asks who it is and whether it owns up to not knowing an operation.
  func introduce() async throws(DataFaults) -> ImplementationDescription {
    let nonsense = "unknown.\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
    let outcome: (value: Result<ImplementationDescription, MalformedAnswer>, end: ProcessEnd)
    do {
      outcome = try await process.run { connection in
        let greeting = await Self.greet(&connection)
        guard case .success = greeting else { return greeting }
        let reply = await connection.exchange { AdapterLine.run($0, operation: nonsense, input: [:]) }
        if case .object(let object) = reply, case .success(.unsupported) = AdapterLine.answer(object) {
          return greeting
        }
        return .failure(
          MalformedAnswer(
            reason: "asked for the operation \"\(nonsense)\", which does not exist, it must answer unsupported; "
              + "it answered \(Self.describe(reply))"))
      }
    } catch {
      throw fault("it cannot be started: \(error)")
    }
    switch outcome.value {
    case .success(let description): return description
    case .failure(let failure):
      let diagnostics = outcome.end.diagnostics.isEmpty ? "" : "; standard error: \(outcome.end.diagnostics)"
      throw fault("\(failure.reason) (\(outcome.end.status))\(diagnostics)")
    }
  }

  private func fault(_ reason: String) -> DataFaults {
    DataFaults([
      DataFault(
        file: "--iut", place: process.command, reason: reason,
        remedy: "try the command by hand: echo '\(AdapterLine.hello(1).line)' | \(process.command)")
    ])
  }

  private static func greet(
    _ connection: inout AdapterConnection
  ) async -> Result<ImplementationDescription, MalformedAnswer> {
    let reply = await connection.exchange(AdapterLine.hello)
    guard case .object(let object) = reply else {
      return .failure(MalformedAnswer(reason: "there is no answer to hello: \(describe(reply))"))
    }
    let capabilities = object["capabilities"]?.arrayValue ?? []
    let names = capabilities.compactMap(\.stringValue)
    guard let name = object["name"]?.stringValue, let language = object["language"]?.stringValue,
      let version = object["version"]?.stringValue, object["capabilities"]?.arrayValue != nil,
      names.count == capabilities.count
    else {
      return .failure(
        MalformedAnswer(
          reason: "the answer to hello needs the strings name, language and version and the array capabilities; "
            + "it is \(InertText.abridged(JSONValue.object(object).line, to: 200))"))
    }
    return .success(
      ImplementationDescription(name: name, language: language, version: version, capabilities: names))
  }

  /// What a reply is that was not hoped for.
  private static func describe(_ reply: Reply) -> String {
    switch reply {
    case .object(let object): InertText.abridged(JSONValue.object(object).line, to: 200)
    case .malformed(let reason): reason
    case .timedOut: timeoutHint
    case .ended: "it ended"
    }
  }

  static let timeoutHint =
    "nothing came in time; flush standard output after every line, and end each with a line break"

  /// Takes cases until there are none, and reports each. Ends early when the implementation is lost.
  func work(
    next: @Sendable () -> (index: Int, vector: VectorSuite.Case)?, report: @Sendable (Int, VectorOutcome) -> Void
  ) async {
    var silent = 0
    var faults = 0
    while silent < Self.patience, faults < Self.patienceWithFaults, !Task.isCancelled {
      var hasAnswered = false
      var silentNow = silent
      guard
        let outcome = try? await process.run({ connection -> SessionEnd in
          guard case .success = await Self.greet(&connection) else { return .lost }
          return await Self.serve(
            &connection, next: next, silent: &silentNow, hasAnswered: &hasAnswered, report: report)
        })
      else { return }
      silent = silentNow
      faults = hasAnswered ? 1 : faults + 1
      switch outcome.value {
      case .done, .lost: return
      case .broken(let index, var broken):
        broken.diagnostics = outcome.end.diagnostics
        if broken.verdict == .errored { broken.reason = "the implementation ended: \(outcome.end.status)" }
        report(index, broken)
      }
    }
  }

  private enum SessionEnd: Sendable {
    case done
    case lost
    case broken(index: Int, VectorOutcome)
  }

  private static func serve(
    _ connection: inout AdapterConnection, next: @Sendable () -> (index: Int, vector: VectorSuite.Case)?,
    silent: inout Int, hasAnswered: inout Bool, report: @Sendable (Int, VectorOutcome) -> Void
  ) async -> SessionEnd {
    while let (index, vector) = next() {
      let start = ContinuousClock.now
      let operation = vector.operation
      let reply = await connection.exchange {
        AdapterLine.run($0, operation: operation.rawValue, input: vector.test.input)
      }
      var outcome = VectorOutcome(seconds: (ContinuousClock.now - start).inSeconds)
      if case .timedOut = reply { silent += 1 } else { silent = 0 }
      switch reply {
      case .object(let object):
        hasAnswered = true
        switch AdapterLine.answer(object) {
        case .success(let answer):
          let judgement = Judge.judge(answer, to: vector.test, of: operation)
          outcome.answer = answer.json
          outcome.verdict = judgement.verdict
          outcome.isWeaker = judgement.isWeaker
          outcome.reason = judgement.reason
        case .failure(let failure):
          outcome.answer = .object(object)
          outcome.verdict = .fail
          outcome.reason = failure.reason
        }
        report(index, outcome)
      case .malformed(let reason):
        // What follows a stray line can no longer be told apart: the next case gets a new process.
        outcome.verdict = .fail
        outcome.reason = reason
        return .broken(index: index, outcome)
      case .timedOut:
        outcome.verdict = .fail
        outcome.reason = timeoutHint
        return .broken(index: index, outcome)
      case .ended:
        outcome.verdict = .errored
        return .broken(index: index, outcome)
      }
    }
    return .done
  }
}

/// What came of one case, before it is joined with the vector.
struct VectorOutcome: Sendable {
  var verdict = Verdict.couldNotRun

  /// Whether the verdict says that a rule was kept in a weaker form only.
  var isWeaker = true
  var answer: JSONValue = .null
  var reason: String?
  var diagnostics = ""
  var seconds: Double

  init(seconds: Double) {
    self.seconds = seconds
  }
}

extension Duration {
  /// The duration as a number of seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
