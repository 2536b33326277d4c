import Deflate

/// What a client offered, as far as an answer can be held against it.
struct DeflateOffers {
  /// Whether permessage-deflate is offered at all.
  let isOffered: Bool

  /// Whether every offer of it can be answered: one that a server has to decline says nothing about the answer.
  let isValid: Bool

  /// Reads the value of a client's `Sec-WebSocket-Extensions`; empty for none.
  init(_ offer: String) {
    let list = try? ExtensionList(parsing: offer)
    let offers = (list?.extensions ?? []).filter { $0.name == DeflateOffer.extensionName }
    isOffered = list == nil ? offer.contains(DeflateOffer.extensionName) : !offers.isEmpty
    isValid = offer.isEmpty || list != nil && offers.allSatisfy { (try? DeflateOffer($0)) != nil }
  }
}
