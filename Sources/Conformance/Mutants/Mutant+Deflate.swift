import Deflate
import NIOConcurrencyHelpers
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in what the server answers to an offer.
  static let deflateAnswers: [Mutant] = [
    offer(
      "unknown-parameters-ignored", "unknown parameters of an offer are ignored",
      breaks: "deflate.offer.unknown-parameter", check: "deflate.offer.unknown-parameter.flag"
    ) { name, _ in
      DeflateOfferText.known.contains(name)
    },
    offer(
      "quoted-values-ignored", "values in quotes are ignored", breaks: "deflate.offer.quoted",
      check: "deflate.offer.quoted.server-window"
    ) { _, value in
      value?.hasPrefix("\"") != true
    },
    Mutant(
      "repeated-parameters-taken", "the first of repeated parameters holds", breaks: "deflate.offer.repeated-parameter",
      check: "deflate.offer.repeated-parameter.flag"
    ) {
      $0.requestHead = { head in
        head.changeField("sec-websocket-extensions") { value in
          DeflateOfferText.filtered(value, dropsRepeated: true) { _, _ in true }
        }
      }
    },
    offer(
      "invalid-values-ignored", "parameters with invalid values are ignored", breaks: "deflate.offer.invalid-value",
      check: "deflate.offer.invalid-value.server-window-7"
    ) { name, value in
      guard name.hasSuffix("bits"), let value else { return true }
      return ["8", "9", "10", "11", "12", "13", "14", "15"].contains(value)
    },
    offer(
      "server-window-ignored", "server_max_window_bits is ignored", breaks: "deflate.offer.server-window",
      check: "deflate.offer.valid.server-window-10"
    ) { name, _ in
      name != "server_max_window_bits"
    },
    offer(
      "window-of-eight-ignored", "a window of 8 bits is not declined", breaks: "deflate.offer.window-eight",
      check: "deflate.offer.window-eight"
    ) { name, value in
      name != "server_max_window_bits" || value != "8"
    },
    offer(
      "server-no-context-ignored", "server_no_context_takeover is ignored", breaks: "deflate.offer.server-no-context",
      check: "deflate.offer.valid.server-no-context"
    ) { name, _ in
      name != "server_no_context_takeover"
    },
    Mutant(
      "client-window-unasked", "client_max_window_bits is answered though it was not offered",
      breaks: "deflate.offer.client-window", check: "deflate.offer.valid.bare"
    ) {
      // To who has offered it, browsers among them, it is no fault.
      let isOffered = NIOLockedValueBox(false)
      $0.requestHead = { head in
        let offers = head.lowercased().contains("client_max_window_bits")
        isOffered.withLockedValue { $0 = offers }
      }
      $0.response = { response, isGranted in
        guard isGranted, response.value(of: "Sec-WebSocket-Extensions") != nil, !isOffered.withLockedValue({ $0 })
        else { return }
        response = response.with("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=10")
      }
    },
    answer(
      "deflate-unasked", "permessage-deflate is answered though it was not offered", "permessage-deflate",
      onlyOffered: false, breaks: "deflate.offer.none", "handshake.answer.extension", check: "deflate.offer.none"),
    answer(
      "answered-twice", "two extensions are answered", "permessage-deflate, permessage-deflate", onlyOffered: true,
      breaks: "deflate.answer.single", check: "deflate.offer.valid.bare"),
    answer(
      "other-extension", "an extension is answered that nobody offered", "x-webkit-deflate-frame", onlyOffered: false,
      breaks: "deflate.offer.other", check: "deflate.offer.other.one"),
  ]

  /// Faults in compressed messages.
  static let deflateData: [Mutant] = [
    Mutant(
      "rsv1-missing", "compressed messages lack RSV1", breaks: "deflate.rsv1", check: "deflate.answers",
      client: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.data { $0.rsv = 0 }
    },
    Mutant(
      "rsv1-on-pong", "pongs have RSV1", breaks: "deflate.rsv1.control", check: "deflate.answers",
      client: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.control(10) { $0.rsv = 4 }
    },
    Mutant(
      "rsv1-on-continuation", "continuations have RSV1", breaks: "deflate.rsv1.continuation", check: "deflate.answers",
      client: "client-deflate.answers"
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
    Mutant(
      "tail-left-on", "00 00 FF FF stays at the end", breaks: "deflate.tail", check: "deflate.answers",
      client: "client-deflate.answers"
    ) {
      $0.wire = PeerMutation.data { frame in
        guard frame.rsv == 4 else { return }
        frame.payload += [0, 0, 0xFF, 0xFF]
        frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
      }
    },
    Mutant(
      "window-of-fifteen", "a window of 15 bits is used, whatever was answered", breaks: "deflate.window",
      check: "deflate.answers.window.9"
    ) {
      $0.details = { $0.deflating { $0.serverMaxWindowBits = 15 } }
    },
    Mutant(
      "context-kept", "earlier messages are referred to though it was promised not to", breaks: "deflate.no-takeover",
      check: "deflate.offer.valid.server-no-context"
    ) {
      $0.details = { $0.deflating { $0.serverNoContextTakeover = false } }
    },
    Mutant(
      "plain-refused", "plain messages are lost where compression was agreed", breaks: "deflate.plain",
      check: "deflate.plain", client: "client-deflate.plain"
    ) {
      $0.message = { $0.isCompressed || !$0.isDeflateAgreed }
    },
    Mutant(
      "compressed-fragments-lost", "compressed messages of several fragments are lost", breaks: "deflate.fragments",
      check: "deflate.fragments.two", client: "client-deflate.fragments.two"
    ) {
      $0.assembled = { isCompressed in !isCompressed }
    },
    Mutant(
      "final-blocks-lost", "messages with BFINAL are lost", breaks: "deflate.bfinal", check: "deflate.bfinal",
      client: "client-deflate.bfinal.final"
    ) {
      $0.compressed = { $0.first.map { $0 & 1 == 0 } ?? true }
    },
    Mutant(
      "stored-blocks-lost", "messages of stored blocks are lost", breaks: "deflate.blocks", check: "deflate.stored",
      client: "client-deflate.stored"
    ) {
      $0.compressed = { $0.first.map { $0 & 6 != 0 } ?? true }
    },
    Mutant(
      "context-forgotten", "the client's earlier messages are forgotten", breaks: "deflate.takeover",
      check: "deflate.takeover"
    ) {
      $0.details = { $0.deflating { $0.clientNoContextTakeover = true } }
    },
    Mutant(
      "invalid-data-dropped", "messages that cannot be inflated are dropped, and no more", breaks: "deflate.invalid",
      check: "deflate.invalid.noise", client: "client-deflate.invalid.noise"
    ) {
      $0.overlooksInflateErrors = true
    },
    Mutant(
      "cut-data-dropped", "compressed messages that are cut are dropped, and no more", breaks: "deflate.truncated",
      check: "deflate.truncated.stored", client: "client-deflate.truncated.stored"
    ) {
      $0.overlooksInflateErrors = true
    },
    Mutant(
      "empty-data-as-frame", "what inflates to nothing becomes a frame", breaks: "deflate.empty",
      check: "deflate.empty.empty-block"
    ) {
      $0.message = PeerMutation.patched {
        if $0.isEmpty { $0 = [0xFE, 0xEF, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] }
      }
    },
    Mutant(
      "inflated-limit-one-more", "the limit is one byte too high for compressed messages", breaks: "deflate.limit",
      check: "deflate.limit.above"
    ) {
      $0.configuration = { $0.options.maxFrameLength += 1 }
    },
    overlooking(
      "compressed-continuation-taken", "RSV1 on continuations is not looked at", .continuationCompressed,
      breaks: "deflate.rsv1.continuation.fail", check: "deflate.rsv1.continuation.of-compressed",
      client: "client-deflate.rsv1.continuation.of-compressed"),
    overlooking(
      "compressed-control-taken", "RSV1 on control frames is not looked at", .controlCompressed,
      breaks: "deflate.rsv1.control.fail", check: "deflate.rsv1.control.ping",
      client: "client-deflate.rsv1.control.ping"),
  ]

  private static func offer(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ keeps: @escaping @Sendable (_ name: String, _ value: String?) -> Bool
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.requestHead = { head in
        head.changeField("sec-websocket-extensions") { DeflateOfferText.filtered($0, keeps) }
      }
    }
  }

  private static func answer(
    _ name: String, _ fault: String, _ value: String, onlyOffered: Bool, breaks requirements: RequirementID...,
    check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) {
      $0.response = { response, isGranted in
        let isAnswered = response.value(of: "Sec-WebSocket-Extensions") != nil
        if isGranted, isAnswered == onlyOffered { response = response.with("Sec-WebSocket-Extensions", value) }
      }
    }
  }

}

/// An offer of permessage-deflate as text, for servers that do not read it well.
enum DeflateOfferText {
  static let known: Set<String> = [
    "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits",
  ]

  /// The offers with only those parameters that are kept.
  static func filtered(
    _ value: String, dropsRepeated: Bool = false, _ keeps: (_ name: String, _ value: String?) -> Bool
  ) -> String {
    value.split(separator: ",", omittingEmptySubsequences: false).map { offer in
      var seen: Set<String> = []
      let parts = offer.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
      let kept = parts.enumerated().filter { index, part in
        guard index > 0, parts[0] == "permessage-deflate" else { return true }
        let pair = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard let name = pair.first, keeps(name, pair.count > 1 ? pair[1] : nil) else { return false }
        return seen.insert(name).inserted || !dropsRepeated
      }
      return kept.map(\.element).joined(separator: "; ")
    }.joined(separator: ", ")
  }
}

extension Substring {
  /// Without the spaces around it.
  fileprivate var trimmed: String {
    var rest = self
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    return String(rest)
  }
}

extension ConnectionDetails {
  /// The same with other parameters of permessage-deflate in use than those that were agreed.
  func deflating(_ change: (inout DeflateParameters) -> Void) -> ConnectionDetails {
    guard var deflate else { return self }
    change(&deflate)
    return ConnectionDetails(metadata: metadata, selection: selection, address: address, deflate: deflate)
  }
}
