import GoldenVectors
import Specification
import StrictJSON

/// What a server answers, by what it was told to serve.
enum HandshakeRespondVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeRespond, comment: "Requests that are granted.", tests: granted()),
      VectorGroup(.handshakeRespond, comment: "Requests that are refused whatever is served.", tests: refused()),
      VectorGroup(.handshakeRespond, comment: "Requests that this server does not serve.", tests: unserved()),
      VectorGroup(.handshakeRespond, comment: "Versions and charsets, decided before the answer.", tests: negotiated()),
      VectorGroup(
        .handshakeRespond, comment: "Several reasons to refuse: the first by the order counts.", tests: order()),
    ]
  }

  private static let everything: JSONObject = [
    "path": "/join", "versions": ["min": 2, "max": 5], "charsets": [0, 1], "origins": ["https://good.example"],
    "compression": true,
  ]

  private static func request(
    _ target: String = "/join?uid=100", _ more: [String] = [], fields: [String] = HandshakeMessages.requestFields
  ) -> Bytes {
    HandshakeMessages.head("GET \(target) HTTP/1.1", fields + more)
  }

  private static func input(_ request: Bytes, _ config: JSONObject) -> JSONValue {
    ["request": request.json, "config": .object(config)]
  }

  private static func output(_ status: Int64, _ headers: JSONObject, reject: String?) -> JSONValue {
    ["status": .int(status), "headers": .object(headers), "reject": .text(reject)]
  }

  private static func good(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [], _ request: Bytes,
    _ config: JSONObject = [:], accept: String = HandshakeMessages.accept, _ more: JSONObject = [:]
  ) -> VectorTest {
    .valid(
      id: "handshake.respond.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: input(request, config), output: HandshakeMessages.granted(accept: accept, more))
  }

  private static func bad(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = ["refusal"],
    _ request: Bytes, _ config: JSONObject = [:], status: Int64, _ headers: JSONObject = [:], reject: String
  ) -> VectorTest {
    .invalid(
      id: "handshake.respond.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: input(request, config), output: output(status, headers, reject: reject))
  }

  /// A refusal of another version of the WebSocket protocol: 400 will do as well, if it names the right one.
  private static func badVersion(_ name: String, _ request: Bytes, reject: String) -> VectorTest {
    .acceptable(
      id: "handshake.respond.websocket-version-\(name)", comment: "The server names the version that it speaks.",
      requirements: versionRules, flags: ["refusal", "fixed-status"], input: input(request, [:]),
      output: output(426, ["sec-websocket-version": "13", "upgrade": "websocket"], reject: reject),
      alternatives: [.nonStrict(output: output(400, ["sec-websocket-version": "13"], reject: reject))])
  }

  private static let versionRules: [RequirementID] = [
    "handshake.refuse.version.field", "handshake.refuse.version.status",
  ]

  private static func granted() -> [VectorTest] {
    let answer: [RequirementID] = [
      "handshake.answer.status", "handshake.answer.upgrade", "handshake.answer.connection", "handshake.accept",
    ]
    let offers: [(String, String, String)] = [
      ("plain", "permessage-deflate", "permessage-deflate"),
      ("original", HandshakeMessages.bothNoTakeover, HandshakeMessages.bothNoTakeover),
      ("browser", "permessage-deflate; client_max_window_bits", "permessage-deflate"),
      (
        "window", "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=10"
      ),
      ("second", "x-other, permessage-deflate", "permessage-deflate"),
    ]
    let tests = [
      good("plain", "Nothing is asked for and nothing negotiated.", answer + ["negotiation.declare"], request()),
      good(
        "any-path", "Without a path every path is served.", ["handshake.refuse.path", "handshake.answer.status"],
        request("/other/place?uid=1")),
      good(
        "path-with-query", "The query is no part of the path.", ["handshake.read.target", "handshake.refuse.path"],
        request("/join?path=/other"), ["path": "/join"]),
      good(
        "any-origin", "Without a list every origin is let in.", ["origin.any"],
        request("/join", ["Origin: https://evil.example"])),
      good(
        "origin-in-list", "An origin that is in the list.", ["origin.list"],
        request("/join", ["Origin: https://good.example"]),
        ["origins": ["https://other.example", "https://good.example"]]),
      good(
        "no-origin", "Programs send no Origin.", ["origin.absent"], request(), ["origins": ["https://good.example"]]),
      good(
        "declared-version", "Any version and charset are only kept.", ["negotiation.declare"],
        request("/join?version=-7&charset=99")),
      good(
        "declared-garbage", "What is no number is no reason to refuse.", ["negotiation.declare"],
        request("/join?version=x&charset=")),
      good(
        "declared-protocol", "Subprotocols are offered, and none is selected.",
        ["negotiation.protocol.declare", "handshake.answer.protocol"],
        request("/join", ["Sec-WebSocket-Protocol: ws.v3.c1"])),
      good(
        "compression-off", "Compression is offered and not wanted.", ["handshake.answer.extension"],
        request("/join", ["Sec-WebSocket-Extensions: permessage-deflate"]), ["compression": false]),
      good(
        "compression-not-offered", "Compression is wanted and not offered.", ["handshake.answer.extension"], request(),
        ["compression": true]),
      good(
        "other-extension", "Only an extension that is not known is offered.",
        ["handshake.answer.extension", "handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: x-other; a=1"]), ["compression": true]),
      good(
        "faulty-offer", "An offer with an unknown parameter is declined, and the connection is opened.",
        ["handshake.answer.extension", "handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: permessage-deflate; level=9"]), ["compression": true]),
      good(
        "bytes-behind", "What follows the request does not matter to the answer.", ["handshake.read.pieces"],
        flags: ["bytes-behind"], request() + [0x82, 0x80, 1, 2, 3, 4]),
    ]
    return tests
      + HandshakeMessages.otherKeys.map { name, key, accept in
        good(
          "accept-\(name)", "The accept value of another key.", ["handshake.accept"],
          request(
            fields: HandshakeMessages.fields(
              HandshakeMessages.requestFields, replacing: "Sec-WebSocket-Key", by: ["Sec-WebSocket-Key: \(key)"])),
          accept: accept)
      }
      + offers.map { name, offer, answer in
        good(
          "compression-\(name)", "The offer: \(offer)", ["handshake.answer.extension"],
          request("/join", ["Sec-WebSocket-Extensions: \(offer)"]), ["compression": true],
          ["sec-websocket-extensions": .string(answer)])
      }
  }

  private static func refused() -> [VectorTest] {
    func without(_ name: String, _ replacement: [String] = []) -> Bytes {
      request(fields: HandshakeMessages.fields(HandshakeMessages.requestFields, replacing: name, by: replacement))
    }
    let bad400: [(String, [RequirementID], Bytes, String)] = [
      ("no-host", ["handshake.refuse.host"], without("Host"), "missing-host"),
      ("no-upgrade", ["handshake.refuse.upgrade"], without("Upgrade"), "missing-upgrade"),
      ("no-connection", ["handshake.refuse.connection"], without("Connection"), "missing-connection"),
      ("no-key", ["handshake.refuse.key"], without("Sec-WebSocket-Key"), "missing-key"),
      ("bad-key", ["handshake.refuse.key"], without("Sec-WebSocket-Key", ["Sec-WebSocket-Key: AAAA"]), "bad-key"),
      ("bad-header", ["handshake.refuse.header"], request("/join", ["no colon"]), "bad-header"),
      (
        "bad-extensions-semicolon", ["handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: permessage-deflate;"]), "bad-grammar"
      ),
      (
        "bad-extensions-no-name", ["handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: ; a=1"]), "bad-grammar"
      ),
      (
        "bad-extensions-two-words", ["handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: permessage deflate"]), "bad-grammar"
      ),
      (
        "bad-extensions-open-quote", ["handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: x; a=\"b"]), "bad-grammar"
      ),
      (
        "bad-extensions-second-field", ["handshake.refuse.extensions"],
        request("/join", ["Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: y;=1"]), "bad-grammar"
      ),
    ]
    let versions: [(String, [String])] = [
      ("missing", []), ("8", ["Sec-WebSocket-Version: 8"]), ("99", ["Sec-WebSocket-Version: 99"]),
      ("list", ["Sec-WebSocket-Version: 13, 8"]),
    ]
    let post = HandshakeMessages.head("POST /join HTTP/1.1", HandshakeMessages.requestFields)
    let old = HandshakeMessages.head("GET /join HTTP/1.0", HandshakeMessages.requestFields)
    let large = request("/join", ["X: " + String(repeating: "x", count: 16_384)])
    return bad400.map { name, requirements, request, code in
      bad(
        name, "Refused with 400: \(code).", requirements, flags: ["refusal", "malformed"], request, status: 400,
        reject: code)
    }
      + versions.map { name, replacement in
        badVersion(
          name, without("Sec-WebSocket-Version", replacement),
          reject: replacement.isEmpty ? "missing-version" : "unsupported-version")
      } + [
        good("websocket-version-13", "The version that everyone speaks.", versionRules, request()),
        bad(
          "post", "Another method than GET.", ["handshake.refuse.method", "handshake.refuse.method.status"], post,
          status: 405, ["allow": "GET"],
          reject: "not-get"),
        bad(
          "http-1_0", "An old version of HTTP.", ["handshake.refuse.http-version"], old, status: 505,
          reject: "bad-http-version"),
        bad(
          "large", "A header beyond the limit.", ["handshake.read.limit"], flags: ["refusal", "limit"], large,
          status: 431, reject: "headers-too-large"),
        bad(
          "half", "A request that does not end.", ["handshake.read.pieces"], flags: ["refusal", "cut-off"],
          request().dropLast(2), status: 400, reject: "incomplete"),
      ]
  }

  private static func unserved() -> [VectorTest] {
    let paths: [(String, String)] = [
      ("other", "/other"), ("longer", "/join/"), ("shorter", "/joi"), ("other-case", "/Join"), ("escaped", "/%6Aoin"),
      ("root", "/?/join"),
    ]
    let origins: [(String, String)] = [
      ("other", "https://evil.example"), ("scheme", "http://good.example"), ("port", "https://good.example:8443"),
      ("suffix", "https://good.example.evil.example"), ("prefix", "https://good.exampl"), ("null", "null"),
    ]
    return paths.map { name, path in
      bad(
        "path-\(name)", "The target \(path), where /join is served.", ["handshake.refuse.path"], request(path),
        ["path": "/join"], status: 404, reject: "unknown-path")
    }
      + origins.map { name, origin in
        bad(
          "origin-\(name)", "The origin \(origin), where https://good.example is let in.", ["origin.list"],
          flags: ["refusal", "origin", "fixed-status"], request("/join", ["Origin: \(origin)"]),
          ["origins": ["https://good.example"]], status: 403, reject: "origin-not-allowed")
      } + [
        bad(
          "origin-empty-list", "A list of no origins lets none in.", ["origin.list"],
          flags: ["refusal", "origin", "fixed-status"],
          request("/join", ["Origin: https://good.example"]), ["origins": []], status: 403,
          reject: "origin-not-allowed")
      ]
  }

  private static func selected(
    _ name: String, _ requirements: [RequirementID], _ request: Bytes, config: JSONObject = everything,
    version: String, charset: String, selected: String? = nil
  ) -> VectorTest {
    var more: JSONObject = ["x-ws-version": .string(version), "x-ws-charset": .string(charset)]
    if let selected { more["sec-websocket-protocol"] = .string(selected) }
    return good(
      "negotiated-\(name)", "Version \(version), charset \(charset).",
      requirements + ["negotiation.before-accept"], flags: ["negotiated"], request, config, more)
  }

  private static func negotiated() -> [VectorTest] {
    let named: [RequirementID] = ["negotiation.response.version", "negotiation.response.charset"]
    let upgrade: JSONObject = ["upgrade": "websocket"]
    let versionsOnly: JSONObject = ["versions": ["min": 2, "max": 5]]
    let charsetsOnly: JSONObject = ["charsets": [1]]
    let refusals: [(String, [RequirementID], Bytes, Int64, JSONObject, String)] = [
      (
        "version-too-low", ["negotiation.version.minimum", "negotiation.version.upgrade"], request("/join?version=1"),
        426, upgrade, "version-too-low"
      ),
      (
        "version-negative", ["negotiation.version.minimum", "negotiation.version.upgrade"],
        request("/join?version=-2"), 426, upgrade, "version-too-low"
      ),
      (
        "charset-unsupported", ["negotiation.charset.unsupported"], request("/join?version=3&charset=2"), 406, [:],
        "charset-unsupported"
      ),
      ("version-broken", ["negotiation.parameter.invalid"], request("/join?version=3a"), 400, [:], "bad-parameter"),
      ("charset-broken", ["negotiation.parameter.invalid"], request("/join?charset=gbk"), 400, [:], "bad-parameter"),
      (
        "protocol-none", ["negotiation.protocol.none"],
        request("/join?version=3", ["Sec-WebSocket-Protocol: chat, ws.v9.c0"]), 406, [:], "no-protocol"
      ),
    ]
    return [
      selected("nothing-said", named + ["negotiation.version.missing"], request(), version: "2", charset: "0"),
      selected(
        "query", named + ["negotiation.version.select", "negotiation.charset.select", "negotiation.version.upgrade"],
        request("/join?version=4&charset=1"), version: "4", charset: "1"),
      selected(
        "newer-client", named + ["negotiation.version.select", "negotiation.version.minimum"],
        request("/join?version=9"), version: "5", charset: "0"),
      selected(
        "protocol", named + ["negotiation.protocol.select", "handshake.answer.protocol"],
        request("/join", ["Sec-WebSocket-Protocol: ws.v9.c0, ws.v3.c1, ws.v2.c0"]), version: "3", charset: "1",
        selected: "ws.v3.c1"),
      selected(
        "protocol-over-query", ["negotiation.protocol.precedence"],
        request("/join?version=x&charset=7", ["Sec-WebSocket-Protocol: ws.v2.c0"]), version: "2", charset: "0",
        selected: "ws.v2.c0"),
      selected(
        "protocol-two-fields", ["negotiation.protocol.select", "handshake.read.list"],
        request("/join", ["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: ws.v5.c1"]), version: "5",
        charset: "1", selected: "ws.v5.c1"),
      selected(
        "protocol-field-empty", ["negotiation.version.select"],
        request("/join?version=3", ["Sec-WebSocket-Protocol:"]), version: "3", charset: "0"),
      selected(
        "versions-only", ["negotiation.partial"], request("/join?version=3&charset=77"), config: versionsOnly,
        version: "3", charset: "77"),
      selected(
        "charsets-only", ["negotiation.partial"], request("/join?version=-4&charset=1"), config: charsetsOnly,
        version: "-4", charset: "1"),
      selected(
        "with-compression", ["handshake.answer.extension"],
        request("/join?version=3", ["Sec-WebSocket-Extensions: x-other"]), version: "3", charset: "0"),
    ]
      + refusals.map { name, requirements, request, status, headers, code in
        bad(
          "negotiation-\(name)", "Refused with \(status) before any 101.",
          requirements + ["negotiation.before-accept"], flags: ["refusal", "negotiated", "fixed-status"], request,
          everything,
          status: status, headers, reject: code)
      }
  }

  private static func order() -> [VectorTest] {
    let evil = "Origin: https://evil.example"
    let grammar = "Sec-WebSocket-Extensions: ;"
    let cases: [(String, [RequirementID], String, [String], Int64, String)] = [
      ("origin-before-extensions", ["origin.list"], "/join?version=1", [evil, grammar], 403, "origin-not-allowed"),
      (
        "extensions-before-negotiation", ["handshake.refuse.extensions"], "/join?version=1", [grammar], 400,
        "bad-grammar"
      ),
      (
        "parameter-before-version", ["negotiation.parameter.invalid"], "/join?version=1&charset=x", [], 400,
        "bad-parameter"
      ),
      (
        "version-before-charset", ["negotiation.version.minimum", "negotiation.version.upgrade"],
        "/join?version=1&charset=9", [], 426, "version-too-low"
      ),
    ]
    let parse = request("/other", [evil, "no colon"])
    return cases.map { name, requirements, target, fields, status, code in
      bad(
        "order-\(name)", "What comes later is wrong too.", requirements,
        flags: ["refusal", "precedence"] + (code == "bad-grammar" ? [] : ["fixed-status"]),
        request(target, fields), everything, status: status, status == 426 ? ["upgrade": "websocket"] : [:],
        reject: code)
    } + [
      bad(
        "order-parse-first", "A request that cannot be read has no path and no origin.", ["handshake.refuse.header"],
        flags: ["refusal", "precedence"], parse, everything, status: 400, reject: "bad-header"),
      bad(
        "order-path-before-origin", "Neither path nor origin are served.", ["handshake.refuse.path"],
        flags: ["refusal", "precedence"], request("/other", [evil]), everything, status: 404, reject: "unknown-path"),
    ]
  }
}
