import Specification
package import StrictJSON
import SystemFiles

/// Writes the evidence of cases that failed: a folder a case, named as the case.
///
/// - `transcript.txt`: what was said and when, with the step that was not met, long messages cut
/// - `transcript.json`: the same with more of their bytes
/// - `capture.pcapng`: the same as packets, for `wireproof inspect` and Wireshark, with all bytes up to a limit
/// - `stderr.txt`: what the server wrote meanwhile, where we started it
/// - `repro`: the command that runs the case again
package struct CaseArtifacts: Sendable {
  /// The folder.
  package let folder: String

  /// The command that runs a case again.
  private let reproduction: @Sendable (ScriptCase) -> String

  /// Evidence that goes into a folder, which is made if it is not there.
  package init(folder: String, reproduction: @escaping @Sendable (ScriptCase) -> String) throws(DataFaults) {
    self.folder = folder
    self.reproduction = reproduction
    try Self.make(folder)
  }

  /// Writes the evidence of a case. What an earlier run left there is replaced.
  ///
  /// - Returns: The folder of the case.
  @discardableResult
  package func write(_ result: ProbeResult) throws(DataFaults) -> String {
    let place = folder + "/" + Self.name(of: result.script.id)
    try Self.make(place)
    try Self.write(Array(TranscriptListing.text(of: result).utf8), to: place + "/transcript.txt")
    try Self.write(Array((json(result).canonicalText + "\n").utf8), to: place + "/transcript.json")
    let capture: [UInt8]?
    do { capture = try TranscriptCapture.pcapng(of: result.outcome.transcript) } catch {
      throw Self.fault(place + "/capture.pcapng", "\(error)")
    }
    if let capture { try Self.write(capture, to: place + "/capture.pcapng") }
    if !result.diagnostics.isEmpty { try Self.write(result.diagnostics, to: place + "/stderr.txt") }
    try Self.write(Array((reproduction(result.script) + "\n").utf8), to: place + "/repro")
    return place
  }

  private func json(_ result: ProbeResult) -> JSONValue {
    let outcome = result.outcome
    var object: JSONObject = [
      "id": .string(result.script.id), "title": .string(result.script.title),
      "verdict": .string(outcome.verdict.rawValue), "expected": .string(outcome.expected),
      "actual": .string(outcome.actual), "reason": .text(outcome.reason),
      "startNanoseconds": .int(outcome.transcript.startNanoseconds),
    ]
    if let divergence = outcome.divergence {
      object["divergence"] = [
        "file": .string(result.script.file), "place": .string(divergence.place.description),
        "step": .string(InertText.abridged(divergence.step, to: 4_096)), "entry": .number(divergence.entry),
        "time": .int(divergence.nanoseconds),
      ]
    }
    object["observations"] = .array(
      outcome.observations.map {
        [
          "requirement": .text($0.requirement?.rawValue), "reason": .string($0.reason),
          "connection": .number($0.connection), "time": .int($0.nanoseconds),
        ]
      })
    object["droppedBytes"] = .number(outcome.transcript.droppedBytes)
    object["transcript"] = .array(TranscriptExcerpt.evidence.json(of: outcome.transcript))
    return .object(object)
  }

  /// The id as the name of a folder: what is no letter, digit, dot, dash or underscore becomes an underscore.
  package static func name(of id: String) -> String {
    let name = String(
      id.unicodeScalars.map { scalar in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        return isPlain || scalar == "." || scalar == "-" || scalar == "_" ? Character(scalar) : "_"
      })
    return name.allSatisfy { $0 == "." } ? "_" + name : name
  }

  private static func make(_ folder: String) throws(DataFaults) {
    do throws(FileFault) { try OutputFolder.make(folder) } catch {
      throw DataFaults(error, remedy: "name another folder with --artifacts")
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(DataFaults) {
    do throws(FileFault) { try OutputFile.write(bytes, to: path) } catch {
      throw DataFaults(error, remedy: "name another folder with --artifacts")
    }
  }

  private static func fault(_ path: String, _ reason: String) -> DataFaults {
    DataFaults([
      DataFault(file: path, place: "", reason: reason, remedy: "name another folder with --artifacts")
    ])
  }
}
