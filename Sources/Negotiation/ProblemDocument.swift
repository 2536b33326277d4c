/// The body of a refusal, `application/problem+json` (RFC 9457, requirement `negotiation.refusal.body`).
struct ProblemDocument {
  /// The reason phrase of the status; the type is `about:blank`, whose title that has to be.
  let title: String

  /// The status.
  let status: Int

  /// What was wrong, for people.
  let detail: String

  /// What the server negotiates; absent where that is nothing.
  let supported: NegotiationPolicy?

  /// The document.
  var bytes: [UInt8] {
    var members = [
      "\"type\":\"about:blank\"", "\"title\":\(Self.quoted(title))", "\"status\":\(status)",
      "\"detail\":\(Self.quoted(detail))",
    ]
    if let supported { members.append("\"supported\":\(Self.object(supported))") }
    return Array("{\(members.joined(separator: ","))}".utf8)
  }

  private static func object(_ policy: NegotiationPolicy) -> String {
    var members: [String] = []
    if let versions = policy.versions {
      members.append("\"versions\":{\"min\":\(versions.min),\"max\":\(versions.max)}")
    }
    if let charsets = policy.charsets {
      members.append("\"charsets\":[\(charsets.map(String.init).joined(separator: ","))]")
    }
    return "{\(members.joined(separator: ","))}"
  }

  /// A JSON string (RFC 8259 section 7).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{00}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
