import GoldenVectors
import Specification
import StrictJSON

/// Answers to an upgrade request, as a client reads them.
enum HandshakeAnswerVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeParse, comment: "Answers that servers really gave.", tests: seen()),
      VectorGroup(.handshakeParse, comment: "Answers in every form that is allowed.", tests: forms()),
      VectorGroup(.handshakeParse, comment: "Answers that do not open a connection.", tests: faults() + fields()),
      VectorGroup(.handshakeParse, comment: "Extensions and subprotocols in answers.", tests: agreements()),
    ]
  }

  private static let kept: [RequirementID] = [
    "handshake.client.status", "handshake.client.upgrade", "handshake.client.connection", "handshake.client.accept",
    "handshake.client.syntax", "handshake.client.grammar", "handshake.answer.status", "handshake.answer.upgrade",
    "handshake.answer.connection",
    "handshake.accept",
  ]

  static func client(
    _ pieces: [Bytes], key: String = HandshakeMessages.key, extensions: String? = nil, protocols: [String]? = nil
  ) -> JSONValue {
    var object: JSONObject = [
      "side": "client", "pieces": HandshakeMessages.pieces(pieces), "key": .string(key),
    ]
    if let extensions { object["offeredExtensions"] = .string(extensions) }
    if let protocols { object["offeredProtocols"] = .array(protocols.map { .string($0) }) }
    return .object(object)
  }

  private static func seen() -> [VectorTest] {
    let plain: [(String, String, String, String)] = [
      ("go", "go-client-rpc.pcap", "SzjstlWnA+G6bC3fhPbvVw==", "dGlUeSZyAEqrQUz0G95q9I6dEQE="),
      ("go-async", "go-client-async.pcap", "acgWS+mIaKJTasxlVruQtw==", "ipHnqxm5n/nsLKjHPe2bsRce6aU="),
      ("js", "js-client.pcap", "0knGIWKsq2nv1huffFR2Ww==", "/y+CW7t5kk7RzJQxSWRqY7jrDoo="),
      ("rev-1_1", "rev-1.1.pcap", "9ChC0JTYYBwfz0PctvM3ug==", "+l9eEaKa89XzPVqeA/ZsfIqkIQY="),
    ]
    let python = HandshakeMessages.head(
      HandshakeMessages.statusLine,
      [
        "Date: Sun, 22 Nov 2026 10:12:53 GMT", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Accept: SestVAbD8mRcKnw8BCN5blDSHKs=", "Server: Python/3.11 websockets/17.4",
      ])
    let deflate = HandshakeMessages.head(
      HandshakeMessages.statusLine,
      [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: nETKfB/wte6w8vDf1e1BFzxPa/4=",
        "Sec-WebSocket-Extensions: \(HandshakeMessages.bothNoTakeover)",
      ])
    return plain.map { name, capture, key, accept in
      let bytes = HandshakeMessages.head(HandshakeMessages.statusLine, fields(accept: accept))
      return .valid(
        id: "handshake.parse.answer.seen-\(name)", comment: "As it stands in the capture.", requirements: kept,
        flags: ["real-capture"], capture: capture, input: client([bytes], key: key),
        output: HandshakeMessages.answer(consumed: bytes.count))
    } + [
      .valid(
        id: "handshake.parse.answer.seen-python", comment: "A server that also sends Date and Server.",
        requirements: kept + ["handshake.read.unknown"], flags: ["real-capture"], capture: "cpp-client.pcap",
        input: client([python], key: "ea7m5LGZTrJeZV2Rirp9zw=="),
        output: HandshakeMessages.answer(consumed: python.count)),
      .valid(
        id: "handshake.parse.answer.seen-deflate", comment: "The original's answer with compression.",
        requirements: kept + ["handshake.client.extension", "handshake.answer.extension"], flags: ["real-capture"],
        capture: "go-deflate-level0.pcap",
        input: client([deflate], key: "+iU24CySf2v1rHuP3bOMsA==", extensions: HandshakeMessages.bothNoTakeover),
        output: HandshakeMessages.answer(extensions: HandshakeMessages.bothNoTakeover, consumed: deflate.count)),
    ]
  }

  private static func fields(accept: String) -> [String] {
    HandshakeMessages.fields(
      HandshakeMessages.answerFields, replacing: "Sec-WebSocket-Accept", by: ["Sec-WebSocket-Accept: \(accept)"])
  }

  private static func good(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [],
    line: String = HandshakeMessages.statusLine, _ fields: [String] = HandshakeMessages.answerFields,
    key: String = HandshakeMessages.key
  ) -> VectorTest {
    let bytes = HandshakeMessages.head(line, fields)
    return .valid(
      id: "handshake.parse.answer.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: client([bytes], key: key), output: HandshakeMessages.answer(consumed: bytes.count))
  }

  private static func forms() -> [VectorTest] {
    let accept = HandshakeMessages.answerFields[2]
    let tests = [
      good("plain", "The fields that the original sends.", kept),
      good("empty-reason", "An empty reason.", ["handshake.client.syntax"], line: "HTTP/1.1 101 "),
      good("other-reason", "The reason means nothing.", ["handshake.client.status"], line: "HTTP/1.1 101 Not Found"),
      good(
        "version-1_2", "A later minor version.", ["handshake.client.syntax"], line: "HTTP/1.2 101 Switching Protocols"),
      good(
        "case", "Names and tokens in other cases.", ["handshake.read.case"], flags: ["case"],
        ["UPGRADE: WebSocket", "connection: upgrade", "SEC-websocket-ACCEPT: \(HandshakeMessages.accept)"]),
      good(
        "connection-list", "The token is one of two.", ["handshake.read.list", "handshake.client.connection"],
        flags: ["list"], ["Upgrade: websocket", "Connection: keep-alive, Upgrade", accept]),
      good(
        "connection-two-fields", "The token is in the second of two fields.", ["handshake.read.list"],
        flags: ["list", "several-fields"],
        ["Upgrade: websocket", "Connection: keep-alive", "Connection: Upgrade", accept]),
      good(
        "negotiated-fields", "Fields of a negotiation that a client may ignore.", ["handshake.read.unknown"],
        HandshakeMessages.answerFields + ["X-Ws-Version: 3", "X-Ws-Charset: 1"]),
    ]
    return tests
      + HandshakeMessages.otherKeys.map { name, key, accept in
        good(
          "accept-\(name)", "The accept value of another key.", ["handshake.accept", "handshake.client.accept"],
          fields(accept: accept), key: key)
      } + pieces()
  }

  private static func pieces() -> [VectorTest] {
    let bytes = HandshakeMessages.head(HandshakeMessages.statusLine, HandshakeMessages.answerFields)
    let frame: Bytes = [0x82, 0x0E, 0xFE, 0xEF, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
    let output = HandshakeMessages.answer(consumed: bytes.count)
    let cases: [(String, String, [RequirementID], [String], [Bytes])] = [
      ("byte-by-byte", "Every byte is a piece.", ["handshake.read.pieces"], ["cut"], bytes.eachByte),
      ("cut-in-accept", "Cut inside the accept value.", ["handshake.read.pieces"], ["cut"], bytes.cut(at: 110)),
      (
        "cut-in-empty-line", "Cut between CR and LF of the empty line.", ["handshake.read.pieces"], ["cut"],
        bytes.cut(at: bytes.count - 1)
      ),
      (
        "frame-behind", "A frame arrives in the same segment.", ["handshake.early.server", "handshake.read.pieces"],
        ["bytes-behind"], [bytes + frame]
      ),
      (
        "half-frame-behind", "The beginning of a frame arrives with the end of the answer.",
        ["handshake.early.server", "handshake.read.pieces"], ["bytes-behind", "cut"],
        [bytes.prefix(50), bytes.dropFirst(50) + frame.prefix(3), frame.dropFirst(3)]
      ),
    ]
    return cases.map { name, comment, requirements, flags, pieces in
      .valid(
        id: "handshake.parse.answer.\(name)", comment: comment, requirements: requirements, flags: flags,
        input: client(pieces), output: output)
    }
  }

  private static func refused(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String], _ bytes: Bytes,
    error: String, offset: Int? = nil
  ) -> VectorTest {
    .invalid(
      id: "handshake.parse.answer.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: client([bytes]), error: error, offset: offset)
  }

  private static func faults() -> [VectorTest] {
    let odd: [(String, String)] = [
      ("version-1_0", "HTTP/1.0 101 Switching Protocols"), ("version-2", "HTTP/2 101"),
      ("two-spaces", "HTTP/1.1  101 OK"), ("lowercase", "http/1.1 101 Switching Protocols"),
    ]
    let lines: [(String, String)] = [
      ("two-digits", "HTTP/1.1 10 OK"), ("four-digits", "HTTP/1.1 1010 OK"), ("sign", "HTTP/1.1 +11 OK"),
      ("hexadecimal", "HTTP/1.1 0x65 OK"), ("no-status", "HTTP/1.1"), ("no-version", "101 Switching Protocols"),
      ("a-request", "GET /join HTTP/1.1"),
    ]
    let statuses = [
      "200 OK", "204 No Content", "301 Moved Permanently", "302 Found", "400 Bad Request",
      "401 Unauthorized", "403 Forbidden", "404 Not Found", "406 Not Acceptable", "426 Upgrade Required",
      "500 Internal Server Error", "503 Service Unavailable",
    ]
    func line(_ name: String, _ line: String, _ requirement: RequirementID) -> VectorTest {
      refused(
        "line-\(name)", "The first line is: \(line)", [requirement], flags: ["malformed"],
        HandshakeMessages.head(line, HandshakeMessages.answerFields), error: "bad-status-line")
    }
    return lines.map { line($0, $1, "handshake.client.syntax") }
      + odd.map { line($0, $1, "handshake.client.grammar") } + [withoutReason()]
      + statuses.map { status in
        refused(
          "status-\(status.prefix(3))", "The status \(status), with everything else as it has to be.",
          ["handshake.client.status", "handshake.answer.status"], flags: ["refusal"],
          HandshakeMessages.head("HTTP/1.1 \(status)", HandshakeMessages.answerFields), error: "refused")
      } + [refusalWithBody()] + lineFaults()
  }

  /// RFC 9112 section 4 has the space stand before a reason that is left out; many leave it out as well.
  private static func withoutReason() -> VectorTest {
    let bytes = HandshakeMessages.head("HTTP/1.1 101", HandshakeMessages.answerFields)
    return .acceptable(
      id: "handshake.parse.answer.no-reason", comment: "A status line without a reason and the space before it.",
      requirements: ["handshake.client.grammar"], flags: ["malformed"], input: client([bytes]),
      output: HandshakeMessages.answer(consumed: bytes.count), alternatives: [.pass(error: "bad-status-line")])
  }

  private static func refusalWithBody() -> VectorTest {
    let head = HandshakeMessages.head(
      "HTTP/1.1 400 Bad Request",
      ["Content-Type: text/plain; charset=utf-8", "Sec-Websocket-Version: 13", "Content-Length: 12"])
    return refused(
      "refusal-with-body", "A refusal in the original's manner.", ["handshake.client.status"], flags: ["refusal"],
      head + .ascii("Bad Request\n"), error: "refused")
  }

  private static func lineFaults() -> [VectorTest] {
    let fields = HandshakeMessages.answerFields
    let line = HandshakeMessages.statusLine
    let whole = HandshakeMessages.head(line, fields)
    let lines: [(String, String)] = [
      ("no-colon", "X-Note"), ("space-before-colon", "X-Note : a"), ("no-name", ": a"), ("control", "X-Note: \u{2}"),
      ("separator-in-name", "X[]: a"),
    ]
    let start = line.utf8.count + 2
    let room = 16_384 - whole.count - "X: \r\n".utf8.count
    let large = HandshakeMessages.head(line, fields + ["X: " + String(repeating: "x", count: room + 1)])
    let folded = HandshakeMessages.head(line, fields + ["X-Note: a", " b"])
    return lines.map { name, bad in
      refused(
        "field-\(name)", "A line that is no field comes first.", ["handshake.client.grammar"],
        flags: ["malformed", "bad-field"], HandshakeMessages.head(line, [bad] + fields), error: "bad-header",
        offset: start)
    }
      + [0, 12, 60, whole.count - 1].map { cut in
        refused(
          "cut-off-at-\(cut)", "The bytes end after \(cut).", ["handshake.client.syntax"], flags: ["cut-off"],
          whole.prefix(cut), error: "incomplete")
      } + [
        .acceptable(
          id: "handshake.parse.answer.limit-exceeded", comment: "A header of 16385 bytes.",
          requirements: ["handshake.read.limit"], flags: ["limit"], input: client([large]), error: "headers-too-large",
          alternatives: [.nonStrict(output: HandshakeMessages.answer(consumed: 16_385))]),
        .acceptable(
          id: "handshake.parse.answer.folded", comment: "A field that goes on in the next line.",
          requirements: ["handshake.read.fold"], flags: ["fold"], input: client([folded]), error: "bad-header",
          offset: HandshakeMessages.offset(of: " b", in: folded),
          alternatives: [.nonStrict(output: HandshakeMessages.answer(consumed: folded.count))]),
      ]
  }

  private static func fields() -> [VectorTest] {
    let upgrade: [RequirementID] = ["handshake.client.upgrade", "handshake.answer.upgrade"]
    let connection: [RequirementID] = ["handshake.client.connection", "handshake.answer.connection"]
    let accept: [RequirementID] = ["handshake.client.accept", "handshake.accept"]
    let cases: [(String, [RequirementID], String, String, [String])] = [
      ("no-upgrade", upgrade, "missing-upgrade", "Upgrade", []),
      ("upgrade-other", upgrade, "missing-upgrade", "Upgrade", ["Upgrade: h2c"]),
      ("upgrade-prefix", upgrade, "missing-upgrade", "Upgrade", ["Upgrade: websocket2"]),
      ("no-connection", connection, "missing-connection", "Connection", []),
      ("connection-other", connection, "missing-connection", "Connection", ["Connection: keep-alive"]),
      ("connection-prefix", connection, "missing-connection", "Connection", ["Connection: Upgraded"]),
      ("no-accept", accept, "missing-accept", "Sec-WebSocket-Accept", []),
      (
        "accept-of-another-key", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI="]
      ),
      (
        "accept-is-the-key", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ=="]
      ),
      (
        "accept-other-case", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO="]
      ),
      ("accept-empty", accept, "wrong-accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept:"]),
      (
        "accept-unpadded", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo"]
      ),
      (
        "accept-hexadecimal", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: b37a4f2cc0624f1690f64606cf385945b2bec4ea"]
      ),
      (
        "accept-one-bit", accept, "wrong-accept", "Sec-WebSocket-Accept",
        ["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOs="]
      ),
      (
        "accept-two-different", accept, "wrong-accept", "Sec-WebSocket-Accept",
        [HandshakeMessages.answerFields[2], "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI="]
      ),
    ]
    return cases.map { name, requirements, code, field, replacement in
      let fields = HandshakeMessages.fields(HandshakeMessages.answerFields, replacing: field, by: replacement)
      return refused(
        name, replacement.isEmpty ? "\(field) is missing." : "In its place: \(replacement.joined(separator: " | "))",
        requirements, flags: [replacement.isEmpty ? "missing-field" : "wrong-field"],
        HandshakeMessages.head(HandshakeMessages.statusLine, fields), error: code)
    }
  }

  /// One answer to an offer.
  private struct Agreement {
    let name: String
    let requirements: [RequirementID]
    var offeredExtensions: String?
    var offeredProtocols: [String]?
    let fields: [String]
    var error: String?
    var extensions: String?
    var selected: String?
  }

  private static func agreements() -> [VectorTest] {
    (extensionAgreements + protocolAgreements).map { agreement in
      let bytes = HandshakeMessages.head(
        HandshakeMessages.statusLine, HandshakeMessages.answerFields + agreement.fields)
      let input = client(
        [bytes], extensions: agreement.offeredExtensions, protocols: agreement.offeredProtocols)
      let id = "handshake.parse.answer.\(agreement.name)"
      let comment = "The answer has: \(agreement.fields.joined(separator: " | "))"
      guard let error = agreement.error else {
        return .valid(
          id: id, comment: comment, requirements: agreement.requirements, flags: ["agreement"], input: input,
          output: HandshakeMessages.answer(
            extensions: agreement.extensions, selected: agreement.selected, consumed: bytes.count))
      }
      return .invalid(
        id: id, comment: comment, requirements: agreement.requirements, flags: ["agreement"], input: input,
        error: error)
    }
  }

  private static let extensionRules: [RequirementID] = ["handshake.client.extension", "handshake.answer.extension"]

  private static func answered(
    _ name: String, offer: String?, _ answer: String, error: String? = nil
  ) -> Agreement {
    Agreement(
      name: "extension-\(name)", requirements: extensionRules, offeredExtensions: offer,
      fields: ["Sec-WebSocket-Extensions: \(answer)"], error: error, extensions: error == nil ? answer : nil)
  }

  private static var extensionAgreements: [Agreement] {
    let plain = "permessage-deflate"
    return [
      answered("plain", offer: plain, plain),
      answered("server-adds", offer: plain, "permessage-deflate; server_no_context_takeover"),
      answered(
        "client-window", offer: "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=10"),
      answered("not-offered", offer: nil, plain, error: "unoffered-extension"),
      answered("offer-empty", offer: "", plain, error: "unoffered-extension"),
      answered("other", offer: plain, "x-webkit-deflate-frame", error: "unoffered-extension"),
      answered("second-other", offer: plain, "permessage-deflate, x-other", error: "unoffered-extension"),
      answered("twice", offer: plain, "permessage-deflate, permessage-deflate", error: "bad-extension"),
      answered("unknown-parameter", offer: plain, "permessage-deflate; level=9", error: "bad-extension"),
      answered("bad-value", offer: plain, "permessage-deflate; server_max_window_bits=7", error: "bad-extension"),
      answered(
        "unoffered-window", offer: plain, "permessage-deflate; client_max_window_bits=10", error: "bad-extension"),
      answered(
        "missing-parameter", offer: HandshakeMessages.bothNoTakeover, plain, error: "bad-extension"),
      answered("bad-grammar", offer: plain, "permessage-deflate;", error: "bad-extension"),
      Agreement(
        name: "extension-two-fields", requirements: extensionRules + ["handshake.read.list"], offeredExtensions: plain,
        fields: ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Extensions: permessage-deflate"],
        error: "bad-extension"),
      Agreement(
        name: "extension-declined", requirements: extensionRules, offeredExtensions: plain, fields: []),
    ]
  }

  private static let protocolRules: [RequirementID] = ["handshake.client.protocol", "handshake.answer.protocol"]

  private static func selected(
    _ name: String, offer: [String]?, _ fields: [String], selected: String? = nil
  ) -> Agreement {
    Agreement(
      name: "protocol-\(name)", requirements: protocolRules, offeredProtocols: offer,
      fields: fields.map { "Sec-WebSocket-Protocol: \($0)" },
      error: selected == nil && !fields.isEmpty ? "unoffered-protocol" : nil, selected: selected)
  }

  private static var protocolAgreements: [Agreement] {
    let offer = ["ws.v3.c1", "ws.v2.c0"]
    return [
      selected("first", offer: offer, ["ws.v3.c1"], selected: "ws.v3.c1"),
      selected("second", offer: offer, ["ws.v2.c0"], selected: "ws.v2.c0"),
      selected("none", offer: offer, []),
      selected("other", offer: offer, ["ws.v1.c0"]),
      selected("not-offered", offer: nil, ["ws.v3.c1"]),
      selected("other-case", offer: offer, ["WS.V3.C1"]),
      selected("list", offer: offer, ["ws.v3.c1, ws.v2.c0"]),
      selected("two-fields", offer: offer, ["ws.v3.c1", "ws.v2.c0"]),
      selected("same-twice", offer: offer, ["ws.v3.c1", "ws.v3.c1"]),
      selected("empty", offer: offer, [""]),
    ]
  }
}
