package import FrameCodec
import GoldenVectors
package import Specification
import StrictJSON

/// One case: what a scripted peer does, what it expects, and which requirements that is about.
package struct ScriptCase: Sendable {
  /// The id, for ever the same.
  package let id: String

  /// What it is about, in one line.
  package let title: String

  /// The file that it stands in.
  package let file: String

  /// Where in it.
  package let place: SourcePlace

  /// The requirements that it is about.
  package let requirements: [RequirementID]

  /// Rules against wrong input whose right neighbours the case shows: a peer that refuses everything keeps them, and fails
  /// here. The case says nothing else about them.
  package let controls: [RequirementID]

  /// Those of its requirements that it may see broken and cannot see kept: a pass does not show them.
  package let blind: [RequirementID]

  /// The level; nil: the strongest of its requirements.
  package let level: RequirementLevel?

  /// The class; nil: that of its first requirement.
  package let conformanceClass: ConformanceClass?

  /// Free words.
  package let tags: Set<String>

  /// What the profile has to offer.
  package let needs: [String]

  /// The side that the engine plays.
  package let role: PeerRole

  /// The revision that the case speaks.
  package let revision: Revision

  /// The longest that the case may take.
  package let timeout: Duration

  /// Variables of the case and of its row.
  package let variables: [String: ScriptValue]

  /// How the default connection is opened; nil: not by itself.
  let connect: ConnectSpec?

  /// How the default connection is accepted, where the engine plays the server; nil: not by itself.
  let accept: AcceptSpec?

  /// The steps.
  let steps: [ScriptStep]

  /// What it means when the default connection is not opened.
  var connectDuty = StepDuty()

  /// The catalogue, once the case is resolved: what an observation that no step is about counts as.
  var catalogue: RequirementCatalogue?

  /// What a profile lacks that the case needs: why, for people, and the need where it is one that an application can offer;
  /// nil: nothing.
  func lack(in profile: PeerProfile) -> (reason: String, need: String?)? {
    guard profile.revisions.contains(revision) else {
      let need = "revision:\(revision.rawValue)"
      return ("the profile does not list \(need)", need)
    }
    for need in needs {
      if let reason = ProfileNeed.lack(of: need, in: profile) {
        return (reason, ProfileNeed.isOffer(need) ? need : nil)
      }
    }
    return nil
  }
}

/// A file of cases.
package struct ProbeFile: Sendable {
  /// The file.
  package let file: String

  /// The clause group.
  package let suite: String

  /// What it is about.
  package let title: String

  /// The cases, tables expanded.
  package let cases: [ScriptCase]
}

/// A mock server.
package struct MockServerScript: Sendable {
  /// The file.
  package let file: String

  /// What it is about.
  package let title: String

  /// The seed; nil: the caller's.
  package let seed: UInt64?

  /// How connections are accepted, in turn; the last one from then on.
  let accept: [AcceptSpec]

  /// What it does about what arrives.
  let rules: [ScriptRule]

  /// What happens to frames on their way out.
  let faults: [OutgoingFault]
}

/// What a mock server does about something that arrives.
struct ScriptRule: Hashable, Sendable {
  /// What sets it off; nil is a new connection.
  let on: [ScriptPattern?]
  let steps: [ScriptStep]
  let selection: RuleSelection
  let isSerial: Bool
  let lets: Bool
  let place: SourcePlace

  /// How often it has to have been run when the server is asked; nil: it does not matter.
  var expected: ClosedRange<Int64>?

  /// Whether it has steps that may not be met. What is inside of others is not looked at: they may hold such steps.
  var isJudging: Bool {
    steps.contains { step in
      switch step.verb {
      case .repeated, .parallel, .branches, .group: true
      default: step.isJudging
      }
    }
  }

  /// Whether something that the client breaks sets it off: the script knows of it, then.
  var isAboutViolations: Bool { on.contains(.violation) }
}

/// Which of the things that fit are meant.
struct RuleSelection: Hashable, Sendable {
  var every: Int64 = 1
  var times: Int64?
  var chance: Int64 = 100
}

/// What happens to a frame on its way out.
struct OutgoingFault: Hashable, Sendable {
  /// The kinds.
  enum Kind: String, CaseIterable, Hashable, Sendable {
    case drop, duplicate, delay, reorder, corrupt, truncate, reset
    case wrongSN = "wrong-sn"
  }

  let kind: Kind
  /// The frames it is about; nil: any.
  let match: ScriptPattern?
  /// Bytes for `reset` and `truncate`.
  let bytes: ScriptTemplate?
  /// Time for `delay`.
  let delay: ScriptTemplate?
  let selection: RuleSelection
}
