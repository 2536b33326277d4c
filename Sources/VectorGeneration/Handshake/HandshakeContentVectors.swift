import GoldenVectors
import Specification
import StrictJSON

/// Upgrade requests with content, and those that say how much there is.
enum HandshakeContentVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeParse, comment: "Requests that say that they have no content.", tests: empty()),
      VectorGroup(.handshakeParse, comment: "Content, which is not frames.", tests: read(.parse)),
      VectorGroup(.handshakeParse, comment: "Content whose end nobody can tell.", tests: uncertain(.parse)),
      VectorGroup(.handshakeRespond, comment: "Content is refused or read over.", tests: read(.respond)),
      VectorGroup(
        .handshakeRespond, comment: "Content whose end nobody can tell is refused.", tests: uncertain(.respond)),
      VectorGroup(.handshakeRespond, comment: "A client that waits for a 100.", tests: expectations()),
    ]
  }

  private enum Asked {
    case parse
    case respond

    func id(_ name: String) -> String {
      switch self {
      case .parse: "handshake.parse.request.content-\(name)"
      case .respond: "handshake.respond.content-\(name)"
      }
    }

    func input(_ bytes: Bytes) -> JSONValue {
      switch self {
      case .parse: HandshakeMessages.server([bytes])
      case .respond: ["request": bytes.json, "config": [:]]
      }
    }
  }

  private static func head(_ fields: [String]) -> Bytes {
    HandshakeMessages.head(HandshakeMessages.requestLine, HandshakeMessages.requestFields + fields)
  }

  private static func empty() -> [VectorTest] {
    func bytes(_ fields: [String]) -> Bytes { head(fields) + [0x82, 0x80, 1, 2, 3, 4] }
    func output(_ fields: [String]) -> JSONValue { HandshakeMessages.request(consumed: head(fields).count) }
    let twice = ["Content-Length: 0", "Content-Length: 0"]
    let forms: [(String, String, [String])] = [
      ("length-0", "A length of 0.", ["Content-Length: 0"]),
      ("length-000", "A length of 000.", ["content-length: 000"]),
      ("length-other-field", "A field of a similar name.", ["X-Content-Length: 6"]),
    ]
    return forms.map { name, comment, fields in
      .valid(
        id: "handshake.parse.request.content-\(name)", comment: "\(comment) A frame follows.",
        requirements: ["handshake.refuse.content", "handshake.refuse.framing"], flags: ["content", "bytes-behind"],
        input: HandshakeMessages.server([bytes(fields)]), output: output(fields))
    } + [
      .acceptable(
        id: "handshake.parse.request.content-length-0-twice", comment: "The same length twice may be refused.",
        requirements: ["handshake.refuse.framing"], flags: ["content", "several-fields"],
        input: HandshakeMessages.server([bytes(twice)]), output: output(twice),
        alternatives: [.pass(error: "bad-framing", offset: head(["Content-Length: 0"]).count - 2)])
    ]
  }

  /// A frame of a client, as content: whoever reads it as one serves what the client did not send as such.
  private static let frame: Bytes = [0x82, 0x80, 1, 2, 3, 4]

  private static func read(_ asked: Asked) -> [VectorTest] {
    let chunked: Bytes = .ascii("6\r\n") + frame + .ascii("\r\n0\r\n\r\n")
    let cases: [(String, String, [String], Bytes)] = [
      ("length", "Six bytes, which look like a frame.", ["Content-Length: 6"], frame),
      ("length-padded", "Leading zeros are digits.", ["Content-Length: 006"], frame),
      ("text", "Five bytes of text.", ["Content-Type: text/plain", "Content-Length: 5"], .ascii("hello")),
      ("chunked", "One chunk, which looks like a frame.", ["Transfer-Encoding: chunked"], chunked),
      ("chunked-case", "The name of the coding in capitals.", ["transfer-encoding: CHUNKED"], chunked),
      ("chunked-empty", "No chunk but the last.", ["Transfer-Encoding: chunked"], .ascii("0\r\n\r\n")),
      (
        "chunked-trailer", "A trailer behind the last chunk.", ["Transfer-Encoding: chunked"],
        .ascii("0\r\nX-Note: a\r\n\r\n")
      ),
      (
        "chunked-extension", "A chunk with an extension.", ["Transfer-Encoding: chunked"],
        .ascii("5;a=b\r\nhello\r\n0\r\n\r\n")
      ),
    ]
    return cases.map { name, comment, fields, content in
      let head = head(fields)
      let bytes = head + content + frame
      switch asked {
      case .parse:
        return .acceptable(
          id: asked.id(name), comment: comment, requirements: ["handshake.refuse.content"],
          flags: ["content", "bytes-behind"], input: asked.input(bytes), error: "has-content",
          offset: HandshakeMessages.offset(of: fields[fields.count - 1], in: head),
          alternatives: [.pass(output: HandshakeMessages.request(consumed: head.count + content.count))])
      case .respond:
        return .acceptable(
          id: asked.id(name), comment: comment, requirements: ["handshake.refuse.content"],
          flags: ["content", "refusal"], input: asked.input(bytes),
          output: HandshakeMessages.refused(400, reject: "has-content"),
          alternatives: [.pass(output: HandshakeMessages.granted())])
      }
    }
  }

  private static func uncertain(_ asked: Asked) -> [VectorTest] {
    let cases: [(String, String, [String])] = [
      ("length-word", "A length that is no number.", ["Content-Length: six"]),
      ("length-empty", "A length of no digits.", ["Content-Length:"]),
      ("length-sign", "A length with a sign.", ["Content-Length: +6"]),
      ("length-negative", "A length below 0.", ["Content-Length: -6"]),
      ("length-hexadecimal", "A length of other digits.", ["Content-Length: 0x6"]),
      ("length-space", "Two numbers with a space between them.", ["Content-Length: 6 6"]),
      ("length-list", "Two lengths in one field.", ["Content-Length: 6, 7"]),
      ("length-two-fields", "Two lengths in two fields.", ["Content-Length: 0", "Content-Length: 6"]),
      ("coding-other", "A coding that is not chunked.", ["Transfer-Encoding: gzip"]),
      ("coding-identity", "A coding that is none any more.", ["Transfer-Encoding: identity"]),
      ("coding-chunked-first", "chunked is not the last coding.", ["Transfer-Encoding: chunked, gzip"]),
      ("coding-chunked-twice", "chunked is named twice.", ["Transfer-Encoding: chunked, chunked"]),
      ("coding-similar", "A coding of a similar name.", ["Transfer-Encoding: xchunked"]),
    ]
    return cases.map { name, comment, fields in
      let head = head(fields)
      let bytes = head + frame
      let last = fields[fields.count - 1]
      switch asked {
      case .parse:
        return .invalid(
          id: asked.id(name), comment: comment, requirements: ["handshake.refuse.framing"],
          flags: ["content", "malformed"], input: asked.input(bytes), error: "bad-framing",
          offset: HandshakeMessages.offset(of: last, in: head))
      case .respond:
        return .invalid(
          id: asked.id(name), comment: comment, requirements: ["handshake.refuse.framing"],
          flags: ["content", "refusal"], input: asked.input(bytes),
          output: HandshakeMessages.refused(400, reject: "bad-framing"))
      }
    }
  }

  /// A 100 goes before the 101; what is refused is refused at once.
  private static func expectations() -> [VectorTest] {
    func input(_ fields: [String], _ config: JSONValue = [:]) -> JSONValue {
      ["request": head(fields).json, "config": config]
    }
    let continued = HandshakeMessages.granted(interim: [100])
    let forms: [(String, String, [String])] = [
      ("continue", "The client waits for a 100.", ["Expect: 100-continue"]),
      ("continue-case", "The expectation in other letters.", ["expect: 100-Continue"]),
      ("continue-no-content", "The client waits, and has no content.", ["Expect: 100-continue", "Content-Length: 0"]),
    ]
    return forms.map { name, comment, fields in
      .valid(
        id: "handshake.respond.expect-\(name)", comment: comment, requirements: ["handshake.answer.continue"],
        flags: ["expect"], input: input(fields), output: continued)
    } + [
      .valid(
        id: "handshake.respond.expect-nothing", comment: "Nobody waits.",
        requirements: ["handshake.answer.continue", "handshake.answer.status"], flags: ["expect"],
        input: input(["X-Expect: 100-continue"]), output: HandshakeMessages.granted()),
      .invalid(
        id: "handshake.respond.expect-and-path", comment: "A path that is not served is refused without a 100.",
        requirements: ["handshake.answer.continue", "handshake.refuse.path"], flags: ["expect", "refusal"],
        input: input(["Expect: 100-continue"], ["path": "/other"]),
        output: HandshakeMessages.refused(404, reject: "unknown-path")),
    ]
  }
}
