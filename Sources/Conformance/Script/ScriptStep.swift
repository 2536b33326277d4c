import Specification

/// One step of a script.
struct ScriptStep: Hashable, Sendable {
  /// Where it stands.
  let place: SourcePlace

  /// How it is written, for messages; its variables are still to be filled in.
  let source: ScriptTemplate

  /// What it does.
  var verb: ScriptVerb

  /// The connection; nil: the one at hand.
  var on: ScriptTemplate?

  /// What it means when it is not met; nil: the level of the case.
  var level: RequirementLevel?

  /// How long to wait.
  var within: ScriptTemplate?

  /// The earliest moment.
  var after: ScriptTemplate?

  /// Why it is there.
  var why: ScriptTemplate?

  /// The requirements that it is said to be about; empty: what is said around it, or what follows from the case.
  var named: [RequirementID] = []

  /// The requirements that it can fail for, once the case is resolved.
  var duty = StepDuty()
}

/// What a step does.
indirect enum ScriptVerb: Hashable, Sendable {
  case connect(ConnectSpec)
  case accept(AcceptSpec)
  case response(ResponsePattern)
  case close(CloseSpec)
  case end
  case halfClose
  case reset
  case stall
  case resume
  case send([SendSpec])
  case call(CallSpec)
  case ping(ScriptBytes)
  case pong(ScriptBytes)
  case expect(ExpectSpec)
  /// With one of these codes, nil standing for none; empty: any.
  case failed([ScriptTemplate?])
  case silence(SilenceSpec)
  case alive(thisConnection: Bool, newConnection: Bool)
  case any([ScriptAlternative])
  case assert(ScriptTemplate)
  case tally(on: [ScriptTemplate], is: NumberPattern, steps: [ScriptStep])
  case repeated(LoopSpec)
  case parallel(LoopSpec)
  case branches([[ScriptStep]])
  case group([ScriptStep])
  case wait(ScriptTemplate)
  case set([Assignment])
  case measure
  case resources(ResourceSpec)
  /// Sets a variable to the memory, in KiB, that the peer's process holds.
  case resident(String)
  case note(ScriptTemplate)
  case stop(Verdict)
  case reply(SendSpec)
  case displace(old: ScriptTemplate?, new: ScriptTemplate?, timestamp: ScriptTemplate?)
  case drive(OrderSpec, options: SendSpec)
  case exchange(ExchangeSpec)
  case dials(DialSpec)
  case unopened

  /// A variable and what it gets.
  struct Assignment: Hashable, Sendable {
    let name: String
    let value: ScriptBytes
  }
}

/// A request and the answer that it has to get.
struct CallSpec: Hashable, Sendable {
  var id: ScriptTemplate?
  var sn: ScriptTemplate?
  var payload: ScriptBytes?
  var answer: ScriptPattern.FramePattern?
  /// Options of the WebSocket and TCP layers.
  var options: SendSpec
}

/// What has to arrive.
struct ExpectSpec: Hashable, Sendable {
  var patterns: [ScriptPattern]
  var isOrdered = false
  var count: ScriptTemplate?
  var save: [Saved] = []

  /// A variable and the part of what arrived that it gets.
  struct Saved: Hashable, Sendable {
    /// The parts that can be kept.
    enum Part: String, CaseIterable, Hashable, Sendable {
      case id, sn, payload, size, code, reason, length
    }

    let name: String
    let part: Part
  }
}

/// How silence is seen.
struct SilenceSpec: Hashable, Sendable {
  var duration: ScriptTemplate?
  var except: [ScriptPattern] = []
  var probes = true
}

/// One permitted, or expressly forbidden, outcome.
struct ScriptAlternative: Hashable, Sendable {
  /// What it means when this one is seen.
  enum Grade: String, CaseIterable, Hashable, Sendable {
    case strict, lenient, informational, forbidden
  }

  let grade: Grade
  var steps: [ScriptStep]
  let why: ScriptTemplate?

  /// The requirements that it is said to be about; empty: those of the step that it is an alternative of.
  var named: [RequirementID] = []

  /// The requirements that its being seen can count against, once the case is resolved.
  var duty = StepDuty()
}

/// Steps that run several times.
struct LoopSpec: Hashable, Sendable {
  /// What the variable runs through.
  enum Values: Hashable, Sendable {
    case count(ScriptTemplate)
    case range(ScriptTemplate, ScriptTemplate)
    case list([ScriptTemplate])
  }

  let values: Values
  let name: String?
  var steps: [ScriptStep]
}

/// What a server that we started may hold of the machine.
enum ResourceSpec: Hashable, Sendable {
  /// What it holds now is what it is compared with from here on.
  case mark

  /// How much more than that it may hold: resident memory and its highest value in KiB, threads, open files and sockets.
  case bound(memory: ScriptTemplate?, peak: ScriptTemplate?, threads: ScriptTemplate?, files: ScriptTemplate?)
}

/// A close frame to send.
struct CloseSpec: Hashable, Sendable {
  var code: ScriptTemplate?
  var reason: ScriptTemplate?
  var body: ScriptBytes?
}

/// A header field to set.
struct HeaderSpec: Hashable, Sendable {
  let name: ScriptTemplate
  /// The values, one field each; nil: the field is left out.
  let values: [ScriptTemplate]?
}

/// How a connection is opened.
struct ConnectSpec: Hashable, Sendable {
  /// The query.
  enum Query: Hashable, Sendable {
    case pairs([Pair])
    case verbatim(ScriptTemplate)

    /// A name and its value.
    struct Pair: Hashable, Sendable {
      let name: ScriptTemplate
      let value: ScriptTemplate
    }
  }

  /// What has to come back.
  enum Answer: Hashable, Sendable {
    case granted
    case refused
    case any
    case response(ResponsePattern)
  }

  var name: ScriptTemplate?
  var uid: ScriptTemplate?
  var query: Query?
  var path: ScriptTemplate?
  var headers: [HeaderSpec] = []
  var method: ScriptTemplate?
  var http: ScriptTemplate?
  var offer: ScriptTemplate?
  var deflate: ScriptTemplate?
  var protocols: [ScriptTemplate] = []
  var key: ScriptTemplate?
  var request: ScriptBytes?
  var segments: SendSpec.Cuts?
  var pause: ScriptTemplate?
  var with: [SendSpec] = []
  var answer = Answer.granted
  var isTransportOnly = false
  var answersPings = true
  var answersClose = true
  var revision: ScriptTemplate?
  var receiveBuffer: ScriptTemplate?
}

/// How a connection is accepted.
struct AcceptSpec: Hashable, Sendable {
  var name: ScriptTemplate?
  var request: RequestPattern?
  var status: ScriptTemplate?
  var headers: [HeaderSpec] = []
  /// What the client has to have offered of extensions for the case to apply.
  var offered: TextPattern?
  var deflate: ScriptTemplate?
  var body: ScriptBytes?
  var response: ScriptBytes?

  /// How long the answer is held back.
  var delay: ScriptTemplate?

  /// What goes before the answer.
  var interim: ScriptBytes?
  var segments: SendSpec.Cuts?
  var pause: ScriptTemplate?
  var with: [SendSpec] = []
  var answersPings = true
  var answersClose = true
  var revision: ScriptTemplate?
}
