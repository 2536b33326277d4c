import Conformance
import Specification
import StrictJSON

/// `connect --script`: one case, played as a client.
struct ScriptedClient {
  /// The case.
  let script: ScriptCase

  /// Reads the script.
  ///
  /// - Throws: ``DataFaults`` with lines and columns, also where the file is another kind of script.
  static func load(_ path: String) throws -> ScriptedClient {
    let reason: String
    do throws(ScriptFaults) {
      switch try ScriptFile.load(path: path) {
      case .single(let script): return ScriptedClient(script: script)
      case .probes: reason = "this is a file of probes"
      case .mockServer: reason = "this is the script of a server"
      }
    } catch {
      throw error.asDataFaults
    }
    throw DataFaults([
      DataFault(
        file: path, place: "", reason: reason,
        remedy: "write one case (docs/scripts.md, Structure); probe server runs probes, serve --script a server")
    ])
  }

  /// Plays the case and prints its transcript and verdict.
  ///
  /// - Parameters:
  ///   - target: The server.
  ///   - seed: Of what is generated.
  ///   - timeout: How long a step that says nothing of it waits, in seconds.
  /// - Returns: Whether it is good.
  func run(against target: ScriptTarget, seed: UInt64, timeout: Double) async -> Bool {
    var settings = EngineSettings(
      profile: .reference, run: String(UInt32.random(in: .min ... .max), radix: 36))
    settings.seed = seed
    settings.wait(seconds: timeout)
    var engine = ScriptEngine(settings: settings)
    if let roundTrip = try? await engine.measureRoundTrip(of: target) { engine.settings.roundTrip = roundTrip }
    let outcome = await engine.run(script, against: target)
    print(TranscriptListing.text(of: ProbeResult(script: script, outcome: outcome)), terminator: "")
    if let reason = outcome.reason, !outcome.verdict.isFailure { print(InertText.whole(reason)) }
    return !outcome.verdict.isFailure && outcome.verdict != .couldNotRun
  }
}
