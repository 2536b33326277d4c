import Negotiation
import Testing

@Suite("Version and charset")
struct NegotiationTests {
  static let policy = NegotiationPolicy(versions: VersionRange(min: 2, max: 5), charsets: [0, 1])

  static func select(_ query: String, _ protocols: String?, _ policy: NegotiationPolicy) -> String {
    do throws(NegotiationError) {
      let selection = try VersionCharsetNegotiation.select(
        query: Array(query.utf8), protocols: protocols.map(VersionCharsetNegotiation.protocols(in:)), policy: policy)
      return "\(selection.version) \(selection.charset) \(selection.selectedProtocol ?? "-")"
    } catch {
      return "\(error.code.rawValue) \(error.status) \(error.subject)"
    }
  }

  @Test(
    "By the query",
    arguments: [
      ("", "2 0 -"), ("version=0", "2 0 -"), ("version=1", "version-too-low 426 version"), ("version=2", "2 0 -"),
      ("version=4&charset=1", "4 1 -"), ("version=5", "5 0 -"), ("version=6", "5 0 -"),
      ("version=-1", "version-too-low 426 version"), ("version=99999999999999999999", "5 0 -"),
      ("version=x", "bad-parameter 400 version"), ("version=", "bad-parameter 400 version"),
      ("version=3&charset=x", "bad-parameter 400 charset"), ("version=x&charset=x", "bad-parameter 400 version"),
      ("version=1&charset=x", "bad-parameter 400 charset"), ("charset=2", "charset-unsupported 406 charset"),
      ("version=1&charset=2", "version-too-low 426 version"), ("version=3;&version=4", "4 0 -"),
    ])
  func byQuery(query: String, expected: String) {
    #expect(Self.select(query, nil, Self.policy) == expected)
  }

  @Test(
    "By subprotocol",
    arguments: [
      ("ws.v3.c1", "3 1 ws.v3.c1"), ("ws.v9.c0, ws.v5.c1, ws.v2.c0", "5 1 ws.v5.c1"), ("chat,ws.v2.c0", "2 0 ws.v2.c0"),
      ("chat", "no-protocol 406 Sec-WebSocket-Protocol"), ("ws.v03.c0", "no-protocol 406 Sec-WebSocket-Protocol"),
      ("ws.v3.c00", "no-protocol 406 Sec-WebSocket-Protocol"), ("ws.v+3.c0", "no-protocol 406 Sec-WebSocket-Protocol"),
      ("ws.v3.c2", "no-protocol 406 Sec-WebSocket-Protocol"), ("WS.v3.c0", "no-protocol 406 Sec-WebSocket-Protocol"),
      ("ws.v3.c0.x", "no-protocol 406 Sec-WebSocket-Protocol"), ("ws.v.c0", "no-protocol 406 Sec-WebSocket-Protocol"),
      ("ws.v99999999999999999999999.c0,ws.v3.c0", "3 0 ws.v3.c0"), ("", "no-protocol 406 Sec-WebSocket-Protocol"),
    ])
  func byProtocol(protocols: String, expected: String) {
    #expect(Self.select("version=1&charset=x", protocols, Self.policy) == expected)
  }

  @Test("The largest number of a subprotocol")
  func largest() {
    let policy = NegotiationPolicy(charsets: [0])
    #expect(Self.select("", "ws.v2147483647.c0", policy) == "2147483647 0 ws.v2147483647.c0")
    #expect(Self.select("", "ws.v2147483648.c0", policy).hasPrefix("no-protocol"))
  }

  @Test("A dimension that is not negotiated is kept unjudged")
  func partial() {
    #expect(Self.select("version=x&charset=1", nil, NegotiationPolicy(charsets: [1])) == "0 1 -")
    #expect(
      Self.select("version=9&charset=7", nil, NegotiationPolicy(versions: VersionRange(min: 1, max: 3))) == "3 7 -")
    #expect(Self.select("version=-9&charset=x", "ws.v1.c1", NegotiationPolicy()) == "-9 0 -")
  }

  @Test("An empty range is refused when it is made")
  func emptyRange() {
    #expect(VersionRange(min: 3, max: 2) == nil)
  }
}
