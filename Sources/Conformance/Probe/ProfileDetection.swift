import FrameCodec
import Specification

/// Finds out, as far as an outsider can, what a profile has to say about a server.
///
/// It plays small cases, each on connections of its own. What only the application's author knows (the names of query
/// parameters, a read wait of minutes) stays as it is by default.
package struct ProfileDetection: Sendable {
  /// The protocolIds that are tried.
  static let triedIDs: ClosedRange<Int64> = 1...32

  /// How many cases run at once.
  static let jobs = 16

  /// The largest frame length that is tried.
  static let largestLength: Int64 = 16 << 20

  /// The longest read wait that is waited for.
  static let longestReadWait = Duration.seconds(6)

  /// How long an answer to a call is waited for, and a reaction to a message: beyond the slow call of a usual application.
  package var patience = (call: "4s", message: "1500ms")

  let suite: ProbeSuite
  let target: ScriptTarget
  var engine: ScriptEngine

  /// A detection.
  ///
  /// - Parameters:
  ///   - suite: The probes, by which capabilities are found.
  ///   - target: Where the server is.
  ///   - run: Tells this run from others against the same server.
  ///   - profile: What is known of the server before.
  package init(suite: ProbeSuite, target: ScriptTarget, run: String, profile: PeerProfile = PeerProfile()) {
    self.suite = suite
    self.target = target
    var profile = profile
    profile.revisions = Revision.allCases
    engine = ScriptEngine(settings: EngineSettings(profile: profile, run: run))
  }

  /// Looks at the server.
  ///
  /// - Parameter progress: Is told in a few words what is looked for.
  /// - Returns: The profile.
  /// - Throws: ``DetectionFailure`` where there is no server, or it cannot be spoken to.
  package func detect(_ progress: (String) -> Void) async throws -> PeerProfile {
    var detection = self
    return try await detection.look(progress)
  }

  private mutating func look(_ progress: (String) -> Void) async throws -> PeerProfile {
    if let lack = await engine.lackOfService(of: target) {
      throw DetectionFailure(reason: "the server does not serve: \(lack)")
    }
    var profile = PeerProfile()
    profile.name = "detected"
    let asked = self
    async let readWait = asked.readWait()
    async let unasked = asked.unasked(for: asked.patience.call)
    progress("what calls are answered by")
    await detectCalls(&profile)
    profile.unsolicited = await unasked
    progress("what one-way messages are answered by")
    engine.settings.profile.unsolicited = profile.unsolicited
    await detectMessages(&profile)
    engine.settings.profile.unsolicited = profile.unsolicited
    progress("which revisions are spoken")
    profile.revisions = await revisions(profile)
    progress("whether messages are compressed")
    profile.compression = await plays("connect: {deflate: true}")
    progress("how long a frame may be")
    if let length = await frameLengthLimit(profile) { profile.maxFrameLength = length }
    progress("whether a newcomer takes the place of the connection with its identity")
    engine.settings.profile.echo = profile.echo
    engine.settings.profile.oneWay = profile.oneWay
    if profile.echo ?? profile.oneWay != nil, await engine.servesSideBySide(target) { profile.hub = .absent }
    progress("what is negotiated, and other capabilities")
    await detectNegotiation(&profile)
    profile.capabilities = await capabilities(profile)
    if !profile.capabilities.contains("negotiation") {
      profile.versions = nil
      profile.charsets = PeerProfile().charsets
    }
    progress("how long a silent client is kept")
    profile.readWait = await readWait
    profile.maxConnections = engine.settings.admission.learnedConnections
    profile.upgradesPerSecond = engine.settings.admission.learnedRate
    return profile
  }

  // MARK: - Cases

  /// Plays one case whose steps are YAML.
  ///
  /// - Returns: What it came to; nil where it is not good.
  func outcome(_ name: String, revision: Revision = .current, _ steps: [String]) async -> CaseOutcome? {
    let outcome = await play(name, revision: revision, steps)
    return outcome?.verdict == .pass ? outcome : nil
  }

  /// The same, and what it came to where it is not good.
  func play(_ name: String, revision: Revision = .current, _ steps: [String]) async -> CaseOutcome? {
    // Names make user ids: cases that run at once must not displace each other.
    let text = """
      id: profile.\(name)
      title: \(name)
      revision: "\(revision.rawValue)"
      connect: none
      timeout: 20s
      steps:
      \(steps.map { "  - " + $0.replacing("\n", with: "\n    ") }.joined(separator: "\n"))
      """
    guard case .single(let script)? = try? ScriptFile.parse(text, file: "profile \(name)") else { return nil }
    return await engine.run(script, against: target)
  }

  func plays(_ steps: String...) async -> Bool { await outcome("plays", steps) != nil }

  /// Runs something for each id, several at once.
  func forEachID<Result: Sendable>(
    _ body: @escaping @Sendable (Int64) async -> Result?
  ) async -> [(id: Int64, result: Result)] {
    await withTaskGroup(of: (Int64, Result?).self) { group in
      var ids = Self.triedIDs.makeIterator()
      func add() {
        guard let id = ids.next() else { return }
        group.addTask { (id, await body(id)) }
      }
      for _ in 0..<Self.jobs { add() }
      var found: [(id: Int64, result: Result)] = []
      for await (id, result) in group {
        if let result { found.append((id, result)) }
        add()
      }
      return found.sorted { $0.id < $1.id }
    }
  }

  // MARK: - What is no message

  private func revisions(_ profile: PeerProfile) async -> [Revision] {
    guard let echo = profile.oneWay else { return [.current] }
    var spoken: [Revision] = []
    for revision in Revision.allCases {
      let outcome = await outcome(
        "revision-\(revision.rawValue)", revision: revision,
        ["connect", "send: {id: \(echo.request), payload: hello}", "expect: {id: \(echo.response)}\nwithin: 1s|10rtt"])
      if revision == .current || outcome != nil { spoken.append(revision) }
    }
    return spoken
  }

  private func frameLengthLimit(_ profile: PeerProfile) async -> Int64? {
    guard let echo = profile.echo ?? profile.oneWay else { return nil }
    let sn = profile.echo == nil ? 0 : 2
    func takes(_ length: Int64) async -> Bool {
      let payload = "{size: \(length - 8)}"
      return await outcome(
        "length-\(length)",
        ["connect", "send: {id: \(echo.request), sn: \(sn), payload: \(payload)}", "expect: {id: \(echo.response)}"])
        != nil
    }
    let usual = PeerProfile().maxFrameLength
    if await takes(usual), await !takes(usual + 1) { return usual }
    guard await takes(64) else { return nil }
    var taken: Int64 = 64
    var refused = Self.largestLength + 1
    while taken + 1 < refused {
      let middle = (taken + refused) / 2
      if await takes(middle) { taken = middle } else { refused = middle }
    }
    return taken
  }

  /// In milliseconds; nil where a silent client is kept for longer than is waited here.
  private func readWait() async -> Int64? {
    let outcome = await outcome(
      "read-wait", ["connect: {pong: false}", "expect: closed\nwithin: \(Self.longestReadWait.components.seconds)s"])
    return outcome.map { Int64(($0.duration / .seconds(1)).rounded()) * 1000 }
  }

  // MARK: - Negotiation and capabilities

  private func detectNegotiation(_ profile: inout PeerProfile) async {
    func granted(_ name: String, _ query: String, _ field: String) async -> Int64? {
      guard let outcome = await outcome("granted-\(name)", ["connect: {query: \(query)}"]) else { return nil }
      return outcome.transcript.receivedField(field).flatMap { Int64($0) }
    }
    if let low = await granted("low", "{}", "x-ws-version"),
      let high = await granted("high", "{version: 2147483647}", "x-ws-version"), low <= high
    {
      profile.versions = low...high
    }
    var charsets: [Int64] = []
    for code in Int64(0)...1 where await granted("charset-\(code)", "{charset: \(code)}", "x-ws-charset") == code {
      charsets.append(code)
    }
    if !charsets.isEmpty { profile.charsets = charsets }
  }

  /// The capabilities whose cases come out well: those that the server has, and those that nobody could tell from it.
  private func capabilities(_ profile: PeerProfile) async -> Set<String> {
    var cases: [String: [ScriptCase]] = [:]
    var claiming = profile
    for script in suite.cases where script.tags.isDisjoint(with: ProbeSuite.reservedTags) {
      for need in script.needs where ProfileNeed.isCapability(need) {
        cases[need, default: []].append(script)
        claiming.capabilities.insert(need)
      }
    }
    var engine = engine
    engine.settings.profile = claiming
    var held: Set<String> = []
    for (capability, scripts) in cases.sorted(by: { $0.key < $1.key }) {
      var verdicts: [Bool] = []
      for script in scripts {
        let verdict = await engine.run(script, against: target).verdict
        if verdict != .notApplicable { verdicts.append(!verdict.isFailure && verdict != .couldNotRun) }
      }
      if !verdicts.isEmpty, verdicts.allSatisfy(\.self) { held.insert(capability) }
    }
    return held
  }
}

/// Why nothing can be found out about a peer.
package struct DetectionFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why, for people.
  package let reason: String

  /// ``reason``.
  package var description: String { reason }
}

extension CaseTranscript {
  /// The value of a field in the first head that was received.
  fileprivate func receivedField(_ name: String) -> String? {
    for entry in entries {
      guard case .received(let bytes) = entry.event else { continue }
      for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == name else { continue }
        return parts[1].split(separator: " ").joined(separator: " ")
      }
      return nil
    }
    return nil
  }
}
