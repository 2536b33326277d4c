import Deflate
import Specification

/// What a server answers to the extensions that a client offers, held against the offer.
struct ExtensionsAnswer {
  /// The values of `Sec-WebSocket-Extensions`, empty without one.
  let answer: String
  let offer: String

  /// What was agreed on compression; nil: nothing.
  func parameters() throws(DeflateNegotiationError) -> DeflateParameters? {
    try DeflateNegotiation.check(response: answer, offer: offer)
  }

  /// The rule that the server broke by an answer that does not follow from the offer.
  func rule(brokenBy error: DeflateNegotiationError) -> RequirementID {
    switch error.code {
    case .unofferedExtension: isDeflateUnasked ? "deflate.offer.none" : "handshake.answer.extension"
    case .repeatedExtension: "deflate.answer.single"
    case .unofferedWindow: "deflate.offer.client-window"
    case .windowAboveOffer:
      answer.utf8.dropFirst(error.offset).starts(with: "client".utf8)
        ? "deflate.offer.client-window" : "deflate.offer.server-window"
    case .missingParameter:
      offers("server_no_context_takeover") && !answers("server_no_context_takeover")
        ? "deflate.offer.server-no-context" : "deflate.offer.server-window"
    // The client's rules have these alone: what nobody defines was not offered.
    case .badGrammar, .unknownParameter, .repeatedParameter, .badValue: "handshake.answer.extension"
    }
  }

  /// The rule by which the client has to fail the connection.
  func reaction(to error: DeflateNegotiationError) -> RequirementID {
    switch error.code {
    case .badGrammar: "deflate.answer.grammar"
    case .unofferedExtension: isDeflateUnasked ? "deflate.answer.unoffered" : "handshake.client.extension"
    case .repeatedExtension: "deflate.answer.repeated"
    case .unknownParameter: "deflate.answer.unknown-parameter"
    case .repeatedParameter: "deflate.answer.repeated-parameter"
    case .badValue: "deflate.answer.invalid-value"
    case .windowAboveOffer: "deflate.answer.window"
    case .unofferedWindow: "deflate.answer.unoffered-window"
    case .missingParameter: "deflate.answer.missing"
    }
  }

  /// The rules that the server kept by an answer that follows from the offer.
  var keptRules: [RequirementID] {
    guard offers("permessage-deflate") else { return ["deflate.offer.none"] }
    guard answers("permessage-deflate") else { return [] }
    var rules: [RequirementID] = ["deflate.answer.single"]
    if offers("server_no_context_takeover") { rules.append("deflate.offer.server-no-context") }
    if offers("server_max_window_bits") { rules.append("deflate.offer.server-window") }
    if answers("client_max_window_bits") { rules.append("deflate.offer.client-window") }
    return rules
  }

  private var isDeflateUnasked: Bool { answers("permessage-deflate") && !offers("permessage-deflate") }

  private func offers(_ word: String) -> Bool { offer.lowercased().contains(word) }

  private func answers(_ word: String) -> Bool { answer.lowercased().contains(word) }
}
