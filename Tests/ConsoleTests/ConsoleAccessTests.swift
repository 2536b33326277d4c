import NIOHTTP1
import Testing

@testable import Console

@Suite("Who may ask the console")
struct ConsoleAccessTests {
  private static let access = ConsoleAccess(host: "127.0.0.1", names: ["Lab.Example"], port: 8080, token: "right")

  private static func head(
    _ method: HTTPMethod = .GET, host: [String] = ["127.0.0.1:8080"], _ fields: [(String, String)] = []
  ) -> HTTPRequestHead {
    HTTPRequestHead(
      version: .http1_1, method: method, uri: "/api/server",
      headers: HTTPHeaders(host.map { ("host", $0) } + fields))
  }

  @Test(
    "Its own names are taken",
    arguments: ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "lab.example:8080"])
  func names(host: String) throws {
    try Self.access.check(Self.head(host: [host]))
    try Self.access.check(Self.head(.POST, host: [host], [("origin", "http://\(host)")]))
  }

  @Test(
    "Other names are refused, also where they lead here",
    arguments: [
      [], ["evil.example:8080"], ["127.0.0.1"], ["127.0.0.1:8081"], ["127.0.0.1:8080.evil.example"],
      ["127.0.0.1:8080", "evil.example"],
    ])
  func otherNames(hosts: [String]) {
    #expect(throws: ConsoleAccess.Refusal.host) { try Self.access.check(Self.head(host: hosts)) }
  }

  @Test(
    "Pages of other origins are refused",
    arguments: [
      "http://evil.example", "https://127.0.0.1:8080", "http://127.0.0.1:8081", "null", "http://localhost:8080", "",
    ])
  func origins(origin: String) {
    #expect(throws: ConsoleAccess.Refusal.origin) {
      try Self.access.check(Self.head([("origin", origin)]))
    }
  }

  @Test("What a browser calls another site's is let in as a link only")
  func sites() throws {
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]
    try Self.access.check(Self.head(link))
    try Self.access.check(Self.head([("sec-fetch-site", "none")]))
    try Self.access.check(Self.head([("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]))
    #expect(throws: ConsoleAccess.Refusal.origin) { try Self.access.check(Self.head(.POST, link)) }
    for site in ["cross-site", "same-site"] {
      #expect(throws: ConsoleAccess.Refusal.origin) {
        try Self.access.check(Self.head([("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]))
      }
    }
  }

  @Test("Only the whole token opens", arguments: ["Bearer wrong", "Bearer righ", "Bearer right1", "right", "Bearer "])
  func token(given: String) throws {
    try Self.access.checkToken(Self.head([("authorization", "Bearer right")]))
    #expect(throws: ConsoleAccess.Refusal.token) {
      try Self.access.checkToken(Self.head([("authorization", given)]))
    }
    #expect(throws: ConsoleAccess.Refusal.token) { try Self.access.checkToken(Self.head()) }
  }

  @Test("Tokens are long, and never the same")
  func tokens() {
    let tokens = Set((0..<100).map { _ in ConsoleAccess.makeToken() })
    #expect(tokens.count == 100)
    #expect(tokens.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
  }

  private static func head(_ fields: [(String, String)]) -> HTTPRequestHead {
    head(.GET, host: ["127.0.0.1:8080"], fields)
  }
}
