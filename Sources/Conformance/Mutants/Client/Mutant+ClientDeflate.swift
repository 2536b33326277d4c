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
    data(
      "client-rsv1-missing", "compressed messages lack RSV1", breaks: "deflate.rsv1", check: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.data { $0.rsv = 0 }
    },
    data(
      "client-rsv1-on-pong", "pongs have RSV1", breaks: "deflate.rsv1.control", check: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.control(10) { $0.rsv = 4 }
    },
    data(
      "client-rsv1-on-continuation", "continuations have RSV1", breaks: "deflate.rsv1.continuation",
      check: "client-deflate.answers"
    ) {
      $0.wire = { frame in
        guard frame.rsv == 4, frame.payload.count > 2 else { return [frame] }
        var first = frame
        var second = frame
        first.fin = false
        second.opcode = 0
        first.payload = Array(frame.payload.prefix(1))
        second.payload = Array(frame.payload.dropFirst(1))
        first.lengthForm = .minimal(for: 1)
        second.lengthForm = .minimal(for: UInt64(second.payload.count))
        return [first, second]
      }
    },
    data(
      "client-tail-left-on", "00 00 FF FF stays at the end", breaks: "deflate.tail", check: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.data { frame in
        guard frame.rsv == 4 else { return }
        frame.payload += [0, 0, 0xFF, 0xFF]
        frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
      }
    },
    data(
      "client-window-of-fifteen", "a window of 15 bits is used, whatever was answered", breaks: "deflate.window",
      check: "client-deflate.answers.window.9"
    ) {
      $0.details = { $0.deflating { $0.clientMaxWindowBits = 15 } }
    },
    data(
      "client-context-kept", "earlier messages are referred to though it was promised not to",
      breaks: "deflate.no-takeover", check: "client-deflate.answers.no-takeover"
    ) {
      $0.details = { $0.deflating { $0.clientNoContextTakeover = false } }
    },
    data(
      "client-plain-refused", "plain messages are lost where compression was agreed", breaks: "deflate.plain",
      check: "client-deflate.plain"
    ) {
      $0.message = { $0.isCompressed || !$0.isDeflateAgreed }
    },
    data(
      "client-compressed-fragments-lost", "compressed messages of several fragments are lost",
      breaks: "deflate.fragments", check: "client-deflate.fragments.two"
    ) {
      $0.assembled = { isCompressed in !isCompressed }
    },
    data(
      "client-final-blocks-lost", "messages with BFINAL are lost", breaks: "deflate.bfinal",
      check: "client-deflate.bfinal.final"
    ) {
      $0.compressed = { $0.first.map { $0 & 1 == 0 } ?? true }
    },
    data(
      "client-stored-blocks-lost", "messages of stored blocks are lost", breaks: "deflate.blocks",
      check: "client-deflate.stored"
    ) {
      $0.compressed = { $0.first.map { $0 & 6 != 0 } ?? true }
    },
    data(
      "client-context-forgotten", "the server's earlier messages are forgotten", breaks: "deflate.takeover",
      check: "client-deflate.takeover"
    ) {
      $0.details = { $0.deflating { $0.serverNoContextTakeover = true } }
      $0.overlooksInflateErrors = true
    },
    data(
      "client-invalid-data-dropped", "messages that cannot be inflated are dropped, and no more",
      breaks: "deflate.invalid", check: "client-deflate.invalid.noise"
    ) {
      $0.overlooksInflateErrors = true
    },
    data(
      "client-cut-data-dropped", "compressed messages that are cut are dropped, and no more",
      breaks: "deflate.truncated", check: "client-deflate.truncated.stored"
    ) {
      $0.overlooksInflateErrors = true
    },
    data(
      "client-empty-data-as-frame", "what inflates to nothing becomes a frame", breaks: "deflate.empty",
      check: "client-deflate.empty.empty-block"
    ) {
      $0.message = PeerMutation.patched { if $0.isEmpty { $0 = visibleFrame } }
    },
    data(
      "client-inflates-without-limit", "the limit does not hold for compressed messages", breaks: "deflate.limit",
      check: "client-deflate.limit.above"
    ) {
      $0.clientConfiguration = { $0.options.maxFrameLength = 1 << 24 }
    },
    data(
      "client-compressed-continuation-taken", "RSV1 on continuations is not looked at",
      breaks: "deflate.rsv1.continuation.fail", check: "client-deflate.rsv1.continuation.of-compressed"
    ) {
      $0.overlooks = { $0 == .continuationCompressed }
    },
    data(
      "client-compressed-control-taken", "RSV1 on control frames is not looked at", breaks: "deflate.rsv1.control.fail",
      check: "client-deflate.rsv1.control.ping"
    ) {
      $0.overlooks = { $0 == .controlCompressed }
    },
  ]

  private static func data(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout PeerMutation) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check, change)
  }

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

extension ConnectionDetails {
  /// The same with other parameters of permessage-deflate in use than those that were agreed.
  fileprivate func deflating(_ change: (inout DeflateParameters) -> Void) -> ConnectionDetails {
    guard var deflate else { return self }
    change(&deflate)
    return ConnectionDetails(metadata: metadata, selection: selection, address: address, deflate: deflate)
  }
}
