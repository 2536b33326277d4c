import Specification

/// A part of a peer's traffic that is held against the rules of its sender, whatever the case is about: every one that comes
/// is looked at, and every rule that one breaks is an observation.
enum ObservedTraffic: CaseIterable, Hashable, Sendable {
  /// A 101.
  case answer

  /// An upgrade request.
  case request

  /// A WebSocket frame.
  case frame

  /// A data message.
  case message

  /// A ping, pong or close frame.
  case control

  /// A close frame.
  case close

  /// A compressed message.
  case compressed

  /// A frame with an `sn`.
  case call

  /// The rules that are looked at. Which of them bind depends on the side of the peer and on its revision.
  var requirements: [RequirementID] {
    switch self {
    case .answer:
      [
        "handshake.answer.status", "handshake.answer.upgrade", "handshake.answer.connection", "handshake.accept",
        "handshake.answer.extension", "handshake.answer.protocol",
      ]
    case .request:
      [
        "handshake.request.get", "handshake.request.host", "handshake.request.upgrade",
        "handshake.request.connection", "handshake.request.version", "handshake.request.key",
        "handshake.request.key.fresh", "handshake.early.client",
      ]
    case .frame:
      ["ws.mask.server", "ws.mask.client", "ws.mask.key", "ws.rsv", "ws.opcode", "ws.length.minimal"]
    case .message:
      [
        "ws.fragment.form", "ws.text.utf8", "frame.message.binary", "frame.message.one", "frame.trailing",
        "frame.magic", "frame.length.exact", "frame.byte-order", "revision.current", "legacy.1_1.message",
        "legacy.1_2.magic",
        "legacy.1_2.length", "legacy.1_3_0.magic", "legacy.1_3_0.length", "protobuf.message.fields",
      ]
    case .control: ["ws.control.length", "ws.control.fragmented", "deflate.rsv1.control"]
    case .close: ["close.code", "close.body.one", "close.reason.utf8", "close.after"]
    case .compressed:
      ["deflate.rsv1", "deflate.rsv1.continuation", "deflate.tail", "deflate.window", "deflate.no-takeover"]
    case .call: ["rpc.answer.sn", "rpc.answer.once", "rpc.sn.unique"]
    }
  }

  /// Those about the frame inside of a message, which depend on the revision that the peer speaks.
  static let frames: Set<RequirementID> = [
    "frame.magic", "frame.length.exact", "frame.byte-order", "frame.trailing", "legacy.1_1.message",
    "legacy.1_2.magic", "legacy.1_2.length", "legacy.1_3_0.magic", "legacy.1_3_0.length", "protobuf.message.fields",
  ]

  /// Rules about values that have to be new each time. What breaks one does so on every connection, and would hide all else:
  /// only a case that is about it counts it.
  static let lasting: Set<RequirementID> = ["handshake.request.key.fresh", "ws.mask.key"]

  /// Rules whose breach makes a step miss what it waits for: the message or the answer is there, but is not what it should be.
  static let disturbing = Set([Self.message, .compressed, .call].flatMap(\.requirements)).union(["rpc.isolation"])

  /// Every rule that traffic is held against.
  static let all = Set(allCases.flatMap(\.requirements)).union(offer)

  /// The rules that an answer to an offer of permessage-deflate is held against.
  static let offer: [RequirementID] = [
    "deflate.offer.none", "deflate.offer.server-window", "deflate.offer.server-no-context",
    "deflate.offer.client-window", "deflate.answer.single",
  ]

  /// Those that the answer to a certain offer can break; one that agrees to nothing breaks none about what is agreed.
  static func answerRules(to offer: String, isAgreed: Bool) -> [RequirementID] {
    let offers = DeflateOffers(offer)
    guard offers.isOffered else { return ["deflate.offer.none"] }
    guard isAgreed, offers.isValid else { return [] }
    var rules: [RequirementID] = ["deflate.offer.client-window", "deflate.answer.single"]
    if offer.contains("server_max_window_bits") { rules.append("deflate.offer.server-window") }
    if offer.contains("server_no_context_takeover") { rules.append("deflate.offer.server-no-context") }
    return rules
  }
}
