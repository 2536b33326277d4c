import Negotiation
import Testing

@Suite("Metadata, identity and address")
struct MetadataTests {
  static func metadata(_ query: String) -> ConnectionMetadata { ConnectionMetadata(query: Array(query.utf8)) }

  @Test(
    "Queries",
    arguments: [
      ("", ConnectionMetadata()),
      ("uid=100", ConnectionMetadata(uid: "100")),
      (
        "charset=1&version=3&source=web&deviceId=d1&typed=2&uid=u",
        ConnectionMetadata(uid: "u", typed: 2, deviceId: "d1", source: "web", version: 3, charset: 1)
      ),
      ("uid=a&uid=b", ConnectionMetadata(uid: "a")),
      ("uid&uid=b", ConnectionMetadata(uid: "")),
      ("uid=%zz&uid=b", ConnectionMetadata(uid: "b")),
      ("uid=a;b&source=s", ConnectionMetadata(uid: "", source: "s")),
      ("uid=a%3Bb", ConnectionMetadata(uid: "a;b")),
      ("UID=a&Uid=b&deviceid=c", ConnectionMetadata()),
      ("u%69d=a+b%2Bc%20d", ConnectionMetadata(uid: "a b+c d")),
      ("&&uid=a&&", ConnectionMetadata(uid: "a")),
      ("uid==a=b", ConnectionMetadata(uid: "=a=b")),
      ("uid=%ff%00", ConnectionMetadata(uid: [0xFF, 0x00])),
      ("uid=%F", ConnectionMetadata()), ("uid=%", ConnectionMetadata()), ("%=1&uid=a", ConnectionMetadata(uid: "a")),
    ])
  func queries(query: String, expected: ConnectionMetadata) {
    #expect(Self.metadata(query) == expected)
  }

  @Test(
    "Integers",
    arguments: [
      ("7", 7), ("-7", -7), ("%2B7", 7), ("+7", 0), ("007", 7), ("-0", 0), ("", 0), ("-", 0), ("%2B", 0), ("--7", 0),
      ("7abc", 0), ("0x10", 0), ("7.0", 0), ("1e3", 0), ("%D9%A7", 0), ("7%20", 0), ("1_000", 0),
      ("9223372036854775807", .max), ("9223372036854775808", .max), ("-9223372036854775808", .min),
      ("-9223372036854775809", .min), ("99999999999999999999999", .max), ("-99999999999999999999999", .min),
      ("00000000000000000000000000005", 5),
    ] as [(String, Int64)])
  func integers(text: String, value: Int64) {
    #expect(Self.metadata("typed=\(text)").typed == value)
  }

  @Test("Dropped pairs are located")
  func dropped() {
    let parameters = QueryParameters(Array("a=1&b=%g0&c;d&e=%".utf8))
    #expect(parameters.pairs == [QueryParameters.Pair(name: [0x61], value: [0x31])])
    #expect(parameters.dropped == [4..<9, 10..<13, 14..<17])
  }

  @Test("What is written is read back")
  func roundTrip() {
    let metadata = ConnectionMetadata(
      uid: Array(0...255), typed: .min, deviceId: Array("a b&c=d;e+f%".utf8), source: Array("网".utf8), version: .max,
      charset: 1)
    #expect(ConnectionMetadata(query: metadata.query) == metadata)
  }

  @Test("Identity keeps every part, and escapes nothing")
  func identity() {
    #expect(Self.metadata("uid=100").identityText == "100-0--")
    #expect(Self.metadata("").identityText == "-0--")
    let metadata = ConnectionMetadata(uid: "a-b", typed: -3, deviceId: "d", source: "s-")
    #expect(metadata.identityText == "a-b--3-d-s-")
    #expect(metadata.identity(withSource: false) == Array("a-b--3-d".utf8))
    #expect(ConnectionMetadata(uid: [0xFF]).identity() == [0xFF] + Array("-0--".utf8))
  }

  static func head(_ fields: String) throws -> HTTPMessageHead {
    var reader = HTTPHeadReader()
    let bytes = Array("GET / HTTP/1.1\r\n\(fields)\r\n".utf8)
    guard case .head(let head, let taken) = reader.read(bytes.span.bytes), taken == bytes.count else {
      throw HandshakeError(.incomplete, offset: 0)
    }
    return head
  }

  @Test(
    "Addresses",
    arguments: [
      ("", "192.0.2.1:80", "192.0.2.1:80"),
      ("X-Real-Ip: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n", "192.0.2.1:80", "1.2.3.4"),
      ("x-real-ip: \r\nX-Forwarded-For: 5.6.7.8, 9.9.9.9\r\n", "192.0.2.1:80", "5.6.7.8, 9.9.9.9"),
      ("X-Forwarded-For: a\r\nx-forwarded-for: b\r\n", "192.0.2.1:80", "a, b"),
    ])
  func addresses(fields: String, untrusted: String, trusted: String) throws {
    let head = try Self.head(fields)
    func address(_ trusts: Bool) -> String {
      let bytes = ClientAddress.of(head, host: "192.0.2.1", port: 80, trustsProxyFields: trusts)
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(address(false) == untrusted)
    #expect(address(true) == trusted)
  }

  @Test("An IPv6 host stands in brackets")
  func brackets() {
    #expect(ClientAddress.peer(host: "::1", port: 8003) == "[::1]:8003")
  }
}
