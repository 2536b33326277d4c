package import Specification

/// What a case came to, with the evidence.
package struct CaseOutcome: Sendable {
  /// The place where a case left what was expected.
  package struct Divergence: Hashable, Sendable {
    /// The step in its file.
    package let place: SourcePlace

    /// The step as it is written, its variables filled in.
    package let step: String

    /// Where in the transcript it was noticed: the number of entries before it.
    package let entry: Int

    /// When, in nanoseconds since the case began.
    package let nanoseconds: Int64
  }

  /// The verdict.
  package var verdict: Verdict

  /// What the first step that was not met expected; empty for a pass.
  package var expected: String

  /// What was there instead.
  package var actual: String

  /// Why the verdict is none better, in one sentence.
  package var reason: String?

  /// The first step that was not met; nil: all were.
  package var divergence: Divergence?

  /// The protocolId of a message that came unasked, where that is why the case failed.
  var unaskedID: Int64?

  /// What the peer flooded a connection with, so that the case was ended; nil: it did not.
  var flood: String?

  /// Whether the peer took no new connection any more.
  package var isPeerGone = false

  /// What it came to for each requirement that was exercised.
  package var judged = Judgements()

  /// What the profile would have to offer for the case to apply, as `needs` writes it; nil: it applies, or does not for
  /// another reason.
  package var lacks: String?
  /// Whether the peer admitted no more connections, as others were open: the case is to be run alone.
  package var isNotAdmitted = false

  /// How long this program itself waited for a processor while the case ran.
  var delay = Duration.zero

  /// Whether the case fails only for something that did not come, or that the peer gave up: none of what came breaks a rule.
  var isForLack = false

  /// Whether that may be for what this program did late.
  var isDelayed = false

  /// Rules of a sender that the peer was seen to break.
  package var observations: [PeerObservation] = []

  /// The variables as the last step left them, those that were saved among them.
  package var variables: [String: ScriptValue] = [:]

  /// How long the case took.
  package var duration: Duration = .zero

  /// Everything that went to and fro.
  package let transcript: CaseTranscript
}

/// A step that was not met.
struct Unmet: Error, Sendable {
  let place: SourcePlace
  let step: String
  let expected: String
  let actual: String
  var why: String?
  let entry: Int
  let nanoseconds: Int64

  /// Whether the level of the step does not matter: a peer that stops serving is never only weaker.
  var isAlwaysMust = false

  /// Whether something expressly forbidden was seen: other alternatives do not matter then.
  var isForbidden = false

  /// The requirements of the step.
  var duty = StepDuty()

  /// How it was not met.
  var shortfall = StepDuty.Shortfall.unmet

  /// Whether the script says what the step is about.
  var isExplicit = false

  /// Whether it is about what did not come, so that it may be a matter of time.
  var isForLack: Bool {
    shortfall == .unmet && !isForbidden && !hasOther && requirement == nil && unaskedID == nil
  }

  /// Whether something else came in place of what was expected.
  var hasOther = false

  /// What that means for the requirements. What came unasked says nothing about them.
  var judged: Judgements {
    if unaskedID != nil { return Judgements() }
    return requirement.map { Judgements(.fail, [$0]) } ?? duty.judgements(shortfall)
  }

  /// Whether it is more than a SHOULD or a MAY that was not met.
  var isFailure: Bool { duty.isEmpty || unaskedID != nil || !judged.failed.isEmpty }

  /// Whether nothing that comes later can change it.
  var isFinal = false

  /// The requirement that is broken, where what came says so by itself, whatever the case is about.
  var requirement: RequirementID?

  /// The protocolId of a message that came unasked, and that the profile does not name.
  var unaskedID: Int64?

  /// Takes over what another one knows about what came.
  mutating func inherit(_ other: Unmet?) {
    guard let other else { return }
    requirement = other.requirement
    unaskedID = other.unaskedID
    if other.unaskedID != nil || other.requirement != nil { why = other.why }
    if other.requirement != nil { (duty, shortfall) = (other.duty, other.shortfall) }
  }
}

/// Why the steps of a case do not go on.
enum StepInterruption: Error, Sendable {
  /// A step was not met.
  case unmet(Unmet)

  /// The profile, or what was negotiated, lacks what the case needs.
  case notApplicable(String)

  /// The same, and what would have to be offered, as `needs` writes it.
  case lacking(String, need: String)
  /// The peer admits no more connections as long as others are open.
  case notAdmitted(String)

  /// The script cannot go on.
  case couldNotRun(String)

  /// The peer takes no new connection.
  case peerGone(Unmet)

  /// The step `stop`.
  case stopped(Verdict, String?)

  /// The case's time was up.
  case cancelled
}

/// Something that was permitted but weaker.
struct SoftResult: Sendable {
  /// `nonStrict` or `informational`.
  let verdict: Verdict

  /// Where the case left what was expected.
  let unmet: Unmet

  /// Why it is no pass.
  let reason: String

  /// What it means for the requirements.
  let judged: Judgements

  /// Something that was permitted but weaker; the requirements may make it less than that, never more.
  init(_ verdict: Verdict, _ unmet: Unmet, reason: String, shortfall: StepDuty.Shortfall) {
    judged = unmet.duty.judgements(shortfall)
    let isKept = shortfall == .late || judged.verdicts.isEmpty || judged.verdicts.values.contains(verdict)
    self.verdict = isKept ? verdict : .informational
    self.unmet = unmet
    self.reason = reason
  }
}

/// What a run of steps carries along.
struct StepBranch: Sendable {
  /// The variables.
  var scope: ScriptScope

  /// The connection that is meant when a step names none.
  var connection = "main"

  /// What was permitted but weaker.
  var soft: [SoftResult] = []

  /// What was taken out of inboxes.
  var taken: [(connection: ScriptConnection, index: Int)] = []

  /// Whether every step counts, whatever its level: inside of an alternative.
  var isAlternative = false

  /// When the alternatives of `any` began, in nanoseconds since the case began, while one of them is only looked at: steps
  /// then take what is there, and wait for nothing. Nil: steps wait.
  var lookStart: Int64?

  /// How long `expect` waits when it does not say.
  var patience: String

  /// Whether the case is about calls, so that nothing can stand in for one.
  var isAboutCalls = false

  /// The request that a mock server answers.
  var request: ReceivedFrame?

  /// The round trip, when the script has measured one.
  var roundTrip: Duration

  /// Puts back what was taken since there were so many.
  mutating func putBack(after count: Int) {
    for (connection, index) in taken[count...] {
      connection.withState { $0.items.setTaken(index, false) }
      // What only looked has changed nothing for itself.
      connection.changed.bump(forwards: lookStart == nil)
    }
    taken.removeSubrange(count...)
  }
}
