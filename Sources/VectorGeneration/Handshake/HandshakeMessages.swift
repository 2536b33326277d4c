import GoldenVectors
import StrictJSON

/// Upgrade requests and answers as generators put them together.
enum HandshakeMessages {
  /// The key of RFC 6455 section 1.3.
  static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  /// The accept value of ``key``, from the same place.
  static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  /// Keys with their accept values, computed with Python's hashlib and base64.
  static let otherKeys: [(name: String, key: String, accept: String)] = [
    ("zeros", "AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
    ("ones", "/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g="),
    ("counting", "AAECAwQFBgcICQoLDA0ODw==", "Bz3qJYTGdOe8gUSpLosEdiLKDrk="),
    ("high-bytes", "8PHy8/T19vf4+fr7/P3+/w==", "o1HBjBrgy9KLkiDEDur3dyqqLEs="),
  ]

  static let requestLine = "GET /join?uid=100 HTTP/1.1"

  static let host = "127.0.0.1:8003"

  static let requestFields = [
    "Host: 127.0.0.1:8003", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]

  static let statusLine = "HTTP/1.1 101 Switching Protocols"

  static let answerFields = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  /// What the original's Go programs offer and answer.
  static let bothNoTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

  /// A head: the lines, each ended by CR LF, and the empty line.
  static func head(_ line: String, _ fields: [String]) -> Bytes {
    Bytes.utf8(([line] + fields).map { $0 + "\r\n" }.joined() + "\r\n")
  }

  /// Fields with the one of a name replaced by others.
  static func fields(_ fields: [String], replacing name: String, by replacement: [String]) -> [String] {
    fields.flatMap { $0.hasPrefix(name + ":") ? replacement : [$0] }
  }

  /// Where the line of a text begins in a head; -1 if it is not there, which no comparison takes.
  static func offset(of line: String, in head: Bytes) -> Int {
    let wanted = Array("\r\n\(line)".utf8)
    let starts = 0...max(0, head.count - wanted.count)
    return starts.first { head.array[$0...].starts(with: wanted) }.map { $0 + 2 } ?? -1
  }

  static func pieces(_ pieces: [Bytes]) -> JSONValue { .array(pieces.map(\.json)) }

  static func server(_ pieces: [Bytes]) -> JSONValue { ["side": "server", "pieces": Self.pieces(pieces)] }

  /// The output of a request.
  static func request(
    path: String = "/join", query: String = "uid=100", host: String = host, origin: String? = nil, key: String = key,
    extensions: String? = nil, protocols: [String] = [], consumed: Int
  ) -> JSONValue {
    [
      "path": .string(path), "query": Bytes.utf8(query).json, "host": .string(host), "origin": .text(origin),
      "key": .string(key), "extensions": .text(extensions), "protocols": .array(protocols.map { .string($0) }),
      "consumed": .int(Int64(consumed)),
    ]
  }

  /// The output of an answer.
  static func answer(extensions: String? = nil, selected: String? = nil, consumed: Int) -> JSONValue {
    [
      "status": 101, "extensions": .text(extensions), "protocol": .text(selected), "consumed": .int(Int64(consumed)),
    ]
  }

  /// The output of a server that grants an upgrade, perhaps with statuses before the 101.
  static func granted(accept: String = accept, _ more: JSONObject = [:], interim: [Int64] = []) -> JSONValue {
    var headers: JSONObject = [
      "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": .string(accept),
    ]
    for member in more.members { headers[member.name] = member.value }
    var object: JSONObject = ["status": 101, "headers": .object(headers), "reject": nil]
    if !interim.isEmpty { object["interim"] = .array(interim.map { .int($0) }) }
    return .object(object)
  }

  /// The output of a server that refuses.
  static func refused(_ status: Int64, _ headers: JSONObject = [:], reject: String) -> JSONValue {
    ["status": .int(status), "headers": .object(headers), "reject": .string(reject)]
  }
}
