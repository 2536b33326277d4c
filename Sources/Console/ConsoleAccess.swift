import NIOHTTP1

/// Who may ask the console for what. Any page that a browser shows can send requests to loopback, so an address of this machine is
/// no protection by itself.
struct ConsoleAccess: Sendable {
  /// Why a request is refused.
  enum Refusal: Error, Hashable {
    /// It names a host that the console does not have: a page elsewhere whose name was made to lead here (DNS rebinding).
    case host
    /// A page of another origin sends it.
    case origin
    /// It does not have the token.
    case token
  }

  /// What requests name as the host, `127.0.0.1:8080`.
  let authorities: Set<String>

  /// What requests for data and actions have to know.
  let token: String

  /// - Parameters:
  ///   - host: The address that the console listens on.
  ///   - names: Names by which browsers reach it besides.
  ///   - port: The port.
  ///   - token: What requests for data and actions have to know.
  init(host: String, names: [String], port: Int, token: String) {
    let own = host.contains(":") ? "[\(host)]" : host
    let hosts = Set([own, "127.0.0.1", "localhost", "[::1]"] + names.map { $0.lowercased() })
    authorities = Set(hosts.map { "\($0):\(port)" } + (port == 80 ? Array(hosts) : []))
    self.token = token
  }

  /// Holds a request against the rules that all have to keep.
  func check(_ head: HTTPRequestHead) throws(Refusal) {
    let hosts = head.headers["host"]
    guard hosts.count == 1, authorities.contains(hosts[0].lowercased()) else { throw .host }
    let origins = head.headers["origin"]
    guard origins.allSatisfy({ $0.lowercased() == "http://\(hosts[0].lowercased())" }) else { throw .origin }
    // What a browser says of itself, where it does: a page elsewhere may link here, and no more.
    if let site = head.headers["sec-fetch-site"].first, site != "same-origin", site != "none" {
      guard head.method == .GET, head.headers["sec-fetch-mode"].first == "navigate" else { throw .origin }
    }
  }

  /// Holds a request for data or an action against the token.
  func checkToken(_ head: HTTPRequestHead) throws(Refusal) {
    let given = head.headers["authorization"]
    guard given.count == 1, Self.isEqual(given[0], "Bearer \(token)") else { throw .token }
  }

  /// Compares in a time that does not say where the difference is.
  private static func isEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (first, second) in zip(left, right) { difference |= first ^ second }
    return difference == 0
  }

  /// A token that nobody guesses: 128 random bits in hexadecimal digits.
  static func makeToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in
      let byte = UInt8.random(in: .min ... .max, using: &generator)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
