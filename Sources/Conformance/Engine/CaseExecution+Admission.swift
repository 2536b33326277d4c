import Negotiation

/// How often an upgrade was asked for again.
struct AdmissionAttempts: Sendable {
  /// How often the server refused it.
  var refusals = 0

  /// How long was waited for another answer.
  var waited = Duration.zero
}

/// What a server may refuse although the request is right: more connections or upgrades than it admits, and whom it does not
/// know. Neither is a fault.
extension CaseExecution {
  /// How long a case waits for connections of others to end, before it is run again alone.
  private static let patience = Duration.seconds(3)

  /// How long it waits for its own to be gone at the server, where it runs alone.
  private static let patienceAlone = Duration.seconds(2)

  /// How often an upgrade is asked for that is refused for coming too soon.
  private static let maximumRefusals = 5

  /// How long is waited before the next try where the server does not say.
  private static let pause = Duration.milliseconds(250)

  /// The longest that is waited where the server says how long: what makes room are connections of ours, which end sooner.
  private static let longestPause = Duration.seconds(10)

  /// Waits until the server may be asked for one more connection.
  func admission() async throws -> AdmissionControl.Admission {
    let start = ContinuousClock.now
    let own = openConnections()
    let admission = await settings.admission.permitUpgrade(holding: own, patience: Self.patience)
    delay(by: ContinuousClock.now - start)
    if let admission { return admission }
    if Task.isCancelled { throw StepInterruption.cancelled }
    throw settings.admission.isAlone ? Self.tooMany(own) : StepInterruption.notAdmitted(Self.needsMore)
  }

  /// Whether an answer says to come again, which is waited for here.
  func isToBeRepeated(
    _ response: ReceivedResponse, on connection: ScriptConnection, _ admission: AdmissionControl.Admission,
    _ attempts: inout AdmissionAttempts
  ) async throws -> Bool {
    guard let refusal = AdmissionControl.Refusal(response) else {
      if response.head?.status == 101 { settings.admission.granted() }
      return false
    }
    settings.admission.refused(refusal, to: admission)
    let isAlone = settings.admission.isAlone
    let isTooSoon = refusal.status == 429
    let pause = isTooSoon ? .zero : min(max(refusal.retryAfter ?? .zero, Self.pause), Self.longestPause)
    let isOver =
      isTooSoon
      ? attempts.refusals >= Self.maximumRefusals
      : attempts.refusals > 0 && attempts.waited + pause > (isAlone ? Self.patienceAlone : Self.patience)
    guard !isOver else {
      let own = openConnections(but: connection)
      if !isAlone { throw StepInterruption.notAdmitted(Self.needsMore) }
      if !isTooSoon, own > 0 { throw Self.tooMany(own) }
      // Nobody else is connected: this is the server's answer.
      return false
    }
    transcript.record(.note("status \(refusal.status): the server admits no more for now, and is asked again"))
    connection.end()
    attempts.refusals += 1
    attempts.waited += pause
    delay(by: pause)
    try? await Task.sleep(for: pause)
    if Task.isCancelled { throw StepInterruption.cancelled }
    return true
  }

  private static let needsMore = "the server admits no more connections while other cases run"

  private static func tooMany(_ own: Int) -> StepInterruption {
    .notApplicable(
      "it needs more connections at once than the server admits, which is \(own): raise the server's limit for the probes, "
        + "and maxConnections in the profile")
  }

  /// A server may want to know who connects: a request without a user id that is refused for it shows nothing.
  func checkPolicy(_ response: ReceivedResponse, _ draft: Draft, _ connection: ScriptConnection) throws {
    guard let status = response.head?.status, Self.isPolicy(status), Self.lacksUserID(draft.bytes) else { return }
    connection.end()
    throw StepInterruption.notApplicable(
      "the server refuses a connection without a user id (status \(status)), which it may: what is read of other parameters "
        + "cannot be seen here")
  }

  /// What a user can do about an answer.
  static func advice(about response: ReceivedResponse) -> String {
    guard let status = response.head?.status, isPolicy(status) else { return "" }
    return ": the server wants to know who connects; give it what it wants with --header 'Authorization: …' or --query "
      + "token=…"
  }

  private static func isPolicy(_ status: Int) -> Bool { status == 401 || status == 403 }

  private static func lacksUserID(_ request: [UInt8]) -> Bool {
    let line = request.prefix { $0 != UInt8(ascii: "\r") }
    let target = line.split(separator: UInt8(ascii: " ")).dropFirst().first ?? []
    let query = target.drop { $0 != UInt8(ascii: "?") }.dropFirst()
    return ConnectionMetadata(query: Array(query)).uid.isEmpty
  }
}
