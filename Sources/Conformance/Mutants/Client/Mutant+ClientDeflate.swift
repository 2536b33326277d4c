import Deflate
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in what the client makes of the answer to its offer, and in compressed messages.
  static let clientDeflate: [Mutant] = [
    extensions(
      "client-broken-extensions-ignored", "extensions that break the grammar are ignored",
      breaks: "deflate.answer.grammar", check: "client-deflate-answer.grammar.two-words"
    ) { value, _ in
      (try? ExtensionList(parsing: value)) == nil ? nil : value
    },
    extensions(
      "client-takes-unoffered-deflate", "permessage-deflate is taken though it was not offered",
      breaks: "deflate.answer.unoffered", check: "client-deflate-answer.unoffered.bare", offering: nil
    ) { _, offered in
      offered.isEmpty ? nil : offered
    },
    extensions(
      "client-takes-deflate-twice", "the first of two accepted extensions holds", breaks: "deflate.answer.repeated",
      check: "client-deflate-answer.twice.one-field"
    ) { value, _ in
      value.split(separator: ",").first.map(String.init)
    },
    parameters(
      "client-unknown-parameters-ignored", "unknown parameters are ignored",
      breaks: "deflate.answer.unknown-parameter", check: "client-deflate-answer.unknown.word"
    ) { name, _ in
      DeflateOfferText.known.contains(name)
    },
    extensions(
      "client-repeated-parameters-taken", "the first of repeated parameters holds",
      breaks: "deflate.answer.repeated-parameter", check: "client-deflate-answer.repeated.flag"
    ) { value, _ in
      DeflateOfferText.filtered(value, dropsRepeated: true) { _, _ in true }
    },
    parameters(
      "client-invalid-values-ignored", "parameters with invalid values are ignored",
      breaks: "deflate.answer.invalid-value", check: "client-deflate-answer.value.window-7"
    ) { name, value in
      guard name.hasSuffix("bits") else { return value == nil }
      return value.map { ["8", "9", "10", "11", "12", "13", "14", "15"].contains($0) } ?? false
    },
    extensions(
      "client-window-unchecked", "a window above the offer is taken", breaks: "deflate.answer.window",
      check: "client-deflate-answer.window",
      offering: DeflateOffer(serverMaxWindowBits: 10)
    ) { value, _ in
      value.replacing(/server_max_window_bits=1[1-5]/, with: "server_max_window_bits=10")
    },
    parameters(
      "client-takes-unoffered-window", "client_max_window_bits is taken though it was not offered",
      breaks: "deflate.answer.unoffered-window", check: "client-deflate-answer.unoffered-window",
      offering: DeflateOffer()
    ) { name, _ in
      name != "client_max_window_bits"
    },
    extensions(
      "client-insists-on-nothing", "what it offered and the answer lacks is taken for granted",
      breaks: "deflate.answer.missing", check: "client-deflate-answer.missing.window",
      offering: DeflateOffer(serverMaxWindowBits: 12)
    ) { value, _ in
      value.contains("server_max_window_bits") ? value : value + "; server_max_window_bits=12"
    },
    Mutant(
      "client-window-of-fifteen", "a window of 15 bits is used, whatever was answered", breaks: "deflate.window",
      check: "client-deflate.answers.window.9"
    ) {
      $0.details = { $0.deflating { $0.clientMaxWindowBits = 15 } }
    },
    Mutant(
      "client-context-kept", "earlier messages are referred to though it was promised not to",
      breaks: "deflate.no-takeover", check: "client-deflate.answers.no-takeover"
    ) {
      $0.details = { $0.deflating { $0.clientNoContextTakeover = false } }
    },
    Mutant(
      "client-context-forgotten", "the server's earlier messages are forgotten", breaks: "deflate.takeover",
      check: "client-deflate.takeover"
    ) {
      $0.details = { $0.deflating { $0.serverNoContextTakeover = true } }
      $0.overlooksInflateErrors = true
    },
    Mutant(
      "client-empty-data-as-frame", "what inflates to nothing becomes a frame", breaks: "deflate.empty",
      check: "client-deflate.empty.empty-block"
    ) {
      $0.message = PeerMutation.patched { if $0.isEmpty { $0 = visibleFrame } }
    },
    Mutant(
      "client-inflates-without-limit", "the limit does not hold for compressed messages", breaks: "deflate.limit",
      check: "client-deflate.limit.above"
    ) {
      $0.clientConfiguration = { $0.options.maxFrameLength = 1 << 24 }
    },
  ]

  private static func extensions(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    offering offer: DeflateOffer? = Mutant.usualOffer,
    _ change: @escaping @Sendable (_ value: String, _ offered: String) -> String?
  ) -> Mutant {
    answered(name, fault, breaks: requirement, check: check) { head, expectation in
      guard let value = head.field("sec-websocket-extensions") else { return }
      head.setField("Sec-WebSocket-Extensions", change(value, expectation.offeredExtensions))
    }.offering(offer)
  }

  private static func parameters(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    offering offer: DeflateOffer? = Mutant.usualOffer,
    _ keeps: @escaping @Sendable (_ name: String, _ value: String?) -> Bool
  ) -> Mutant {
    extensions(name, fault, breaks: requirement, check: check, offering: offer) { value, _ in
      DeflateOfferText.filtered(value, keeps)
    }
  }
}
