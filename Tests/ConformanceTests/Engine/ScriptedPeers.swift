import Specification
import Testing

@testable import Conformance

/// Plays client scripts against mock servers in this process.
enum ScriptedPeers {
  /// A server that does what the reference application does, as far as scripts can.
  static let application = """
    role: server
    accept: {deflate: true}
    rules:
      - on: violation
        do: [{close: 1002}, end]
      - on: {id: 2}
        do: [{reply: {id: 3}}]
      - on: {id: 4}
        do: [{wait: 150ms}, {reply: {id: 5}}]
      - on: {id: 6, sn: zero}
        do:
          - call: {id: 7, payload: $request.payload, answer: {payload: $request.payload}}
          - send: {id: 8, payload: $request.payload}
      - on: {id: 10}
        do: [{repeat: 100, as: n, steps: [{send: {id: 11, payload: $n}}]}]
    """

  /// A profile with a slow call that is not so slow.
  static var profile: PeerProfile {
    var profile = PeerProfile.reference
    profile.slow?.milliseconds = 150
    return profile
  }

  /// A case from its steps.
  static func script(_ steps: String, header: String = "") throws -> ScriptCase {
    let text = "\(header)\nsteps:\n" + steps.split(separator: "\n").map { "  \($0)\n" }.joined()
    guard case .single(let script) = try ScriptFile.parse(text, file: "case.yaml") else { throw NoScript() }
    return script
  }

  /// A mock server from its rules.
  static func server(_ text: String) throws -> MockServerScript {
    guard case .mockServer(let script) = try ScriptFile.parse(text, file: "server.yaml") else { throw NoScript() }
    return script
  }

  /// Plays the steps of a case against a mock server.
  static func play(
    _ steps: String, header: String = "", against rules: String = application, profile: PeerProfile = profile
  ) async throws -> CaseOutcome {
    try await play(try script(steps, header: header), against: rules, EngineSettings(profile: profile, run: "test"))
  }

  /// Plays a case against a mock server of its own.
  static func play(
    _ script: ScriptCase, against rules: String,
    _ settings: EngineSettings = EngineSettings(profile: .reference, run: "test")
  ) async throws -> CaseOutcome {
    let server = try await MockServer.start(try server(rules))
    let outcome = await ScriptEngine(settings: settings).run(
      script, against: ScriptTarget(host: "127.0.0.1", port: server.port))
    await server.shutdown()
    return outcome
  }

  /// What comes of bytes that are no script.
  struct NoScript: Error {}
}

extension CaseOutcome {
  /// What it came to, for a failed expectation.
  var explanation: Comment {
    let entries = transcript.entries.suffix(40).map { "\($0.nanoseconds / 1000) µs #\($0.connection) \($0.event)" }
    return Comment(
      rawValue: "\(verdict): \(reason ?? "") at \(divergence.map { "\($0.place)" } ?? "-")\n"
        + entries.joined(separator: "\n"))
  }
}
