import Negotiation
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the answers to upgrade requests.
  static let handshakeAnswers: [Mutant] = [
    field(
      "accept-wrong", "Sec-WebSocket-Accept is wrong", "Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      breaks: "handshake.accept", check: "handshake.accept.exact"),
    field(
      "upgrade-field-missing", "the answer lacks Upgrade", "Upgrade", nil, breaks: "handshake.answer.upgrade",
      check: "handshake.accept.zeros"),
    field(
      "connection-field-missing", "the answer lacks Connection", "Connection", nil,
      breaks: "handshake.answer.connection", check: "handshake.accept.zeros"),
    field(
      "protocol-unasked", "a subprotocol is answered that nobody offered", "Sec-WebSocket-Protocol", "chat",
      breaks: "handshake.answer.protocol", check: "handshake.protocol.none"),
    field(
      "extension-unasked", "an extension is answered that nobody offered", "Sec-WebSocket-Extensions", "x-other",
      breaks: "handshake.answer.extension", check: "deflate.offer.none"),
    Mutant(
      "status-200", "an upgrade is granted with status 200", breaks: "handshake.answer.status",
      check: "handshake.accept.zeros"
    ) {
      let once = Once()
      $0.response = { response, isGranted in
        if isGranted, once.take() { response = UpgradeResponse(status: 200, fields: response.fields) }
      }
    },
    Mutant(
      "version-not-told", "a refusal does not say which version is spoken", breaks: "handshake.refuse.version.field",
      check: "handshake.version.field"
    ) {
      $0.response = { response, isGranted in
        if !isGranted { response = response.with("Sec-WebSocket-Version", nil) }
      }
    },
  ]

  private static func field(
    _ name: String, _ fault: String, _ field: String, _ value: String?, breaks requirement: RequirementID,
    check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.response = { response, isGranted in if isGranted { response = response.with(field, value) } }
    }
  }

  /// Faults in reading upgrade requests.
  static let handshakeRequests: [Mutant] = [
    Mutant(
      "version-unchecked", "any version is taken for 13", breaks: "handshake.refuse.version",
      check: "handshake.version.8"
    ) {
      $0.requestHead = { $0.setField("Sec-WebSocket-Version", "13") }
    },
    Mutant("key-unchecked", "any key is taken", breaks: "handshake.refuse.key", check: "handshake.key.eight-bytes") {
      $0.requestHead = { head in
        if head.field("sec-websocket-key")?.utf8.count != 24 {
          head.setField("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
        }
      }
    },
    Mutant(
      "upgrade-unchecked", "requests without Upgrade are taken", breaks: "handshake.refuse.upgrade",
      check: "handshake.upgrade.missing"
    ) {
      $0.requestHead = { $0.setField("Upgrade", "websocket") }
    },
    Mutant(
      "connection-unchecked", "requests without Connection: Upgrade are taken", breaks: "handshake.refuse.connection",
      check: "handshake.connection.missing"
    ) {
      $0.requestHead = { $0.setField("Connection", "Upgrade") }
    },
    Mutant(
      "host-unchecked", "requests without Host are taken", breaks: "handshake.refuse.host",
      check: "handshake.host.missing"
    ) {
      $0.requestHead = { $0.setField("Host", "a") }
    },
    Mutant("method-unchecked", "any method is taken", breaks: "handshake.refuse.method", check: "handshake.method.post")
    {
      $0.requestHead = { head in
        if let space = head.firstIndex(of: " ") { head.replaceSubrange(..<space, with: "GET") }
      }
    },
    Mutant(
      "http-version-unchecked", "HTTP/1.0 is taken", breaks: "handshake.refuse.http-version",
      check: "handshake.http-version.1-0"
    ) {
      $0.requestHead = { $0 = $0.replacing(" HTTP/1.0\r\n", with: " HTTP/1.1\r\n") }
    },
    Mutant(
      "broken-fields-skipped", "lines that are no fields are skipped", breaks: "handshake.refuse.header",
      check: "handshake.header.no-colon"
    ) {
      $0.requestHead = { head in
        var isFirst = true
        head = head.split(separator: "\r\n", omittingEmptySubsequences: false).filter { line in
          defer { isFirst = false }
          return isFirst || line.isEmpty || line.contains(":")
        }.joined(separator: "\r\n")
      }
    },
    Mutant(
      "broken-offers-ignored", "an extension field that breaks the grammar is ignored",
      breaks: "handshake.refuse.extensions", check: "handshake.extensions.grammar.no-token"
    ) {
      $0.requestHead = { head in
        if head.field("sec-websocket-extensions")?.contains("permessage-deflate") != true {
          head.setField("Sec-WebSocket-Extensions", nil)
        }
      }
    },
    refusing(
      "case-sensitive", "the value of Upgrade is compared with its case", breaks: "handshake.read.case",
      check: "handshake.read.case.upgrade-in-capitals"
    ) { head in
      head.field("upgrade") != "websocket"
    },
    refusing(
      "list-unread", "Connection is not read as a list", breaks: "handshake.read.list",
      check: "handshake.read.list.connection-list"
    ) { head in
      head.field("connection")?.contains(",") == true
    },
    refusing(
      "unknown-fields-refused", "requests with a cookie are refused", breaks: "handshake.read.unknown",
      check: "handshake.read.unknown.cookie"
    ) { head in
      head.field("cookie") != nil
    },
    Mutant(
      "whole-requests-only", "a request has to come in one piece", breaks: "handshake.read.pieces",
      check: "handshake.read.pieces.fifty-bytes"
    ) {
      $0.wantsWholeRequests = true
    },
    Mutant(
      "origin-list-ignored", "the list of origins is ignored", breaks: "origin.list",
      check: "handshake.origin.list.other"
    ) {
      $0.configuration = { $0.policy.origins = nil }
    },
    refusing(
      "origin-demanded", "a list of origins refuses those who name none", breaks: "origin.absent",
      check: "handshake.origin.list.absent"
    ) { head in
      head.field("origin") == nil
    },
  ]

  static func refusing(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ isRefused: @escaping @Sendable (String) -> Bool
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      let once = Once()
      $0.requestHead = { head in if isRefused(head), once.take() { head = "REFUSE" + head } }
    }
  }
}
