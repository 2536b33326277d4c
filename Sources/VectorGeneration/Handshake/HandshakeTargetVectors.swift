import GoldenVectors
import Specification
import StrictJSON

/// Request targets, in origin form and in absolute form.
enum HandshakeTargetVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.handshakeParse, comment: "Targets in absolute form.", tests: read() + refused()),
      VectorGroup(.handshakeRespond, comment: "The path of a target in absolute form counts.", tests: served()),
    ]
  }

  private static func head(_ target: String) -> Bytes {
    HandshakeMessages.head("GET \(target) HTTP/1.1", HandshakeMessages.requestFields)
  }

  private static func read() -> [VectorTest] {
    let host = HandshakeMessages.host
    let targets: [(String, String, String, path: String, query: String, host: String)] = [
      ("http", "The form that clients send to proxies.", "http://\(host)/join?uid=100", "/join", "uid=100", host),
      ("https", "The other scheme.", "https://\(host)/join?uid=100", "/join", "uid=100", host),
      (
        "scheme-uppercase", "Schemes are compared without case.", "HTTP://\(host)/join?uid=100", "/join", "uid=100",
        host
      ),
      ("no-port", "A host without a port.", "http://example.com/join?uid=100", "/join", "uid=100", "example.com"),
      ("ipv6", "A host in square brackets.", "http://[::1]:8003/join?uid=100", "/join", "uid=100", "[::1]:8003"),
      ("no-query", "A path and nothing more.", "http://\(host)/join", "/join", "", host),
      ("no-path", "No path is the path /.", "http://\(host)", "/", "", host),
      ("no-path-query", "A query directly behind the host.", "http://\(host)?uid=100", "/", "uid=100", host),
      ("slash", "The path /.", "http://\(host)/?uid=100", "/", "uid=100", host),
      ("escaped", "Escapes stay.", "http://\(host)/a%20b?uid=%31", "/a%20b", "uid=%31", host),
      (
        "url-in-query", "Only the first // belongs to the form.", "http://\(host)/join?u=http://a@b/c", "/join",
        "u=http://a@b/c", host
      ),
      (
        "other-host", "The host of the target counts, not the field.", "http://other.example:80/join?uid=100", "/join",
        "uid=100", "other.example:80"
      ),
    ]
    return targets.map { name, comment, target, path, query, host in
      let bytes = head(target)
      return .valid(
        id: "handshake.parse.request.absolute-\(name)", comment: comment, requirements: ["handshake.read.absolute"],
        flags: ["absolute-form"], input: HandshakeMessages.server([bytes]),
        output: HandshakeMessages.request(path: path, query: query, host: host, consumed: bytes.count))
    } + [originForm()]
  }

  /// A path that looks like the other form.
  private static func originForm() -> VectorTest {
    let bytes = head("/http://other.example/join?uid=100")
    return .valid(
      id: "handshake.parse.request.absolute-behind-slash", comment: "What begins with a slash is a path.",
      requirements: ["handshake.read.target"], flags: ["absolute-form"], input: HandshakeMessages.server([bytes]),
      output: HandshakeMessages.request(path: "/http://other.example/join", consumed: bytes.count))
  }

  private static func refused() -> [VectorTest] {
    let targets: [(String, String, String)] = [
      ("no-host", "No host.", "http:///join?uid=100"), ("port-only", "A port without a host.", "http://:8003/join"),
      ("nothing", "The scheme alone.", "http://"),
      ("user", "A user before the host.", "http://user@127.0.0.1:8003/join"),
      ("user-and-password", "A user and a password before the host.", "http://good.example:80@127.0.0.1:8003/join"),
    ]
    return targets.map { name, comment, target in
      .invalid(
        id: "handshake.parse.request.absolute-\(name)", comment: comment,
        requirements: ["handshake.refuse.authority"], flags: ["absolute-form", "malformed"],
        input: HandshakeMessages.server([head(target)]), error: "bad-request-line")
    }
  }

  private static func served() -> [VectorTest] {
    let host = HandshakeMessages.host
    let granted: [(String, String, Bool)] = [
      ("path", "http://\(host)/join?uid=100", true), ("no-query", "http://\(host)/join", true),
      ("other-host", "http://other.example/join", true), ("any-path", "http://\(host)/anything", false),
    ]
    return granted.map { name, target, hasPath in
      .valid(
        id: "handshake.respond.absolute-\(name)", comment: "The target \(target).",
        requirements: ["handshake.read.absolute", "handshake.answer.status"], flags: ["absolute-form"],
        input: ["request": head(target).json, "config": hasPath ? ["path": "/join"] : [:]],
        output: HandshakeMessages.granted())
    }
  }
}
