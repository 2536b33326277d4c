import GoldenVectors
import Specification
import StrictJSON

/// Upgrade requests that a server has to take.
enum HandshakeRequestVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeParse, comment: "Requests that programs of the original sent.", tests: seen()),
      VectorGroup(.handshakeParse, comment: "Requests in every form that is allowed.", tests: forms()),
      VectorGroup(.handshakeParse, comment: "Requests that arrive in pieces.", tests: pieces()),
    ]
  }

  /// What every good request shows.
  private static let kept: [RequirementID] = [
    "handshake.request.get", "handshake.request.host", "handshake.request.upgrade", "handshake.request.connection",
    "handshake.request.version", "handshake.request.key", "handshake.refuse.request-line", "handshake.refuse.header",
    "handshake.refuse.header.space", "handshake.refuse.method", "handshake.refuse.http-version",
    "handshake.refuse.host", "handshake.refuse.upgrade",
    "handshake.refuse.connection", "handshake.refuse.version", "handshake.refuse.key",
  ]

  private static func seen() -> [VectorTest] {
    let goFields = ["Host: 127.0.0.1:8003", "User-Agent: Go-http-client/1.1", "Connection: Upgrade"]
    let goEnd = ["Sec-WebSocket-Version: 13", "Upgrade: websocket"]
    let nodeFields = ["Connection: Upgrade", "Upgrade: websocket"]
    return [
      seen(
        "go", "go-client-rpc.pcap", "uid=100", goFields + ["Sec-WebSocket-Key: SzjstlWnA+G6bC3fhPbvVw=="] + goEnd,
        key: "SzjstlWnA+G6bC3fhPbvVw=="),
      seen(
        "go-deflate", "displacement-deflate.pcap", "uid=100&typed=2",
        goFields + ["Sec-WebSocket-Extensions: \(HandshakeMessages.bothNoTakeover)"]
          + ["Sec-WebSocket-Key: 4RQblLRyA7YoB3ewGV62hg=="] + goEnd,
        key: "4RQblLRyA7YoB3ewGV62hg==", extensions: HandshakeMessages.bothNoTakeover),
      seen(
        "go-gbk", "gbk.pcap", "uid=%E5%BC%A0%E4%B8%89&typed=1&deviceId=d-1&source=app&version=1&charset=1",
        goFields + ["Sec-WebSocket-Key: Pch4eVEBx7eS5ZRMBjOPqA=="] + goEnd, key: "Pch4eVEBx7eS5ZRMBjOPqA=="),
      seen(
        "js", "js-client.pcap", "uid=x10000",
        ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: 0knGIWKsq2nv1huffFR2Ww=="] + nodeFields
          + ["Host: 127.0.0.1:8003"],
        key: "0knGIWKsq2nv1huffFR2Ww=="),
      seen(
        "js-native", "js-client-native.pcap", "uid=x10000",
        [
          "host: 127.0.0.1:8003", "connection: upgrade", "upgrade: websocket",
          "sec-websocket-key: nOaPCs1GoTeyMYFG8KxE3Q==", "sec-websocket-version: 13",
          "sec-websocket-extensions: permessage-deflate; client_max_window_bits", "accept: */*", "accept-language: *",
          "sec-fetch-mode: websocket", "user-agent: node", "pragma: no-cache", "cache-control: no-cache",
          "accept-encoding: gzip, deflate",
        ], key: "nOaPCs1GoTeyMYFG8KxE3Q==", extensions: "permessage-deflate; client_max_window_bits"),
      seen(
        "ts-deflate", "ts-client-deflate.pcap", "uid=x10000",
        ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: IpnzaJW+BS/botAKpvL0xQ=="] + nodeFields
          + [
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Host: 127.0.0.1:8003",
          ], key: "IpnzaJW+BS/botAKpvL0xQ==", extensions: "permessage-deflate; client_max_window_bits"),
      seen(
        "cpp", "cpp-client.pcap", "",
        [
          "Host: 127.0.0.1:38471", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Key: ea7m5LGZTrJeZV2Rirp9zw==", "Sec-WebSocket-Version: 13",
        ], path: "/echo", host: "127.0.0.1:38471", key: "ea7m5LGZTrJeZV2Rirp9zw=="),
    ]
  }

  private static func seen(
    _ name: String, _ capture: String, _ query: String, _ fields: [String], path: String = "/join",
    host: String = HandshakeMessages.host, key: String, extensions: String? = nil
  ) -> VectorTest {
    let bytes = HandshakeMessages.head("GET \(path)\(query.isEmpty ? "" : "?" + query) HTTP/1.1", fields)
    return .valid(
      id: "handshake.parse.request.seen-\(name)", comment: "As it stands in the capture.",
      requirements: kept + ["handshake.read.unknown", "handshake.read.case"], flags: ["real-capture"],
      capture: capture, input: HandshakeMessages.server([bytes]),
      output: HandshakeMessages.request(
        path: path, query: query, host: host, key: key, extensions: extensions, consumed: bytes.count))
  }

  private static func forms() -> [VectorTest] {
    [
      form("plain", "The shortest request.", kept),
      form(
        "version-1_2", "A later minor version.", ["handshake.refuse.http-version"], line: "GET /join?uid=100 HTTP/1.2"),
      form(
        "version-1_9", "The last minor version.", ["handshake.refuse.http-version"], line: "GET /join?uid=100 HTTP/1.9"),
      form(
        "no-query", "A target without a query.", ["handshake.read.target", "handshake.refuse.request-line"],
        line: "GET /join HTTP/1.1",
        query: ""),
      form(
        "empty-query", "A query of no bytes.", ["handshake.read.target", "handshake.refuse.request-line"],
        line: "GET /join? HTTP/1.1", query: ""
      ),
      form(
        "two-question-marks", "The first question mark begins the query.",
        ["handshake.read.target", "handshake.refuse.request-line"],
        line: "GET /join?a=?b HTTP/1.1", query: "a=?b"),
      form(
        "root", "The shortest target.", ["handshake.read.target", "handshake.refuse.request-line"],
        line: "GET / HTTP/1.1", path: "/", query: ""),
      form(
        "escaped-path", "Escapes in the path stay.", ["handshake.read.target", "handshake.refuse.request-line"],
        line: "GET /a%20b/%E4%BD%A0?uid=1 HTTP/1.1", path: "/a%20b/%E4%BD%A0", query: "uid=1"),
      form(
        "no-space-after-colon", "The space behind the colon may be missing.", ["handshake.refuse.header.space"],
        replacing: "Host", by: ["Host:127.0.0.1:8003"]),
      form(
        "tabs-around-value", "Tabs and spaces around a value do not belong to it.",
        ["handshake.refuse.header.space"],
        replacing: "Host", by: ["Host: \t 127.0.0.1:8003 \t "]),
      form(
        "tab-in-value", "A tab inside a value is allowed.", ["handshake.refuse.header", "handshake.read.unknown"],
        more: ["X-Note: a\tb"]),
      form(
        "utf8-in-value", "Bytes above 7F in a value are allowed.",
        ["handshake.read.opaque", "handshake.refuse.header"],
        more: ["X-Note: 你好"]),
      form(
        "empty-value", "A value may be empty.", ["handshake.refuse.header", "handshake.read.unknown"], more: ["X-Note:"]
      ),
      form(
        "every-token-character", "Every character that a name may have.",
        ["handshake.refuse.header", "handshake.read.unknown"],
        more: ["!#$%&'*+-.^_`|~09AZaz: 1"]),
      form(
        "colon-in-value", "Only the first colon ends the name.",
        ["handshake.refuse.header", "handshake.read.unknown"], more: ["X-Note: a:b: c"]),
      form(
        "names-lowercase", "Names in lower case.", ["handshake.read.case"], flags: ["case"],
        fields: HandshakeMessages.requestFields.map(lowercasedName)),
      form(
        "names-uppercase", "Names in upper case.", ["handshake.read.case"], flags: ["case"],
        fields: HandshakeMessages.requestFields.map(uppercasedName)),
      form(
        "upgrade-mixed-case", "The token of Upgrade in mixed case.",
        ["handshake.read.case", "handshake.refuse.upgrade"],
        flags: ["case"], replacing: "Upgrade", by: ["Upgrade: WebSocket"]),
      form(
        "connection-lowercase", "The token of Connection in lower case.",
        ["handshake.read.case", "handshake.refuse.connection"], flags: ["case"], replacing: "Connection",
        by: ["Connection: upgrade"]),
      form(
        "connection-uppercase", "The token of Connection in upper case.",
        ["handshake.read.case", "handshake.refuse.connection"], flags: ["case"], replacing: "Connection",
        by: ["Connection: UPGRADE"]),
    ] + lists()
  }

  private static func lists() -> [VectorTest] {
    [
      form(
        "connection-list", "What Firefox sends.", ["handshake.read.list", "handshake.refuse.connection"],
        flags: ["list"], replacing: "Connection", by: ["Connection: keep-alive, Upgrade"]),
      form(
        "connection-list-tight", "A list without spaces.", ["handshake.read.list"], flags: ["list"],
        replacing: "Connection", by: ["Connection: Upgrade,keep-alive"]),
      form(
        "connection-list-empty-elements", "Empty elements of a list count for nothing.", ["handshake.read.list"],
        flags: ["list"], replacing: "Connection", by: ["Connection: ,, \t,Upgrade ,"]),
      form(
        "connection-two-fields", "The token is in the second of two fields.", ["handshake.read.list"],
        flags: ["list", "several-fields"], replacing: "Connection",
        by: ["Connection: keep-alive", "Connection: Upgrade"]),
      form(
        "upgrade-list", "The token is one of two.", ["handshake.read.list", "handshake.refuse.upgrade"],
        flags: ["list"],
        replacing: "Upgrade", by: ["Upgrade: h2c, websocket"]),
      form(
        "upgrade-two-fields", "The token is in the second of two fields.", ["handshake.read.list"],
        flags: ["list", "several-fields"], replacing: "Upgrade", by: ["Upgrade: h2c", "Upgrade: websocket"]),
      form(
        "extensions-two-fields", "Two fields are one list.", ["handshake.read.list"], flags: ["several-fields"],
        more: [
          "Sec-WebSocket-Extensions: x-one", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        ],
        extensions: "x-one, permessage-deflate; client_max_window_bits"),
      form(
        "protocols", "Subprotocols in order of preference.", ["handshake.read.list"], flags: ["list"],
        more: ["Sec-WebSocket-Protocol: ws.v3.c1, ws.v2.c0"], protocols: ["ws.v3.c1", "ws.v2.c0"]),
      form(
        "protocols-two-fields", "Subprotocols spread over two fields.", ["handshake.read.list"],
        flags: ["list", "several-fields"],
        more: ["Sec-WebSocket-Protocol: a,b", "sec-websocket-protocol: c"], protocols: ["a", "b", "c"]),
      form(
        "protocols-empty-elements", "Empty elements of a list count for nothing.", ["handshake.read.list"],
        flags: ["list"], more: ["Sec-WebSocket-Protocol: ,a, ,b,"], protocols: ["a", "b"]),
      form(
        "origin", "A browser names the origin of its page.", ["handshake.read.unknown"],
        more: ["Origin: https://example.com"], origin: "https://example.com"),
      form(
        "origin-null", "A page without an origin says null.", ["handshake.read.unknown"], more: ["Origin: null"],
        origin: "null"),
      form(
        "fifty-unknown-fields", "Fields that nobody knows.", ["handshake.read.unknown"],
        more: (0..<50).map { "X-Unknown-\($0): \($0)" }),
    ]
      + HandshakeMessages.otherKeys.map { name, key, _ in
        form(
          "key-\(name)", "A key of sixteen bytes.", ["handshake.request.key", "handshake.refuse.key"],
          replacing: "Sec-WebSocket-Key", by: ["Sec-WebSocket-Key: \(key)"], key: key)
      }
  }

  private static func form(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [],
    line: String = HandshakeMessages.requestLine, path: String = "/join", query: String = "uid=100",
    fields: [String] = HandshakeMessages.requestFields, replacing replaced: String = "", by replacement: [String] = [],
    more: [String] = [], origin: String? = nil, key: String = HandshakeMessages.key, extensions: String? = nil,
    protocols: [String] = []
  ) -> VectorTest {
    let all = HandshakeMessages.fields(fields, replacing: replaced, by: replacement) + more
    let bytes = HandshakeMessages.head(line, all)
    return .valid(
      id: "handshake.parse.request.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: HandshakeMessages.server([bytes]),
      output: HandshakeMessages.request(
        path: path, query: query, origin: origin, key: key, extensions: extensions, protocols: protocols,
        consumed: bytes.count))
  }

  private static func lowercasedName(_ field: String) -> String { name(of: field).lowercased() + rest(of: field) }

  private static func uppercasedName(_ field: String) -> String { name(of: field).uppercased() + rest(of: field) }

  private static func name(of field: String) -> String { String(field.prefix { $0 != ":" }) }

  private static func rest(of field: String) -> String { String(field.drop { $0 != ":" }) }

  private static func pieces() -> [VectorTest] {
    let bytes = HandshakeMessages.head(HandshakeMessages.requestLine, HandshakeMessages.requestFields)
    let frame: Bytes = [0x82, 0x80, 0x01, 0x02, 0x03, 0x04]
    let middle = bytes.count / 2
    let end = bytes.count
    let cuts: [(String, String, [Bytes])] = [
      ("byte-by-byte", "Every byte is a piece.", bytes.eachByte),
      ("in-first-line", "Cut inside the method.", bytes.cut(at: 2)),
      ("in-field-name", "Cut inside a field.", bytes.cut(at: middle)),
      ("in-line-end", "Cut between CR and LF of the first line.", bytes.cut(at: 27)),
      ("before-empty-line", "Cut before the empty line.", bytes.cut(at: end - 2)),
      ("in-empty-line", "Cut between CR and LF of the empty line.", bytes.cut(at: end - 1)),
      ("empty-pieces", "Pieces of no bytes.", [.empty, bytes.prefix(40), .empty, .empty, bytes.dropFirst(40), .empty]),
    ]
    let output = HandshakeMessages.request(consumed: end)
    var tests = cuts.map { name, comment, pieces in
      VectorTest.valid(
        id: "handshake.parse.request.cut-\(name)", comment: comment, requirements: ["handshake.read.pieces"],
        flags: ["cut"], input: HandshakeMessages.server(pieces), output: output)
    }
    tests.append(
      .valid(
        id: "handshake.parse.request.bytes-behind",
        comment: "What follows the empty line is not part of the request.", requirements: ["handshake.read.pieces"],
        flags: ["bytes-behind"], input: HandshakeMessages.server([bytes + frame]), output: output))
    tests.append(
      .valid(
        id: "handshake.parse.request.bytes-behind-in-pieces",
        comment: "The last piece holds the end of the request and a frame.", requirements: ["handshake.read.pieces"],
        flags: ["bytes-behind", "cut"],
        input: HandshakeMessages.server([bytes.prefix(end - 3), bytes.suffix(3) + frame, frame]), output: output))
    return tests
  }
}
