import Negotiation
import Testing

@Suite("SHA-1, base64 and the accept value")
struct HandshakeArithmeticTests {
  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(
    "The digests of FIPS 180",
    arguments: [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
      ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
      (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
  func digests(text: String, digest: String) {
    #expect(Self.hex(SHA1.digest(of: Array(text.utf8))) == digest)
  }

  @Test("Every length around the ends of blocks")
  func everyLength() {
    let digests = (0..<200).flatMap { SHA1.digest(of: [UInt8](repeating: UInt8($0), count: $0)) }
    #expect(Self.hex(SHA1.digest(of: digests)) == "3945425e01de26456751bc7df82ff27809984d08")
  }

  @Test(
    "Accept values",
    arguments: [
      ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
      ("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
    ])
  func accept(key: String, value: String) {
    #expect(SecWebSocketAccept.value(forKey: key) == value)
    #expect(SecWebSocketAccept.isKey(Array(key.utf8)))
  }

  @Test(
    "Base64 both ways",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"), ("\u{3FB}\u{7F}", "z7t/"),
    ])
  func base64(plain: String, text: String) {
    #expect(Base64.encode(Array(plain.utf8)) == text)
    #expect(Base64.decode(Array(text.utf8)) == Array(plain.utf8))
  }

  @Test(
    "What is not the base64 form of any bytes",
    arguments: [
      "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9", "Z===", "====", "=", "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm9-",
      "Zm9_", "Zg=a", "é===",
    ])
  func notBase64(text: String) {
    #expect(Base64.decode(Array(text.utf8)) == nil)
  }

  @Test("Keys have sixteen bytes", arguments: 14...18)
  func keyLength(count: Int) {
    let key = SecWebSocketAccept.key(from: [UInt8](repeating: 0xA5, count: count))
    #expect(SecWebSocketAccept.isKey(Array(key.utf8)) == (count == 16))
  }
}
