import Negotiation
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the upgrade request.
  static let clientRequests: [Mutant] = [
    head(
      "client-asks-with-post", "the upgrade is asked for with POST", breaks: "handshake.request.get",
      check: "client-sanity.request"
    ) {
      $0.replace("GET ", with: "POST ", maxReplacements: 1)
    },
    head(
      "client-asks-with-http-1-0", "the upgrade is asked for with HTTP/1.0", breaks: "handshake.request.get",
      check: "client-sanity.request"
    ) {
      $0.replace(" HTTP/1.1", with: " HTTP/1.0", maxReplacements: 1)
    },
    head(
      "client-lacks-host", "the request has no Host", breaks: "handshake.request.host", check: "client-sanity.request"
    ) {
      $0.setField("Host", nil)
    },
    head(
      "client-lacks-upgrade", "the request has no Upgrade", breaks: "handshake.request.upgrade",
      check: "client-sanity.request"
    ) {
      $0.setField("Upgrade", nil)
    },
    head(
      "client-lacks-connection", "the request has no Connection", breaks: "handshake.request.connection",
      check: "client-sanity.request"
    ) {
      $0.setField("Connection", nil)
    },
    head(
      "client-keeps-alive", "Connection says keep-alive alone", breaks: "handshake.request.connection",
      check: "client-sanity.request"
    ) {
      $0.setField("Connection", "keep-alive")
    },
    head(
      "client-lacks-version", "the request names no version", breaks: "handshake.request.version",
      check: "client-sanity.request"
    ) {
      $0.setField("Sec-WebSocket-Version", nil)
    },
    head(
      "client-version-8", "the request names version 8", breaks: "handshake.request.version",
      check: "client-sanity.request"
    ) {
      $0.setField("Sec-WebSocket-Version", "8")
    },
    head("client-lacks-key", "the request has no key", breaks: "handshake.request.key", check: "client-sanity.request")
    {
      $0.setField("Sec-WebSocket-Key", nil)
    },
    Mutant(
      "client-key-of-15-bytes", "the key has 15 bytes", breaks: "handshake.request.key", check: "client-sanity.request"
    ) {
      $0.draft = { draft in
        draft.key = SecWebSocketAccept.key(from: (0..<15).map { _ in UInt8.random(in: .min ... .max) })
      }
    },
    Mutant(
      "client-key-never-new", "the key is always the same", breaks: "handshake.request.key.fresh",
      check: "client-close.reconnect"
    ) {
      $0.draft = { $0.key = "dGhlIHNhbXBsZSBub25jZQ==" }
    },
    Mutant(
      "client-speaks-too-early", "a ping follows the request at once", breaks: "handshake.early.client",
      check: "client-handshake.waits"
    ) {
      $0.request = { $0 += [0x89, 0x80, 1, 2, 3, 4] }
    },
  ]

  /// Faults in reading the answer to the upgrade.
  static let clientAnswers: [Mutant] = [
    answered(
      "client-status-unchecked", "any status is taken for 101", breaks: "handshake.client.status",
      check: "client-handshake.status.200"
    ) {
      head, expectation in
      if !head.hasPrefix("HTTP/1.1 1") { head.grant(expectation) }
    },
    answered(
      "client-interim-as-answer", "an interim answer is taken for a refusal", breaks: "handshake.client.interim",
      check: "client-handshake.interim.100"
    ) { head, _ in
      if head.hasPrefix("HTTP/1.1 10"), !head.hasPrefix("HTTP/1.1 101") {
        head.replace("HTTP/1.1 10", with: "HTTP/1.1 50", maxReplacements: 1)
      }
    },
    answered(
      "client-interim-as-grant", "an interim answer is taken for the 101", breaks: "handshake.client.interim",
      check: "client-handshake.interim.102"
    ) { head, expectation in
      if head.hasPrefix("HTTP/1.1 10"), !head.hasPrefix("HTTP/1.1 101") { head.grant(expectation) }
    },
    answered(
      "client-upgrade-unchecked", "Upgrade is not looked at", breaks: "handshake.client.upgrade",
      check: "client-handshake.upgrade.h2c"
    ) { head, _ in
      head.setField("Upgrade", "websocket")
    },
    answered(
      "client-connection-unchecked", "Connection is not looked at", breaks: "handshake.client.connection",
      check: "client-handshake.connection.keep-alive"
    ) { head, _ in
      head.setField("Connection", "Upgrade")
    },
    answered(
      "client-accept-unchecked", "Sec-WebSocket-Accept is not looked at", breaks: "handshake.client.accept",
      check: "client-handshake.accept.another"
    ) { head, expectation in
      head.setField("Sec-WebSocket-Accept", SecWebSocketAccept.value(forKey: expectation.key))
    },
    answered(
      "client-accept-missing-taken", "Sec-WebSocket-Accept may be missing", breaks: "handshake.client.accept",
      check: "client-handshake.accept.missing"
    ) { head, expectation in
      if head.field("sec-websocket-accept") == nil {
        head.setField("Sec-WebSocket-Accept", SecWebSocketAccept.value(forKey: expectation.key))
      }
    },
    answered(
      "client-accept-folded", "Sec-WebSocket-Accept is compared without regard to case",
      breaks: "handshake.client.accept", check: "client-handshake.accept.swapped-case"
    ) { head, expectation in
      let right = SecWebSocketAccept.value(forKey: expectation.key)
      head.changeField("sec-websocket-accept") { $0.lowercased() == right.lowercased() ? right : $0 }
    },
    answered(
      "client-extension-unchecked", "extensions that were not offered are taken", breaks: "handshake.client.extension",
      check: "client-handshake.extension.unknown"
    ) { head, _ in
      if head.field("sec-websocket-extensions")?.contains("permessage-deflate") == false {
        head.setField("Sec-WebSocket-Extensions", nil)
      }
    },
    answered(
      "client-protocol-unchecked", "subprotocols that were not offered are taken", breaks: "handshake.client.protocol",
      check: "client-handshake.protocol.unknown"
    ) { head, _ in
      head.setField("Sec-WebSocket-Protocol", nil)
    },
    answered(
      "client-status-line-unchecked", "an answer without a proper first line is taken",
      breaks: "handshake.client.syntax", check: "client-handshake.syntax.no-http"
    ) { head, _ in
      guard let end = head.firstRange(of: "\r\n"), !head.hasPrefix("HTTP/1.") else { return }
      head.replaceSubrange(..<end.lowerBound, with: "HTTP/1.1 101 Switching Protocols")
    },
    Mutant(
      "client-opens-too-early", "what comes behind Sec-WebSocket-Accept is not awaited",
      breaks: "handshake.client.syntax", check: "client-handshake.syntax.unfinished"
    ) {
      $0.opensBeforeEmptyLine = true
    },
    Mutant(
      "client-loses-first-frames", "frames are lost that come with the answer", breaks: "handshake.early.server",
      check: "client-handshake.early-call"
    ) {
      $0.losesBytesBehindAnswer = true
    },
    Mutant(
      "client-wants-whole-answers", "an answer that comes in pieces is given up", breaks: "handshake.read.pieces",
      check: "client-handshake.pieces"
    ) {
      $0.wantsWholeAnswers = true
    },
    answered(
      "client-knows-no-lower-case", "field names in lower case are not found", breaks: "handshake.read.case",
      check: "client-handshake.lower-case"
    ) { head, _ in
      if head.contains("\r\nupgrade:") { head.setField("Upgrade", nil) }
    },
    answered(
      "client-knows-no-lists", "a token is not found behind others", breaks: "handshake.read.list",
      check: "client-handshake.list"
    ) { head, _ in
      head.changeField("connection") { $0.contains(",") ? "keep-alive" : $0 }
    },
    answered(
      "client-knows-all-fields", "an answer with further fields is given up", breaks: "handshake.read.unknown",
      check: "client-handshake.unknown-fields"
    ) { head, _ in
      let known = [
        "upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol",
        "x-ws-version", "x-ws-charset",
      ]
      for line in head.split(separator: "\r\n").dropFirst() {
        let name = line.prefix { $0 != ":" }.lowercased()
        if !known.contains(name) { return head.setField("Upgrade", nil) }
      }
    },
  ]

  private static func head(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout String) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.request = { bytes in
        var head = String(decoding: bytes, as: UTF8.self)
        change(&head)
        bytes = Array(head.utf8)
      }
    }
  }

  /// A mutant that reads another answer than the one that came.
  static func answered(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout String, UpgradeExpectation) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) { $0.answerHead = change }
  }
}

extension String {
  /// Becomes the answer that grants what was asked for.
  fileprivate mutating func grant(_ expectation: UpgradeExpectation) {
    self = """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Accept: \(SecWebSocketAccept.value(forKey: expectation.key))\r
      \r

      """
  }
}
