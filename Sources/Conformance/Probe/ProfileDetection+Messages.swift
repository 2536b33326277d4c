/// What an application does about messages: which ids it answers, with what, when.
extension ProfileDetection {
  /// The answer to a call.
  private struct Answer: Sendable {
    let response: Int64
    let isEcho: Bool
    let duration: Duration
  }

  /// What came after a one-way message.
  private struct Reaction: Sendable {
    let id: Int64
    let sn: Int64
    let isEcho: Bool
    let count: Int
  }

  /// From here on a call is slow.
  private static let slowness = Duration.seconds(1)

  /// From so many messages on it is a burst, and no puller.
  private static let burstSize = 10

  private static let payload = "wireproof"

  // MARK: - What comes unasked

  /// The ids of what a server sends to a client that says nothing, by itself or as a greeting.
  ///
  /// - Parameter time: How long to listen.
  func unasked(for time: String) async -> [Int64] {
    let outcome = await outcome("unasked", ["connect", "wait: \(time)"])
    return Set(outcome?.transcript.frameIDs ?? []).sorted()
  }

  /// What ids of expected frames have to be, so that what comes unasked is not taken for an answer.
  private var askedID: String {
    let ids = engine.settings.profile.unsolicited
    return ids.isEmpty ? "any" : "{not: [\(ids.map(String.init).joined(separator: ", "))]}"
  }

  // MARK: - Calls

  /// Finds the echo call and the slow one.
  func detectCalls(_ profile: inout PeerProfile) async {
    let answers = await forEachID { id in await answer(id, Self.payload) }
    let quick = answers.filter { $0.result.duration < Self.slowness }
    if let echo = quick.first(where: \.result.isEcho) ?? quick.first {
      profile.echo = PeerProfile.Exchange(
        request: echo.id, response: echo.result.response,
        mode: await mode(echo.id, echo.result.response, isEcho: echo.result.isEcho, sn: 2))
    }
    if let slow = answers.first(where: { $0.result.duration >= Self.slowness }) {
      let tenths = Int64((slow.result.duration / .milliseconds(100)).rounded(.down))
      profile.slow = PeerProfile.SlowCall(
        exchange: PeerProfile.Exchange(request: slow.id, response: slow.result.response), milliseconds: tenths * 100)
    }
  }

  private func answer(_ id: Int64, _ payload: String) async -> Answer? {
    let outcome = await outcome(
      "call-\(id)",
      [
        "connect", "send: {id: \(id), sn: 2, payload: \(payload)}",
        "expect: {sn: 2}\nwithin: \(patience.call)\nsave: {answer: id, payload: payload}",
      ])
    guard let outcome, case .integer(let response)? = outcome.variables["answer"] else { return nil }
    return Answer(
      response: response, isEcho: outcome.variables["payload"]?.text == payload, duration: outcome.duration)
  }

  /// Whether an answer that is no echo is always the same.
  private func mode(_ id: Int64, _ response: Int64, isEcho: Bool, sn: Int64) async -> PeerProfile.EchoMode {
    if isEcho { return .echo }
    func payload(_ name: String) async -> ScriptValue? {
      await outcome(
        "mode-\(name)",
        [
          "connect", "send: {id: \(id), sn: \(sn), payload: \(name)}",
          "expect: {id: \(response), sn: \(sn)}\nsave: {payload: payload}",
        ]
      )?.variables["payload"]
    }
    guard let first = await payload("one"), let second = await payload("other") else { return .any }
    return first == second ? .constant : .any
  }

  // MARK: - One-way messages

  /// Finds the one-way echo, the burst, the puller and the server's call.
  mutating func detectMessages(_ profile: inout PeerProfile) async {
    let first = self
    var reactions = await forEachID { id in await first.reaction(to: id) }
    // What follows most of the messages is no reaction to any of them, such as a greeting behind the first one.
    let ids = reactions.map(\.result.id)
    let general = Set(ids).filter { id in ids.count { $0 == id } * 2 > Self.triedIDs.count }
    if !general.isEmpty {
      profile.unsolicited = (profile.unsolicited + general).sorted()
      engine.settings.profile.unsolicited = profile.unsolicited
      let second = self
      reactions = await forEachID { id in await second.reaction(to: id) }
    }
    for (id, reaction) in reactions {
      if reaction.sn > 0 {
        guard profile.serverCall == nil else { continue }
        profile.serverCall = await serverCall(trigger: id, request: reaction.id)
      } else if reaction.count >= Self.burstSize {
        if profile.burst == nil {
          profile.burst = PeerProfile.Burst(trigger: id, id: reaction.id, count: Int64(reaction.count))
        }
      } else if reaction.isEcho || (profile.oneWay == nil && isLikeEcho(id, reaction, profile)) {
        guard profile.oneWay?.mode != .echo else { continue }
        profile.oneWay = PeerProfile.Exchange(
          request: id, response: reaction.id,
          mode: await mode(id, reaction.id, isEcho: reaction.isEcho, sn: 0))
      } else if profile.puller == nil {
        profile.puller = PeerProfile.Burst(trigger: id, id: reaction.id, count: 1)
      }
    }
  }

  /// Whether a message that is answered by another is the counterpart of the echo call, or there is no such call.
  private func isLikeEcho(_ id: Int64, _ reaction: Reaction, _ profile: PeerProfile) -> Bool {
    guard let echo = profile.echo else { return true }
    return echo.request == id || echo.response == reaction.id
  }

  private func reaction(to id: Int64) async -> Reaction? {
    let outcome = await outcome(
      "message-\(id)",
      [
        "connect", "send: {id: \(id), payload: \(Self.payload)}",
        "expect: {id: \(askedID), sn: any}\nwithin: \(patience.message)\nsave: {answer: id, sn: sn, payload: payload}",
        "wait: 700ms",
      ])
    guard let outcome, case .integer(let answer)? = outcome.variables["answer"],
      case .integer(let sn)? = outcome.variables["sn"]
    else { return nil }
    let count = outcome.transcript.frameIDs.count { $0 == answer }
    // What a server that pulls sends later is not part of a slow echo.
    return Reaction(id: answer, sn: sn, isEcho: outcome.variables["payload"]?.text == Self.payload, count: count)
  }

  /// The server's call, if its answer is reported.
  private func serverCall(trigger: Int64, request: Int64) async -> PeerProfile.ServerCall? {
    let outcome = await outcome(
      "server-call",
      [
        "connect", "send: {id: \(trigger), payload: \(Self.payload)}", "expect: {id: \(request)}\nsave: {asked: sn}",
        "send: {id: 17, sn: $asked, payload: \(Self.payload)}",
        "expect: {id: \(askedID), sn: zero}\nsave: {report: id}",
      ])
    guard let outcome, case .integer(let report)? = outcome.variables["report"] else { return nil }
    return PeerProfile.ServerCall(trigger: trigger, request: request, report: report)
  }
}

extension CaseTranscript {
  /// The ids of the frames that were received, in order.
  var frameIDs: [Int64] {
    let start = "frame id "
    return entries.compactMap { entry in
      guard case .decoded(let text) = entry.event, text.hasPrefix(start) else { return nil }
      return Int64(text.dropFirst(start.count).prefix { $0 != "," })
    }
  }
}
