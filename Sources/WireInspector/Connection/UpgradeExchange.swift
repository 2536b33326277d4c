import Deflate
import Negotiation
import PacketCapture
import Specification

/// The requests and answers of a connection: which belong together, and the upgrade that both sides agree on.
struct UpgradeExchange {
  /// What an answer means for the connection.
  enum Answer {
    /// Another answer follows.
    case interim
    /// The connection goes on with HTTP/2.
    case http2
    /// What follows is what the tunnel carries.
    case tunnel
    /// No tunnel: HTTP goes on behind this content.
    case refusedTunnel(HTTPMessageHead.Content)
    /// Frames follow.
    case upgraded
    /// No upgrade: HTTP goes on behind this content.
    case refusedUpgrade(HTTPMessageHead.Content)
    /// HTTP goes on behind this content.
    case other(HTTPMessageHead.Content)
  }

  /// Unanswered requests that are kept at most.
  private static let requestLimit = 64

  /// The heads, as long as something depends on them: they are the largest part of what an open connection takes.
  private final class Heads {
    /// Requests that have not been answered.
    var requests: [HTTPMessageHead] = []
    /// The request for the upgrade, and the answer to it.
    var request: HTTPMessageHead?
    var response: HTTPMessageHead?
  }

  private var heads: Heads?
  /// Answers whose requests have not been captured, or not yet.
  private var unmatchedResponses = 0
  /// Whether the request for the upgrade is known, and the answer to it.
  private(set) var hasRequest = false
  private(set) var hasResponse = false
  /// The status of an answer that was cut when captured, or whose head is not kept.
  private var knownStatus: Int?
  private(set) var isAccepted = false
  private(set) var isRefused = false
  /// What the request says about the client.
  private(set) var handshake: HandshakeMetadata?
  /// What was agreed on compression.
  private(set) var parameters: DeflateParameters?
  /// Whether the client has asked a proxy for a tunnel that does not stand yet, and whether one stands.
  private(set) var awaitsTunnel = false
  private(set) var isTunnelled = false
  /// Whether the client offers subprotocols, and none is of the protocol's own form (`ws.vN.cN`).
  private(set) var offersOtherProtocols = false
  /// Whether the server has asked for the content of a request.
  private var sawContinue = false

  /// The status of the answer to the upgrade, as far as it is known.
  var status: Int? { response?.status ?? knownStatus }

  /// The request for the upgrade, and the answer to it, as long as they are kept (``forgetHeads()``).
  var request: HTTPMessageHead? { heads?.request }
  var response: HTTPMessageHead? { heads?.response }

  private mutating func keepHeads() -> Heads {
    if let heads { return heads }
    let new = Heads()
    heads = new
    return new
  }

  /// Whether RSV1 can mean compression.
  var allowsCompression: Bool { !hasResponse || isRefused || parameters != nil }

  /// The extensions that were agreed on, as the answer says them.
  var agreedExtensions: String? { isRefused ? nil : response?.text("sec-websocket-extensions") }

  /// Whether the client waited to be told to send the content of its request, and was not.
  var mayLackContent: Bool { request?.hasToken("100-continue", in: "expect") == true && !sawContinue }

  /// What is agreed on the messages of one side.
  func agreement(of sender: PeerRole?) -> MessageInflation.Agreement {
    var takesOver: Bool?
    if let parameters, let sender {
      takesOver = sender == .client ? !parameters.clientNoContextTakeover : !parameters.serverNoContextTakeover
    }
    return MessageInflation.Agreement(takesOverContext: takesOver, isAnswered: hasResponse)
  }

  /// Bits of the window that the messages of one side may refer back in.
  func windowBits(of sender: PeerRole) -> Int { parameters?.windowBits(from: sender) ?? 15 }

  // MARK: Requests

  /// Takes a request, in its order.
  mutating func take(_ head: HTTPMessageHead) {
    if unmatchedResponses > 0 {
      unmatchedResponses -= 1
    } else {
      let heads = keepHeads()
      if heads.requests.count < Self.requestLimit { heads.requests.append(head) }
    }
  }

  /// Takes a request for the upgrade; it is one of those that ``take(_:)`` is given.
  mutating func takeUpgrade(_ head: HTTPMessageHead) {
    keepHeads().request = head
    hasRequest = true
    isRefused = false
    let protocols = head.elements("sec-websocket-protocol")
    offersOtherProtocols =
      !protocols.isEmpty && !protocols.contains { VersionCharsetNegotiation.numbers(in: $0) != nil }
    takeTarget(of: head)
  }

  /// Takes the client's words from a request, of which the rest may be missing.
  mutating func takeTarget(of head: HTTPMessageHead) {
    handshake = HandshakeMetadata(path: head.path ?? "/", metadata: ConnectionMetadata(query: head.query ?? []))
  }

  /// The client asks a proxy for a tunnel.
  mutating func requestTunnel() { awaitsTunnel = true }

  /// The tunnel stands: what it carries has requests of its own.
  mutating func beginTunnel() {
    awaitsTunnel = false
    isTunnelled = true
    heads?.requests = []
    unmatchedResponses = 0
  }

  /// Keeps of the upgrade what still decides something.
  mutating func forgetHeads() {
    guard isAccepted, hasRequest, hasResponse else { return }
    knownStatus = status
    heads = nil
  }

  /// The connection has gone on with another protocol than the upgrade's.
  mutating func withdraw() {
    heads?.request = nil
    hasRequest = false
  }

  // MARK: Answers

  /// Takes an answer, in its order.
  mutating func answer(_ head: HTTPMessageHead, status: Int) -> Answer {
    if status < 200, status != 101 {
      if status == 100 { sawContinue = true }
      return .interim
    }
    // An answer before it may not have been captured.
    if status == 101, let place = heads?.requests.firstIndex(where: \.isWebSocketUpgrade) {
      heads?.requests.removeFirst(place)
    }
    let asked = heads.flatMap { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
    if asked == nil { unmatchedResponses = min(unmatchedResponses + 1, Self.requestLimit) }
    if status == 101, head.hasToken("h2c", in: "upgrade") { return .http2 }
    let isTunnel = asked?.method == "CONNECT"
    if isTunnel {
      if (200..<300).contains(status) { return .tunnel }
      awaitsTunnel = false
    }
    if status == 101, asked == nil || asked?.isWebSocketUpgrade == true {
      keepHeads().response = head
      hasResponse = true
      isAccepted = true
      return .upgraded
    }
    let content = head.content(answersHead: asked?.method == "HEAD")
    guard asked?.isWebSocketUpgrade == true else { return isTunnel ? .refusedTunnel(content) : .other(content) }
    keepHeads().response = head
    hasResponse = true
    isRefused = true
    return .refusedUpgrade(content)
  }

  /// Takes a 101 that was cut. Which extensions it answers is not known, so that nothing can be held against them.
  mutating func acceptCut(status: Int) {
    isAccepted = true
    knownStatus = status
  }

  /// Takes what was agreed on compression, and holds the answer against the request, once both are there.
  ///
  /// - Returns: What does not follow from the request.
  mutating func settle() -> [(code: InspectionFindingCode, rule: RequirementID?, message: String)] {
    guard let response, let request else {
      takeParametersWithoutOffer()
      return []
    }
    var faults: [(code: InspectionFindingCode, rule: RequirementID?, message: String)] = []
    let extensions = ExtensionsAnswer(
      answer: response.text("sec-websocket-extensions") ?? "", offer: request.text("sec-websocket-extensions") ?? "")
    do throws(DeflateNegotiationError) {
      parameters = try extensions.parameters()
    } catch {
      faults.append(
        (
          .badExtension, extensions.rule(brokenBy: error),
          "the answered extensions do not follow from the offer: \(error.reason)"
        ))
      takeParametersWithoutOffer()
    }
    guard let key = request.text("sec-websocket-key") else { return faults }
    let accept = response.text("sec-websocket-accept")
    if accept == nil {
      faults.append((.badAccept, nil, "the answer to the upgrade has no Sec-WebSocket-Accept"))
    } else if accept != SecWebSocketAccept.value(forKey: key) {
      faults.append((.badAccept, nil, "Sec-WebSocket-Accept is not what follows from the request's key"))
    }
    return faults
  }

  /// What the answer says, whatever was offered.
  private mutating func takeParametersWithoutOffer() {
    guard let answer = response?.text("sec-websocket-extensions")?.lowercased(), answer.contains("permessage-deflate")
    else { return }
    var taken = DeflateParameters()
    taken.serverNoContextTakeover = answer.contains("server_no_context_takeover")
    taken.clientNoContextTakeover = answer.contains("client_no_context_takeover")
    parameters = taken
  }
}
