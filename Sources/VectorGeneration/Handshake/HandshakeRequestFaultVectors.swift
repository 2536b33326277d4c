import GoldenVectors
import Specification
import StrictJSON

/// Upgrade requests that a server has to refuse.
enum HandshakeRequestFaultVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(
        .handshakeParse, comment: "First lines that are none, or ask for something else.", tests: firstLines()),
      VectorGroup(.handshakeParse, comment: "Lines that are no header fields.", tests: fieldLines()),
      VectorGroup(.handshakeParse, comment: "Fields that are missing or say something else.", tests: fields()),
      VectorGroup(.handshakeParse, comment: "Requests that do not end, or end too late.", tests: ends()),
      VectorGroup(.handshakeParse, comment: "Several faults at once: the first by the order counts.", tests: order()),
    ]
  }

  private static func refused(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = ["malformed"],
    _ bytes: Bytes, error: String, offset: Int? = nil
  ) -> VectorTest {
    .invalid(
      id: "handshake.parse.request.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: HandshakeMessages.server([bytes]), error: error, offset: offset)
  }

  private static func firstLines() -> [VectorTest] {
    let lines: [(String, String, String)] = [
      ("no-version", "A first line of two words, as HTTP/0.9 had it.", "GET /join?uid=100"),
      ("one-word", "A first line of one word.", "GET"),
      ("four-words", "A first line of four words.", "GET /join now HTTP/1.1"),
      ("space-at-end", "A space behind the version.", "GET /join HTTP/1.1 "),
      ("space-at-start", "A space before the method.", " GET /join HTTP/1.1"),
      ("two-spaces", "Two spaces where one belongs.", "GET  /join HTTP/1.1"),
      ("tabs", "Tabs where spaces belong.", "GET\t/join\tHTTP/1.1"),
      ("method-no-token", "A method that is no token.", "GE(T /join HTTP/1.1"),
      ("control-in-target", "A control character in the target.", "GET /jo\u{1}in HTTP/1.1"),
      ("del-in-target", "The character 7F in the target.", "GET /jo\u{7F}in HTTP/1.1"),
      ("no-http", "A third word that is no HTTP version.", "GET /join FTP/1.1"),
      ("http-lowercase", "The name HTTP has regard to case.", "GET /join http/1.1"),
      ("a-response", "A response where a request belongs.", "HTTP/1.1 101 Switching Protocols"),
    ]
    let versions: [(String, String)] = [
      ("1_0", "HTTP/1.0"), ("0_9", "HTTP/0.9"), ("2_0", "HTTP/2.0"), ("1_10", "HTTP/1.10"), ("2", "HTTP/2"),
      ("none", "HTTP/"), ("letters", "HTTP/1.x"),
    ]
    let methods = ["POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get", "GETS", "M-SEARCH"]
    let fields = HandshakeMessages.requestFields
    return lines.map { name, comment, line in
      refused(
        "line-\(name)", comment, ["handshake.refuse.request-line"], HandshakeMessages.head(line, fields),
        error: "bad-request-line")
    }
      + versions.map { name, version in
        refused(
          "http-version-\(name)", "The version \(version).",
          ["handshake.refuse.http-version", "handshake.request.get"], flags: ["http-version"],
          HandshakeMessages.head("GET /join \(version)", fields), error: "bad-http-version")
      }
      + methods.map { method in
        refused(
          "method-\(method == "get" ? "lowercase-get" : method.lowercased())", "The method \(method).",
          ["handshake.refuse.method", "handshake.request.get"], flags: ["method"],
          HandshakeMessages.head("\(method) /join HTTP/1.1", fields), error: "not-get")
      }
  }

  private static func fieldLines() -> [VectorTest] {
    let lines: [(String, String, Bytes)] = [
      ("no-colon", "A line without a colon.", .ascii("X-Note")),
      ("no-name", "A line that begins with its colon.", .ascii(": value")),
      ("space-before-colon", "A space between name and colon.", .ascii("X-Note : value")),
      ("tab-before-colon", "A tab between name and colon.", .ascii("X-Note\t: value")),
      ("space-in-name", "A space inside the name.", .ascii("X Note: value")),
      ("separator-in-name", "A name that is no token.", .ascii("X(Note): value")),
      ("utf8-in-name", "A name beyond ASCII.", .utf8("Ünote: value")),
      ("nul-in-value", "The character 00 in a value.", Bytes(.ascii("X-Note: a"), .byte(0), .ascii("b"))),
      ("escape-in-value", "The character 1B in a value.", Bytes(.ascii("X-Note: a"), .byte(0x1B), .ascii("b"))),
      ("del-in-value", "The character 7F in a value.", Bytes(.ascii("X-Note: a"), .byte(0x7F), .ascii("b"))),
      ("cr-in-value", "A CR without LF inside a value.", .ascii("X-Note: a\rb")),
      ("cr-at-end", "A CR before the line end.", .ascii("X-Note: a\r")),
    ]
    var tests = places().flatMap { place, before, after in
      lines.map { name, comment, line in
        refused(
          "field-\(name)-\(place)", "\(comment) It is the \(place) field.",
          [name.hasSuffix("before-colon") ? "handshake.refuse.header.space" : "handshake.refuse.header"],
          flags: ["malformed", "bad-field"], Bytes(before, line, .ascii("\r\n"), after), error: "bad-header",
          offset: before.count)
      }
    }
    tests += tolerated()
    return tests
  }

  /// Where a line can stand: what comes before it and behind it.
  private static func places() -> [(String, Bytes, Bytes)] {
    let start = Bytes.ascii(HandshakeMessages.requestLine + "\r\n")
    let fields = Bytes.ascii(HandshakeMessages.requestFields.map { $0 + "\r\n" }.joined())
    return [("first", start, fields + .ascii("\r\n")), ("last", start + fields, .ascii("\r\n"))]
  }

  /// Faults that other readers repair.
  private static func tolerated() -> [VectorTest] {
    let fields = HandshakeMessages.requestFields
    let folded = HandshakeMessages.head(HandshakeMessages.requestLine, fields + ["X-Note: a", " b"])
    let foldedKey = HandshakeMessages.head(
      HandshakeMessages.requestLine, Array(fields.dropLast()) + ["Sec-WebSocket-Key:", "\t" + HandshakeMessages.key])
    let bareLine = Bytes.ascii(
      "\(HandshakeMessages.requestLine)\nX-Note: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
    let bareField = Bytes.ascii(
      "\(HandshakeMessages.requestLine)\r\n" + fields.map { $0 + "\r\n" }.joined() + "X-A: a\nX-B: b\r\n\r\n")
    return [
      VectorTest.acceptable(
        id: "handshake.parse.request.folded", comment: "A field that goes on in the next line.",
        requirements: ["handshake.read.fold"], flags: ["fold"], input: HandshakeMessages.server([folded]),
        error: "bad-header", offset: HandshakeMessages.offset(of: " b", in: folded),
        alternatives: [.nonStrict(output: HandshakeMessages.request(consumed: folded.count))]),
      VectorTest.acceptable(
        id: "handshake.parse.request.folded-key", comment: "The key stands in a line of its own, after a tab.",
        requirements: ["handshake.read.fold"], flags: ["fold"], input: HandshakeMessages.server([foldedKey]),
        error: "bad-header", offset: HandshakeMessages.offset(of: "\t", in: foldedKey),
        alternatives: [.nonStrict(output: HandshakeMessages.request(consumed: foldedKey.count))]),
      VectorTest.acceptable(
        id: "handshake.parse.request.bare-lf-first-line", comment: "The first line ends in LF alone.",
        requirements: ["handshake.read.bare-lf"], flags: ["bare-lf"], input: HandshakeMessages.server([bareLine]),
        error: "bad-request-line",
        alternatives: [.pass(output: HandshakeMessages.request(consumed: bareLine.count))]),
      VectorTest.acceptable(
        id: "handshake.parse.request.bare-lf-field", comment: "A field ends in LF alone.",
        requirements: ["handshake.read.bare-lf"], flags: ["bare-lf"], input: HandshakeMessages.server([bareField]),
        error: "bad-header", offset: HandshakeMessages.offset(of: "X-A", in: bareField),
        alternatives: [.pass(output: HandshakeMessages.request(consumed: bareField.count))]),
    ]
  }

  /// The fields that every request needs: the requirements, the code when one is missing, and the flag.
  private static func fields() -> [VectorTest] {
    let missing: [(String, [RequirementID], String)] = [
      ("Host", ["handshake.refuse.host", "handshake.request.host"], "missing-host"),
      ("Upgrade", ["handshake.refuse.upgrade", "handshake.request.upgrade"], "missing-upgrade"),
      ("Connection", ["handshake.refuse.connection", "handshake.request.connection"], "missing-connection"),
      ("Sec-WebSocket-Version", ["handshake.refuse.version", "handshake.request.version"], "missing-version"),
      ("Sec-WebSocket-Key", ["handshake.refuse.key", "handshake.request.key"], "missing-key"),
    ]
    let wrong: [(String, Int, String, [String])] = [
      ("upgrade-other", 1, "missing-upgrade", ["Upgrade: h2c"]),
      ("upgrade-empty", 1, "missing-upgrade", ["Upgrade:"]),
      ("upgrade-with-version", 1, "missing-upgrade", ["Upgrade: websocket/13"]),
      ("upgrade-prefix", 1, "missing-upgrade", ["Upgrade: websockets"]),
      ("upgrade-two-words", 1, "missing-upgrade", ["Upgrade: web socket"]),
      ("upgrade-kelvin-sign", 1, "missing-upgrade", ["Upgrade: websoc\u{212A}et"]),
      ("connection-close", 2, "missing-connection", ["Connection: close"]),
      ("connection-empty", 2, "missing-connection", ["Connection:"]),
      ("connection-semicolon", 2, "missing-connection", ["Connection: keep-alive; Upgrade"]),
      ("connection-other-name", 2, "missing-connection", ["X-Connection: Upgrade"]),
      ("version-8", 3, "unsupported-version", ["Sec-WebSocket-Version: 8"]),
      ("version-0", 3, "unsupported-version", ["Sec-WebSocket-Version: 0"]),
      ("version-14", 3, "unsupported-version", ["Sec-WebSocket-Version: 14"]),
      ("version-013", 3, "unsupported-version", ["Sec-WebSocket-Version: 013"]),
      ("version-list", 3, "unsupported-version", ["Sec-WebSocket-Version: 13, 8"]),
      ("version-empty", 3, "unsupported-version", ["Sec-WebSocket-Version:"]),
      ("version-letters", 3, "unsupported-version", ["Sec-WebSocket-Version: xiii"]),
      ("key-empty", 4, "bad-key", ["Sec-WebSocket-Key:"]),
      ("key-15-bytes", 4, "bad-key", ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"]),
      ("key-17-bytes", 4, "bad-key", ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="]),
      ("key-no-padding", 4, "bad-key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"]),
      ("key-one-padding", 4, "bad-key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ="]),
      ("key-url-alphabet", 4, "bad-key", ["Sec-WebSocket-Key: _____________________w=="]),
      ("key-space-inside", 4, "bad-key", ["Sec-WebSocket-Key: dGhlIHNhbXBs ZSBub25jZQ=="]),
      ("key-plain-text", 4, "bad-key", ["Sec-WebSocket-Key: the sample nonce"]),
      ("key-padding-inside", 4, "bad-key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZS==Ub25jZQ=="]),
      (
        "key-twice", 5, "bad-key",
        ["Sec-WebSocket-Key: \(HandshakeMessages.key)", "Sec-WebSocket-Key: \(HandshakeMessages.key)"]
      ),
      (
        "key-two-different", 5, "bad-key",
        ["Sec-WebSocket-Key: \(HandshakeMessages.key)", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
      ),
    ]
    let rules = missing + [("Sec-WebSocket-Key", ["handshake.refuse.key.form", "handshake.request.key"], "bad-key")]
    return missing.map { name, requirements, code in
      refused(
        "no-\(name.lowercased())", "The field \(name) is missing.", requirements, flags: ["missing-field"],
        request(replacing: name, by: []), error: code)
    }
      + wrong.map { name, field, code, replacement in
        refused(
          name, "In place of \(rules[field].0): \(replacement.joined(separator: " | "))", rules[field].1,
          flags: ["wrong-field"], request(replacing: rules[field].0, by: replacement), error: code)
      }
      + [unusedBits()]
  }

  private static func unusedBits() -> VectorTest {
    let key = "dGhlIHNhbXBsZSBub25jZR=="
    let bytes = request(replacing: "Sec-WebSocket-Key", by: ["Sec-WebSocket-Key: \(key)"])
    return .acceptable(
      id: "handshake.parse.request.key-unused-bits",
      comment: "The last digit has bits that belong to no byte: not the form that an encoder makes.",
      requirements: ["handshake.refuse.key.form"], flags: ["wrong-field"], input: HandshakeMessages.server([bytes]),
      error: "bad-key",
      alternatives: [.nonStrict(output: HandshakeMessages.request(key: key, consumed: bytes.count))])
  }

  private static func request(replacing name: String, by replacement: [String]) -> Bytes {
    HandshakeMessages.head(
      HandshakeMessages.requestLine,
      HandshakeMessages.fields(HandshakeMessages.requestFields, replacing: name, by: replacement))
  }

  private static func ends() -> [VectorTest] {
    let bytes = HandshakeMessages.head(HandshakeMessages.requestLine, HandshakeMessages.requestFields)
    let cuts = [0, 1, 3, 26, 27, 28, 40, bytes.count - 4, bytes.count - 2, bytes.count - 1]
    let room = 16_384 - bytes.count - "X: \r\n".utf8.count
    func filled(_ excess: Int) -> Bytes {
      HandshakeMessages.head(
        HandshakeMessages.requestLine,
        HandshakeMessages.requestFields + ["X: " + String(repeating: "x", count: room + excess)])
    }
    var tests = cuts.map { cut in
      refused(
        "cut-off-at-\(cut)", "The bytes end after \(cut).", ["handshake.read.pieces"], flags: ["cut-off"],
        bytes.prefix(cut), error: "incomplete")
    }
    let whole = HandshakeMessages.request(consumed: 16_384)
    tests.append(
      .valid(
        id: "handshake.parse.request.limit", comment: "A header of 16384 bytes.",
        requirements: ["handshake.read.limit"], flags: ["limit"], input: HandshakeMessages.server([filled(0)]),
        output: whole))
    tests.append(
      .valid(
        id: "handshake.parse.request.limit-and-frame", comment: "Only the header counts, not what follows it.",
        requirements: ["handshake.read.limit"], flags: ["limit", "bytes-behind"],
        input: HandshakeMessages.server([filled(0) + [0x82, 0x80, 1, 2, 3, 4]]), output: whole))
    tests.append(
      .acceptable(
        id: "handshake.parse.request.limit-exceeded", comment: "A header of 16385 bytes.",
        requirements: ["handshake.read.limit"], flags: ["limit"], input: HandshakeMessages.server([filled(1)]),
        error: "headers-too-large",
        alternatives: [.nonStrict(output: HandshakeMessages.request(consumed: 16_385))]))
    tests.append(
      refused(
        "limit-without-end", "16385 bytes and no empty line.", ["handshake.read.limit"], flags: ["limit", "cut-off"],
        filled(5).prefix(16_385), error: "headers-too-large"))
    tests.append(
      refused(
        "limit-not-reached", "16384 bytes and no empty line: it may still come, but not in time.",
        ["handshake.read.limit"], flags: ["limit", "cut-off"], filled(5).prefix(16_384), error: "incomplete"))
    return tests
  }

  private static func order() -> [VectorTest] {
    let none: [String] = []
    let cases: [(String, String, [RequirementID], [String], String)] = [
      ("line-before-version", "GET /join now HTTP/1.0", ["handshake.refuse.request-line"], none, "bad-request-line"),
      ("version-before-field", "GET /join HTTP/1.0", ["handshake.refuse.http-version"], ["bad"], "bad-http-version"),
      ("version-before-method", "POST /join HTTP/1.0", ["handshake.refuse.http-version"], none, "bad-http-version"),
      ("field-before-method", "POST /join HTTP/1.1", ["handshake.refuse.header"], ["bad"], "bad-header"),
      ("method-before-host", "POST /join HTTP/1.1", ["handshake.refuse.method"], none, "not-get"),
      ("host-before-upgrade", "GET /join HTTP/1.1", ["handshake.refuse.host"], none, "missing-host"),
      ("upgrade-before-connection", "GET /join HTTP/1.1", ["handshake.refuse.upgrade"], ["Host: h"], "missing-upgrade"),
      (
        "connection-before-version", "GET /join HTTP/1.1", ["handshake.refuse.connection"],
        ["Host: h", "Upgrade: websocket"], "missing-connection"
      ),
      (
        "version-before-key", "GET /join HTTP/1.1", ["handshake.refuse.version"],
        ["Host: h", "Upgrade: websocket", "Connection: Upgrade"], "missing-version"
      ),
    ]
    return cases.map { name, line, requirements, fields, code in
      refused(
        "order-\(name)", "Nothing behind this fault is right either.", requirements, flags: ["precedence"],
        HandshakeMessages.head(line, fields), error: code, offset: code == "bad-header" ? line.utf8.count + 2 : nil)
    }
  }
}
