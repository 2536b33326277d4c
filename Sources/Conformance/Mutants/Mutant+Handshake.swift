import NIOConcurrencyHelpers
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

  /// Faults in what the query of a request is taken for.
  static let metadata: [Mutant] = [
    query(
      "parameter-renamed", "uid is read from userId", breaks: "hub.identity.distinct", check: "identity.other.uid"
    ) {
      $0.replacing("uid=", with: "userId=")
    },
    query(
      "typed-by-default-1", "typed is 1 where it is absent", breaks: "metadata.missing",
      check: "identity.same.defaults.typed"
    ) {
      $0.contains("typed=") ? $0 : $0 + "&typed=1"
    },
    query(
      "unknown-as-device", "an unknown parameter is taken for deviceId", breaks: "metadata.unknown",
      check: "metadata.unknown.one"
    ) { query in
      let known: Set<Substring> = ["uid", "typed", "deviceId", "source", "version", "charset"]
      return query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        known.contains(pair.prefix { $0 != "=" }) ? String(pair) : "deviceId=\(pair.utf8.count)"
      }.joined(separator: "&")
    },
    query(
      "names-without-case", "the case of names is not looked at", breaks: "metadata.case", check: "metadata.case.before"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        let name = pair.prefix { $0 != "=" }
        return (name.lowercased() == "deviceid" ? "deviceId" : name.lowercased()) + pair.dropFirst(name.count)
      }.joined(separator: "&")
    },
    query(
      "last-repeated-holds", "the last of repeated parameters holds", breaks: "metadata.repeated",
      check: "metadata.repeated.uid"
    ) {
      $0.split(separator: "&", omittingEmptySubsequences: false).reversed().joined(separator: "&")
    },
    query(
      "percent-kept", "percent escapes are not decoded", breaks: "metadata.percent", check: "metadata.percent.hyphen"
    ) { $0.replacing("%", with: "%25") },
    query("plus-kept", "a plus is no space", breaks: "metadata.plus", check: "metadata.plus.in-value") {
      $0.replacing("+", with: "%2B")
    },
    query(
      "broken-escapes-kept", "a broken escape leaves its pair as it is", breaks: "metadata.escape",
      check: "metadata.escape.percent-alone"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.hasSuffix("%") ? pair + "25" : String(pair)
      }.joined(separator: "&")
    },
    query(
      "semicolon-separates", "a semicolon separates parameters", breaks: "metadata.semicolon",
      check: "metadata.semicolon.as-separator"
    ) { $0.replacing(";", with: "&") },
    query(
      "empty-value-is-one", "a name without a value has the value 1", breaks: "metadata.empty-value",
      check: "metadata.empty.no-equals-sign"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.contains("=") || pair.isEmpty ? String(pair) : pair + "=1"
      }.joined(separator: "&")
    },
    query(
      "empty-pairs-end", "an empty pair ends the query", breaks: "metadata.empty-pair", check: "metadata.empty.pairs"
    ) { query in
      query.firstRange(of: "&&").map { String(query[..<$0.lowerBound]) } ?? String(query.drop { $0 == "&" })
    },
    query(
      "hexadecimal-taken", "numbers in hexadecimal are taken", breaks: "metadata.integer.invalid",
      check: "metadata.integer.invalid.hex"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        guard pair.hasPrefix("typed=0x"), let value = Int(pair.dropFirst(8), radix: 16) else { return String(pair) }
        return "typed=\(value)"
      }.joined(separator: "&")
    },
    query(
      "leading-zeros-refused", "numbers with leading zeros are taken for 0", breaks: "metadata.integer",
      check: "metadata.integer.leading-zeros"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.hasPrefix("typed=0") && pair.utf8.count > 7 ? "typed=0" : String(pair)
      }.joined(separator: "&")
    },
    query(
      "sign-ignored", "the sign of typed is not looked at", breaks: "metadata.integer",
      check: "metadata.integer.distinct.sign"
    ) {
      $0.replacing("typed=-", with: "typed=")
    },
    Mutant(
      "identity-of-its-own", "each connection has an identity of its own", breaks: "hub.identity.single",
      check: "identity.same.uid"
    ) {
      let count = NIOLockedValueBox(0)
      $0.details = { details in
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        return ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: details.address, deflate: details.deflate,
          identity: details.identity + Array("-\(number)".utf8))
      }
    },
    identity(
      "identity-of-uid", "the identity is the uid alone", breaks: "hub.identity.distinct", check: "identity.other.typed"
    ) { $0.uid },
    identity(
      "source-left-out", "the identity lacks the source", breaks: "hub.identity.distinct",
      check: "identity.other.source"
    ) {
      $0.uid + Array("-\($0.typed)-".utf8) + $0.deviceId
    },
    identity(
      "version-in-identity", "the version is part of the identity", breaks: "hub.identity.metadata",
      check: "identity.metadata.version"
    ) {
      $0.identity() + Array("-\($0.version)".utf8)
    },
    identity(
      "identity-in-lower-case", "identities are compared without their case", breaks: "metadata.parameters",
      check: "metadata.value.case.device-id"
    ) {
      Array(String(decoding: $0.identity(), as: UTF8.self).lowercased().utf8)
    },
  ]

  private static func query(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String,
    _ change: @escaping @Sendable (String) -> String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) { $0.requestHead = { $0.changeQuery(change) } }
  }

  private static func identity(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String,
    _ identity: @escaping @Sendable (ConnectionMetadata) -> [UInt8]
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) {
      $0.details = { details in
        ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: details.address, deflate: details.deflate,
          identity: identity(details.metadata))
      }
    }
  }

  /// Faults in the negotiation of version and charset.
  static let negotiation: [Mutant] = [
    granted(
      "version-repeated", "the version that was asked for is answered, whatever it is", "X-Ws-Version", "2147483647",
      breaks: "negotiation.version.select", check: "negotiation.version.selected"),
    granted(
      "version-not-answered", "the selected version is not told", "X-Ws-Version", nil,
      breaks: "negotiation.response.version", check: "negotiation.version.missing"),
    granted(
      "charset-not-answered", "the selected charset is not told", "X-Ws-Charset", nil,
      breaks: "negotiation.response.charset", check: "negotiation.charset.selected"),
    granted(
      "charset-always-0", "charset 0 is selected, whatever was asked for", "X-Ws-Charset", "0",
      breaks: "negotiation.charset.select", check: "negotiation.charset.gbk"),
    granted(
      "protocol-not-answered", "the selected subprotocol is not told", "Sec-WebSocket-Protocol", nil,
      breaks: "negotiation.protocol.select", check: "negotiation.protocol.selected"),
    Mutant(
      "low-versions-taken", "versions below the lowest are taken", breaks: "negotiation.version.minimum",
      "negotiation.before-accept",
      check: "negotiation.version.below"
    ) {
      $0.configuration = { $0.policy.negotiation = .init(versions: .init(min: -100, max: 3), charsets: [0, 1]) }
    },
    refused(
      "status-400", "a version that is too low is answered with 400", breaks: "negotiation.version.upgrade",
      check: "negotiation.version.below"
    ) {
      UpgradeResponse(status: 400, fields: $0.fields, body: $0.body)
    },
    refused(
      "refusal-without-body", "a refusal has no body", breaks: "negotiation.refusal.body",
      check: "negotiation.version.below"
    ) {
      UpgradeResponse(status: $0.status, fields: $0.fields).with("Content-Length", "0")
    },
    refused(
      "supported-not-told", "a refusal does not say what is supported", breaks: "negotiation.refusal.supported",
      check: "negotiation.version.below"
    ) {
      $0.rewritten { $0.replacing("supported", with: "supporting") }
    },
    refused(
      "parameter-not-told", "a refusal does not name the parameter", breaks: "negotiation.refusal.parameter",
      check: "negotiation.parameter.version.word"
    ) {
      $0.rewritten { $0.replacing("version", with: "release") }
    },
    query(
      "charset-77-taken", "an unknown charset is taken for 0", breaks: "negotiation.charset.unsupported",
      check: "negotiation.charset.unsupported.77"
    ) { $0.replacing("charset=77", with: "charset=0") },
    query(
      "version-word-taken", "a version that is no number is taken for none", breaks: "negotiation.parameter.invalid",
      check: "negotiation.parameter.version.word"
    ) { $0.replacing("version=abc", with: "") },
    query("charset-2-for-1", "the code of GBK is 2", breaks: "charset.codes", check: "negotiation.charset.gbk") {
      $0.replacing("charset=1", with: "charset=2")
    },
    refusing(
      "version-demanded", "a request has to name a version", breaks: "negotiation.version.missing",
      check: "negotiation.version.missing"
    ) { head in
      !head.prefix { $0 != "\r\n" }.contains("version=")
    },
    Mutant(
      "tokens-without-case", "the case of a subprotocol is not looked at", breaks: "negotiation.protocol.token",
      check: "negotiation.protocol.none.capitals"
    ) {
      $0.requestHead = { head in head.changeField("sec-websocket-protocol") { $0.lowercased() } }
    },
    Mutant(
      "protocols-ignored", "subprotocols of which none fits are ignored", breaks: "negotiation.protocol.none",
      check: "negotiation.protocol.none.other"
    ) {
      $0.requestHead = { head in
        if head.field("sec-websocket-protocol")?.contains("ws.v") != true {
          head.setField("Sec-WebSocket-Protocol", nil)
        }
      }
    },
    Mutant(
      "query-before-protocol", "the query goes before the subprotocol", breaks: "negotiation.protocol.precedence",
      check: "negotiation.protocol.precedence"
    ) {
      $0.requestHead = { head in
        if head.prefix(while: { $0 != "\r\n" }).contains("version=") { head.setField("Sec-WebSocket-Protocol", nil) }
      }
    },
  ]

  private static func granted(
    _ name: String, _ fault: String, _ field: String, _ value: String?, breaks requirement: RequirementID,
    check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.response = { response, isGranted in
        if isGranted, response.value(of: field) != nil { response = response.with(field, value) }
      }
    }
  }

  private static func refused(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (UpgradeResponse) -> UpgradeResponse
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.response = { response, isGranted in if !isGranted { response = change(response) } }
    }
  }
}
