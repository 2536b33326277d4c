import GoldenVectors
import Specification
import StrictJSON

/// Answers of the class 1xx before the one that counts, as a client reads them.
enum HandshakeInterimVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeParse, comment: "Interim answers before the 101.", tests: readOver()),
      VectorGroup(.handshakeParse, comment: "Interim answers before none, or before a refusal.", tests: refused()),
    ]
  }

  private static let answer = HandshakeMessages.head(HandshakeMessages.statusLine, HandshakeMessages.answerFields)

  private static func interim(_ status: String, _ fields: [String] = []) -> Bytes {
    HandshakeMessages.head("HTTP/1.1 \(status)", fields)
  }

  private static func readOver() -> [VectorTest] {
    let hundred = interim("100 Continue")
    let hints = interim("103 Early Hints", ["Link: </style.css>; rel=preload", "Link: </script.js>; rel=preload"])
    let large = interim("103 Early Hints", ["X: " + String(repeating: "x", count: 16_000)])
    let frame: Bytes = [0x82, 0x0E, 0xFE, 0xEF, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
    let cases: [(String, String, [Bytes], behind: Int)] = [
      ("100", "A 100, as for a request with an expectation.", [hundred + answer], 0),
      ("102", "A status of another protocol.", [interim("102 Processing") + answer], 0),
      ("103", "A 103 with fields.", [hints + answer], 0),
      ("199", "A status that nobody has defined.", [interim("199 Odd") + answer], 0),
      ("two", "A 100 and a 103.", [hundred + hints + answer], 0),
      ("twenty", "Twenty of them.", [.repeating(hundred, 20) + answer], 0),
      ("large", "Each header has the limit to itself.", [large + large + answer], 0),
      ("piece-each", "Each answer is a piece.", [hundred, hints, answer], 0),
      ("byte-by-byte", "Every byte is a piece.", (hundred + answer).eachByte, 0),
      ("frame-behind", "A frame follows the 101.", [hundred + answer + frame], frame.count),
      (
        "upgrade-fields", "The interim answer has the fields of a 101, with another accept value.",
        [
          interim(
            "103 Early Hints",
            ["Upgrade: h2c", "Connection: close", "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI="]) + answer
        ], 0
      ),
    ]
    return cases.map { name, comment, pieces, behind in
      .valid(
        id: "handshake.parse.answer.interim-\(name)", comment: comment, requirements: ["handshake.client.interim"],
        flags: ["interim"], input: HandshakeAnswerVectors.client(pieces),
        output: HandshakeMessages.answer(consumed: Bytes(joining: pieces).count - behind))
    }
  }

  private static func refused() -> [VectorTest] {
    let hundred = interim("100 Continue")
    let status = ["handshake.client.interim", "handshake.client.status"] as [RequirementID]
    let bad = HandshakeMessages.head("HTTP/1.1 103 Early Hints", ["no colon"])
    let wrongAccept = HandshakeMessages.fields(
      HandshakeMessages.answerFields, replacing: "Sec-WebSocket-Accept",
      by: ["Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI="])
    let cases: [(String, String, [RequirementID], Bytes, error: String, offset: Int?)] = [
      ("alone", "Nothing follows the 100.", status, hundred, "incomplete", nil),
      (
        "then-half", "The 101 does not end.", status, hundred + answer.dropLast(2), "incomplete", nil
      ),
      (
        "then-403", "A refusal follows.", status, hundred + HandshakeMessages.head("HTTP/1.1 403 Forbidden", []),
        "refused", nil
      ),
      (
        "then-wrong-accept", "The 101 behind it is of another key.",
        ["handshake.client.interim", "handshake.client.accept"],
        hundred + HandshakeMessages.head(HandshakeMessages.statusLine, wrongAccept), "wrong-accept", nil
      ),
      (
        "malformed", "A line of the interim answer is no field.", ["handshake.client.grammar"], bad + answer,
        "bad-header", 26
      ),
    ]
    return [
      .invalid(
        id: "handshake.parse.answer.status-100",
        comment: "The status 100 Continue, with everything else as it has to be: the answer is still to come.",
        requirements: status + ["handshake.answer.status"], flags: ["interim"],
        input: HandshakeAnswerVectors.client([
          HandshakeMessages.head("HTTP/1.1 100 Continue", HandshakeMessages.answerFields)
        ]), error: "incomplete")
    ]
      + cases.map { name, comment, requirements, bytes, error, offset in
        .invalid(
          id: "handshake.parse.answer.interim-\(name)", comment: comment, requirements: requirements,
          flags: ["interim"],
          input: HandshakeAnswerVectors.client([bytes]), error: error, offset: offset)
      }
  }
}
