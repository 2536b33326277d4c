import Deflate
import GoldenVectors
import Specification
import StrictJSON

/// Judges a server's answer to offers of permessage-deflate by what RFC 7692 lets follow from them, not by its text.
enum OfferJudge {
  /// Judges the output of `deflate.negotiate` asked of a server; nil leaves the verdict to the comparison: with a client,
  /// where an error is expected, and where the answer is the expected one.
  static func judge(_ output: JSONValue, to test: VectorTest) -> Judgement? {
    guard test.input["side"] == "server", case .output(let expected) = test.expectation, expected != output,
      let offers = test.input["offers"]?.stringValue, let response = output["response"], output.objectValue?.count == 1
    else { return nil }
    if response == .null {
      return Judgement(verdict: .nonStrict, reason: "the offer is declined, which is permitted", isWeaker: false)
    }
    guard let text = response.stringValue else { return nil }
    do throws(DeflateNegotiationError) {
      try check(text, offers: offers)
      return Judgement(
        verdict: .nonStrict, reason: "the answer follows from the offer, but is not the expected one", isWeaker: false)
    } catch {
      return Judgement(verdict: .fail, reason: "the answer does not follow from the offer: \(error.reason)")
    }
  }

  /// Throws unless the response follows from one of the offers that are valid; the others must be declined.
  private static func check(_ response: String, offers: String) throws(DeflateNegotiationError) {
    var failure: DeflateNegotiationError?
    for element in try ExtensionList(parsing: offers).extensions where element.name == DeflateOffer.extensionName {
      guard let offer = try? DeflateOffer(element) else { continue }
      do throws(DeflateNegotiationError) {
        if try DeflateNegotiation.check(response: response, offer: offer.headerValue) != nil { return }
      } catch {
        failure = error
      }
    }
    throw failure ?? DeflateNegotiationError(.unofferedExtension, offset: 0)
  }
}
