package import GoldenVectors
package import Specification
package import StrictJSON

/// What runs exercised: computed from the ids in result files, never from a table kept by hand.
package struct ResultCoverage: Sendable {
  /// How the requirements were exercised.
  package let coverage: VectorCoverage

  /// Ids of the result files that are no vectors and no probes of this suite, in order.
  package let unknown: [String]

  /// Requirements that probes list and that nothing in them can fail for: by case, in the order of the suite.
  package let unshown: [(id: String, requirements: [RequirementID])]

  /// How the requirements were exercised by probes of clients alone.
  package let clientCoverage: VectorCoverage

  /// Whether probes of clients were among them, so that what only a client shows can be asked for.
  package let includesClientProbes: Bool

  /// Whether probes were among them, so that more MUSTs can be asked for than vectors can test.
  package let includesProbes: Bool

  /// The coverage of some result files together. Cases that were not judged, or ended the implementation, exercise nothing;
  /// of an id that was run more than once one counts.
  ///
  /// - Parameter probes: The suites of probes that may be among them.
  package init(_ results: [ResultFile], suite: VectorSuite, probes: [ProbeSuite] = []) {
    let scriptCases = probes.flatMap(\.cases)
    var clients = VectorCoverage(catalogue: suite.catalogue)
    var includesClients = false
    var coverage = VectorCoverage(catalogue: suite.catalogue)
    let tests = Dictionary(suite.cases.map { ($0.test.id, $0.test) }, uniquingKeysWith: { first, _ in first })
    let scripts = Dictionary(scriptCases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let judged = results.flatMap(\.cases).filter { ![.notApplicable, .couldNotRun, .errored].contains($0.verdict) }
    var includesProbes = false
    var seen: Set<String> = []
    var unknown: [String] = []
    for record in judged where seen.insert(record.id).inserted {
      if let test = tests[record.id] {
        coverage.count(test)
      } else if let script = scripts[record.id] {
        includesProbes = true
        let violates = script.tags.contains("violate")
        func count(_ coverage: inout VectorCoverage) {
          coverage.count(
            record.judged?.exercised ?? script.requirements, accepts: script.tags.contains("accept") || !violates,
            violates: violates)
          if record.verdict == .pass { coverage.count(script.controls, accepts: true, violates: false) }
        }
        count(&coverage)
        guard script.role == .server else { continue }
        includesClients = true
        count(&clients)
      } else {
        unknown.append(record.id)
      }
    }
    self.coverage = coverage
    clientCoverage = clients
    includesClientProbes = includesClients
    unshown = scriptCases.filter { !$0.unshown.isEmpty }.map { ($0.id, $0.unshown) }
    self.unknown = unknown
    self.includesProbes = includesProbes
  }

  /// The MUSTs that the runs could have exercised: with probes all but those that only a client, or nobody, shows.
  package var testable: [Requirement] {
    guard includesProbes else { return coverage.testable }
    return coverage.catalogue.requirements.filter { requirement in
      requirement.level == .must && requirement.excluded == nil
        && (requirement.isTestedByVectors || requirement.role != .client || includesClientProbes)
    }
  }

  /// The rules of clients that probes of a client can show and that no accepting or no violating one of them has shown, and
  /// which; empty where no client was probed.
  package var clientLacking: [(requirement: Requirement, lack: String)] {
    guard includesClientProbes else { return [] }
    return coverage.catalogue.requirements.filter { requirement in
      requirement.role == .client && requirement.level != .may && requirement.excluded == nil
        && requirement.testedBy.contains(.probe)
    }.compactMap { requirement in
      if Self.isAboutSending(requirement.id) {
        let isShown = (clientCoverage.exercises[requirement.id]?.accepting ?? 0) > 0
        return isShown ? nil : (requirement, "an accepting case")
      }
      return clientCoverage.lacking(requirement).map { (requirement, $0) }
    }
  }

  /// Whether a rule of clients is about what they send by themselves: no server can make a right one break it, and mutants show that
  /// its probe can fail.
  private static func isAboutSending(_ id: RequirementID) -> Bool {
    id.rawValue.hasPrefix("handshake.request.")
      || ["handshake.early.client", "ws.mask.client", "ws.mask.key"].contains(id)
  }

  /// The testable MUSTs that lack a case, and which.
  package var lacking: [(requirement: Requirement, lack: String)] {
    testable.compactMap { requirement in
      let isShown = (coverage.exercises[requirement.id]?.accepting ?? 0) > 0
      if isShown, Self.isAboutSending(requirement.id) { return nil }
      return coverage.lacking(requirement).map { (requirement, $0) }
    }
  }

  /// The text that `coverage` prints.
  package var text: String {
    let testable = testable
    let lacking = lacking
    let exercised = coverage.catalogue.requirements.filter { coverage.exercises[$0.id] != nil }
    var lines = [
      "\(testable.count - lacking.count) of \(testable.count) MUSTs that \(includesProbes ? "vectors and probes" : "vectors") "
        + "can test were exercised by an accepting and, where there is one, a violating case.",
      "\(exercised.count) of \(coverage.catalogue.requirements.count) requirements were exercised at all.",
    ]
    if !lacking.isEmpty {
      lines += ["", "Lacking:"]
      lines += lacking.map { "  \($0.0.id) (clause \($0.0.clause)) lacks \($0.1)" }
    }
    let clients = clientLacking
    if !clients.isEmpty {
      lines += ["", "Rules of clients that probes of a client lack:"]
      lines += clients.map { "  \($0.0.id) (clause \($0.0.clause)) lacks \($0.1)" }
    }
    let tested = Set(testable.map(\.id))
    let untestable = coverage.untestable.filter { !tested.contains($0.id) }
    if !untestable.isEmpty {
      lines += ["", "\(untestable.count) MUSTs that no such case can test:"]
      lines += untestable.map { requirement in
        let means = requirement.excluded ?? "only a probe of a running peer can test it"
        return "  \(requirement.id) (clause \(requirement.clause)): \(means)"
      }
    }
    if !unshown.isEmpty {
      lines += ["", "\(unshown.count) probes list requirements that none of their steps can fail for, such as:"]
      lines += unshown.prefix(5).map { "  \($0.id): \($0.requirements.map(\.rawValue).joined(separator: ", "))" }
    }
    if !unknown.isEmpty {
      lines += ["", "\(unknown.count) cases are no vectors and no probes of this suite, the first: \(unknown[0])"]
    }
    return lines.joined(separator: "\n")
  }

  /// The same as JSON.
  package var json: JSONValue {
    [
      "unshown": .array(
        unshown.map { ["id": .string($0.id), "requirements": .array($0.requirements.map { .string($0.rawValue) })] }),
      "covered": .number(coverage.covered.count), "testable": .number(coverage.testable.count),
      "requirements": .array(
        coverage.catalogue.requirements.map { requirement in
          let exercise = coverage.exercises[requirement.id] ?? VectorCoverage.Exercise()
          return [
            "id": .string(requirement.id.rawValue), "level": .string(requirement.level.rawValue),
            "testedByVectors": .bool(requirement.isTestedByVectors), "accepting": .number(exercise.accepting),
            "violating": .number(exercise.violating),
            "lacking": .text(requirement.isTestedByVectors ? coverage.lacking(requirement) : nil),
          ]
        }),
    ]
  }
}
