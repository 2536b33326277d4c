import FrameCodec
import Specification

/// Finds out, as far as a server can, what a profile has to say about a client: it plays small cases, each with the client
/// started anew.
///
/// What shows only after minutes (its pings, its read wait) and what its language hides stays as it is by default.
package struct ClientDetection: Sendable {
  /// The protocolIds that are tried as calls.
  private static let triedIDs: ClosedRange<Int64> = 1...32

  private let client: ClientUnderTest
  private var engine: ScriptEngine

  /// A detection.
  ///
  /// - Parameters:
  ///   - client: The client.
  ///   - run: Tells this run from others.
  package init(client: ClientUnderTest, run: String) {
    self.client = client
    var profile = PeerProfile()
    profile.revisions = Revision.allCases
    engine = ScriptEngine(settings: EngineSettings(profile: profile, run: run))
  }

  /// Looks at the client.
  ///
  /// - Parameter progress: Is told in a few words what is looked for.
  /// - Returns: The profile.
  /// - Throws: ``DetectionFailure`` where the client does not connect.
  package func detect(_ progress: (String) -> Void) async throws(DetectionFailure) -> PeerProfile {
    var detection = self
    return try await detection.look(progress)
  }

  private mutating func look(_ progress: (String) -> Void) async throws(DetectionFailure) -> PeerProfile {
    var profile = PeerProfile()
    profile.name = "detected"
    progress("whether it connects")
    let first = await outcome("connects", ["ping"])
    guard first.verdict == .pass else { throw DetectionFailure(reason: first.reason ?? "it does not connect") }
    progress("whether it answers calls")
    profile.echo = await answeredCall()
    engine.settings.profile.echo = profile.echo
    progress("how it can be driven")
    await detectDriver(&profile)
    engine.settings.profile.client = profile.client
    progress("whether it connects again")
    profile.client.redials = await redials(profile)
    engine.settings.profile.client = profile.client
    progress("whether it compresses")
    profile.compression = await plays("compresses", "accept: {deflate: true}", "ping")
    progress("which revisions it speaks")
    profile.revisions = await revisions(profile)
    progress("what else it keeps")
    profile.capabilities = await capabilities(profile)
    return profile
  }

  // MARK: - Cases

  private func outcome(_ name: String, revision: Revision = .current, _ steps: [String]) async -> CaseOutcome {
    let text = """
      id: profile.\(name)
      title: \(name)
      role: server
      revision: "\(revision.rawValue)"
      timeout: 60s
      steps:
      \(steps.map { "  - " + $0.replacing("\n", with: "\n    ") }.joined(separator: "\n"))
      """
    guard case .single(let script)? = try? ScriptFile.parse(text, file: "profile \(name)") else {
      return .notRun(.couldNotRun, "the case \(name) is no script")
    }
    return await client.play(script, engine).outcome
  }

  private func plays(_ name: String, revision: Revision = .current, _ steps: String...) async -> Bool {
    await outcome(name, revision: revision, steps).verdict == .pass
  }

  // MARK: - What it does

  /// The first id from 1 on whose call it answers, the usual one before all others, and what the answer is.
  private func answeredCall() async -> PeerProfile.Exchange? {
    for ids in [7...7, Self.triedIDs] {
      let calls = ids.map { "send: {id: \($0), sn: \($0 * 2 + 1), payload: \"call \($0)\"}" }
      let found = await outcome(
        "answers", calls + ["expect: {sn: odd}\nwithin: 2s|10rtt\nsave: {id: id, sn: sn, payload: payload}"])
      guard found.verdict == .pass, let sn = found.variables["sn"]?.integer, ids.contains((sn - 1) / 2),
        let id = found.variables["id"]?.integer
      else { continue }
      let request = (sn - 1) / 2
      let isEcho = found.variables["payload"]?.text == "call \(request)"
      return PeerProfile.Exchange(request: request, response: id, mode: isEcho ? .echo : .any)
    }
    return nil
  }

  private func detectDriver(_ profile: inout PeerProfile) async {
    var detection = self
    detection.engine.settings.profile.client = .reference
    var orders: Set<OrderSpec.Action> = []
    if await detection.plays(
      "send", "drive: {do: send, id: 30, payload: hello}", "expect: {id: 30, sn: 0, payload: hello}")
    {
      orders.insert(.send)
    }
    if await detection.plays("call", "exchange: {payload: hello}") { orders.insert(.call) }
    guard !orders.isEmpty else { return }
    if await detection.plays("close", "drive: close", "expect: closed") { orders.insert(.close) }
    if await detection.plays(
      "reconnect", "ping", "drive: reconnect", "accept: {as: again}", "steps: {on: again, steps: [ping]}")
    {
      orders.insert(.reconnect)
    }
    profile.client.driver = ClientSide.reference.driver
    profile.client.orders = orders
  }

  private func redials(_ profile: PeerProfile) async -> Bool {
    let again = "accept: {as: again}\nwithin: 20s"
    guard profile.client.orders.contains(.call) else { return await plays("redials", "ping", "close: 1001", again) }
    return await plays(
      "redials", "drive: {do: call, payload: pending}", "expect: {id: 2, sn: nonzero}", "close: 1001", again,
      "report: {ok: false}\non: again\nwithin: 20s")
  }

  private func revisions(_ profile: PeerProfile) async -> [Revision] {
    guard profile.client.orders.contains(.send) else { return [.current] }
    var spoken: [Revision] = []
    for revision in Revision.allCases
    where await plays(
      "revision", revision: revision, "drive: {do: send, id: 30, payload: hello}",
      "expect: {id: 30, payload: hello}\nwithin: 2s|10rtt")
    {
      spoken.append(revision)
    }
    return spoken.isEmpty ? [.current] : spoken
  }

  private func capabilities(_ profile: PeerProfile) async -> Set<String> {
    var held: Set<String> = []
    if profile.client.orders.contains(.call),
      await plays(
        "deadlines", "drive: {do: call, payload: never, timeoutMs: 300}", "expect: {id: 2, sn: nonzero}",
        "report: {ok: false}\nwithin: 5s|20rtt")
    {
      held.insert("deadlines")
    }
    // What it was told is its own word for it; the cases then see whether the numbers go on as they should.
    let last = #"{"seq":9001,"do":"call","id":2,"payload":"6c617374","timeoutMs":3000,"sn":4294967294}"#
    if profile.client.orders.contains(.call), let driver = profile.client.driver,
      await plays(
        "wrap", "send: {id: \(driver.order), payload: '\(last)'}",
        "expect: {id: 2, sn: 0xFFFFFFFE}\nwithin: 2s|10rtt")
    {
      held.insert("sn-wrap")
    }
    if await plays("bounded", "ping", "end", "dials: {is: {max: 30}, for: 3s}") { held.insert("bounded-redial") }
    if await plays("no-redial", "ping", "displace: {new: \"10.0.0.9:4711\"}", "dials: {is: 0, for: 6s}") {
      held.insert("no-redial-after-displacement")
    }
    return held
  }
}
