package import FrameCodec

/// What the application behind a peer offers, so that a script knows what it can ask for.
package struct PeerProfile: Hashable, Sendable {
  /// What an answer holds.
  package enum EchoMode: String, CaseIterable, Hashable, Sendable {
    /// The payload of the request.
    case echo

    /// Always the same.
    case constant

    /// Anything.
    case any
  }

  /// A request and its answer.
  package struct Exchange: Hashable, Sendable {
    /// The protocolId of the request.
    package var request: Int64

    /// The protocolId of the answer.
    package var response: Int64

    /// What the answer holds.
    package var mode: EchoMode

    /// An exchange.
    package init(request: Int64, response: Int64, mode: EchoMode = .echo) {
      self.request = request
      self.response = response
      self.mode = mode
    }
  }

  /// A call that takes its time.
  package struct SlowCall: Hashable, Sendable {
    /// Request and answer.
    package var exchange: Exchange

    /// How long the answer takes, in milliseconds.
    package var milliseconds: Int64

    /// A slow call.
    package init(exchange: Exchange, milliseconds: Int64) {
      self.exchange = exchange
      self.milliseconds = milliseconds
    }
  }

  /// A message that makes the server call the client.
  package struct ServerCall: Hashable, Sendable {
    /// The protocolId of the message that asks for it.
    package var trigger: Int64

    /// That of the server's request.
    package var request: Int64

    /// That of the message in which the server tells the answer.
    package var report: Int64

    /// A server's call.
    package init(trigger: Int64, request: Int64, report: Int64) {
      self.trigger = trigger
      self.request = request
      self.report = report
    }
  }

  /// A message that makes the server send others.
  package struct Burst: Hashable, Sendable {
    /// The protocolId of the message that asks for them.
    package var trigger: Int64

    /// Theirs.
    package var id: Int64

    /// How many there are.
    package var count: Int64

    /// A burst.
    package init(trigger: Int64, id: Int64, count: Int64) {
      self.trigger = trigger
      self.id = id
      self.count = count
    }
  }

  /// Whether a peer has a hub, in which a newcomer takes the place of the connection with its identity.
  package enum Hub: String, CaseIterable, Hashable, Sendable {
    /// It has one, which has to work.
    case present = "true"

    /// It has none.
    case absent = "false"

    /// The run finds out.
    case auto

    /// The run has found that there is none. No profile says so.
    case notSeen
  }

  /// The name, for reports.
  package var name = "reference"

  /// The call that is answered at once; nil: there is none.
  package var echo: Exchange?

  /// The one-way message that is answered by another; nil: there is none.
  package var oneWay: Exchange?

  /// The slow call.
  package var slow: SlowCall?

  /// The call in the other direction.
  package var serverCall: ServerCall?

  /// The burst of one-way messages.
  package var burst: Burst?

  /// The puller: at least `count` messages after a signal.
  package var puller: Burst?

  /// The names of the metadata in the query, by the names of the specification.
  package var query: [String: String] = [:]

  /// The revisions that the peer speaks.
  package var revisions: [Revision] = [.current]

  /// Whether the peer may grant permessage-deflate.
  package var compression = true

  /// The charsets that the peer knows.
  package var charsets: [Int64] = [0]

  /// The versions that the peer negotiates; nil: it does not say.
  package var versions: ClosedRange<Int64>?

  /// The peer's limit on the field `length`.
  package var maxFrameLength: Int64 = 524_288

  /// The peer's read wait in milliseconds; nil: unknown.
  package var readWait: Int64?

  /// The protocolId of the message by which a handler for the reserved id 0 shows that it ran; nil: there is none.
  package var zero: Int64?

  /// Whether the peer has a hub.
  package var hub = Hub.auto

  /// How many connections the peer admits at once; nil: unknown.
  package var maxConnections: Int64?

  /// How many upgrades a second the peer admits; nil: unknown.
  package var upgradesPerSecond: Int64?

  /// Ids of messages that the peer sends on its own.
  package var unsolicited: [Int64] = []

  /// What a peer that is a client can be made to do.
  package var client = ClientSide()

  /// What else the peer claims.
  package var capabilities: Set<String> = []

  /// A profile that offers nothing.
  package init() {}

  /// The reference application, which is assumed when no profile is given.
  package static var reference: PeerProfile {
    var profile = PeerProfile()
    profile.echo = Exchange(request: 2, response: 3)
    profile.oneWay = profile.echo
    profile.slow = SlowCall(exchange: Exchange(request: 4, response: 5), milliseconds: 2000)
    profile.serverCall = ServerCall(trigger: 6, request: 7, report: 8)
    profile.burst = Burst(trigger: 10, id: 11, count: 100)
    profile.puller = Burst(trigger: 12, id: 9, count: 1)
    return profile
  }

  /// The reference client, which is assumed when no profile is given.
  package static var referenceClient: PeerProfile {
    var profile = PeerProfile()
    profile.echo = Exchange(request: 7, response: 17)
    profile.client = .reference
    return profile
  }

  /// The ids that the profile names anywhere.
  var knownIDs: Set<Int64> {
    var ids: [Int64?] = [0, 0x7FFF_FFFF]
    for exchange in [echo, oneWay, slow?.exchange] { ids += [exchange?.request, exchange?.response] }
    ids += [
      client.driver?.order, client.driver?.report, zero, serverCall?.trigger, serverCall?.request, serverCall?.report,
    ]
    for burst in [burst, puller] { ids += [burst?.trigger, burst?.id] }
    return Set(ids.compactMap { $0 } + unsolicited)
  }

  /// For each id that the peer sends, the ids of what asks for it.
  var requestsByAnswer: [Int64: Set<Int64>] {
    var requests: [Int64: Set<Int64>] = [:]
    func add(_ answer: Int64?, _ request: Int64?) {
      guard let answer, let request else { return }
      requests[answer, default: []].insert(request)
    }
    for exchange in [echo, oneWay, slow?.exchange] { add(exchange?.response, exchange?.request) }
    for answer in [serverCall?.request, serverCall?.report] { add(answer, serverCall?.trigger) }
    for burst in [burst, puller] { add(burst?.id, burst?.trigger) }
    return requests
  }

  /// The ids of what the peer sends because it was asked.
  var answerIDs: Set<Int64> { Set(requestsByAnswer.keys) }

  /// The variables that scripts see of the profile.
  package var variables: [String: ScriptValue] {
    var values: [String: ScriptValue] = ["limit": .integer(maxFrameLength)]
    func set(_ root: String, _ exchange: Exchange?) {
      guard let exchange else { return }
      values["\(root).request"] = .integer(exchange.request)
      values["\(root).response"] = .integer(exchange.response)
    }
    set("echo", echo)
    set("oneway", oneWay)
    set("slow", slow?.exchange)
    if let slow { values["slow.delay"] = .integer(slow.milliseconds) }
    if let serverCall {
      values["serverCall.trigger"] = .integer(serverCall.trigger)
      values["serverCall.request"] = .integer(serverCall.request)
      values["serverCall.report"] = .integer(serverCall.report)
    }
    for (root, burst) in [("burst", burst), ("puller", puller)] {
      guard let burst else { continue }
      values["\(root).trigger"] = .integer(burst.trigger)
      values["\(root).id"] = .integer(burst.id)
      values["\(root).count"] = .integer(burst.count)
    }
    if let driver = client.driver {
      values["driver.order"] = .integer(driver.order)
      values["driver.report"] = .integer(driver.report)
    }
    if let zero { values["zero.response"] = .integer(zero) }
    if let readWait { values["readWait"] = .integer(readWait) }
    let known = knownIDs
    let unknown = (900...).first { !known.contains($0) } ?? 900
    values["unknown"] = .integer(unknown)
    return values
  }
}
