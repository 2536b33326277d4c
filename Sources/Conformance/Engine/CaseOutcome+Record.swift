package import GoldenVectors
import Specification
import StrictJSON

extension ScriptCase {
  /// The case with its level and class taken from the catalogue where it does not name them.
  ///
  /// - Throws: Requirements that the catalogue does not have.
  package func resolved(in catalogue: RequirementCatalogue) throws(ScriptFaults) -> ScriptCase {
    var faults = (requirements + controls).filter { catalogue[$0] == nil }.map {
      ScriptFault(
        file: file, place: place, reason: "there is no requirement \($0)",
        remedy: "name one of vectors/requirements.json")
    }
    for (id, place) in steps.named where !requirements.contains(id) {
      faults.append(
        ScriptFault(
          file: file, place: place, reason: "a step is about \(id), which the case does not list",
          remedy: "add it to requirements, or correct the id"))
    }
    guard faults.isEmpty else { throw ScriptFaults(faults) }
    let known = requirements.compactMap { catalogue[$0] }
    let strongest = RequirementLevel.allCases.first { level in known.contains { $0.level == level } }
    let level = level ?? strongest ?? .must
    let resolver = DutyResolver(catalogue, listed: requirements, level: level, role: role)
    return ScriptCase(
      id: id, title: title, file: file, place: place, requirements: requirements, controls: controls, blind: blind,
      level: level,
      conformanceClass: conformanceClass ?? known.first?.conformanceClass ?? .core, tags: tags, needs: needs,
      role: role, revision: revision, timeout: timeout, variables: variables, connect: connect, accept: accept,
      steps: resolver.resolve(steps),
      connectDuty: resolver.connect(
        isOwn: role == .client ? connect != ConnectSpec() : accept != AcceptSpec()), catalogue: catalogue)
  }
}

extension CaseOutcome {
  /// The line of a result file. The transcript stands there for what did not pass.
  ///
  /// - Parameter script: The case, its level and class resolved.
  package func record(of script: ScriptCase) -> CaseRecord {
    let (seconds, attoseconds) = duration.components
    return CaseRecord(
      id: script.id, requirements: script.requirements, level: script.level ?? .must,
      conformanceClass: script.conformanceClass ?? .core, verdict: verdict,
      seconds: Double(seconds) + Double(attoseconds) / 1e18, expected: .string(expected), actual: .string(actual),
      reason: reason, transcript: verdict == .pass ? [] : TranscriptExcerpt.result.json(of: transcript), judged: judged,
      lacks: lacks)
  }
}

extension TranscriptEntry {
  /// The entry as JSON: `time` in nanoseconds, `connection`, `event`, and what belongs to the event but for the bytes of
  /// traffic, of which ``TranscriptExcerpt`` decides how many there are.
  var json: JSONObject {
    var object: JSONObject = ["time": .int(nanoseconds), "connection": .number(connection)]
    switch event {
    case .opened(let local, let remote, let isServer):
      object["event"] = "opened"
      object["local"] = .string(local)
      object["remote"] = .string(remote)
      object["role"] = .string(isServer ? PeerRole.server.rawValue : PeerRole.client.rawValue)
    case .named(let name): (object["event"], object["name"]) = ("named", .string(name))
    case .sent: object["event"] = "sent"
    case .received: object["event"] = "received"
    case .endSent(let both): (object["event"], object["both"]) = ("end-sent", .bool(both))
    case .resetSent: object["event"] = "reset-sent"
    case .endReceived: object["event"] = "end-received"
    case .resetReceived(let reason): (object["event"], object["reason"]) = ("reset-received", .string(reason))
    case .decoded(let text): (object["event"], object["text"]) = ("decoded", .string(text))
    case .step(let place, let text):
      object["event"] = "step"
      object["place"] = .string(place.description)
      object["text"] = .string(text)
    case .note(let text): (object["event"], object["text"]) = ("note", .string(text))
    }
    return object
  }
}
