import SystemCrypto
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
  }

  /// The examples of FIPS 180-2, appendix B, and the digest of nothing.
  static let known = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test("The published examples", arguments: known)
  func example(text: String, digest: String) {
    #expect(Self.hex(SHA256.digest(of: Array(text.utf8))) == digest)
  }

  @Test("A digest can be asked for in between, and goes on")
  func running() {
    var hash = SHA256()
    hash.update(Array("a".utf8))
    #expect(hash.digest() == SHA256.digest(of: Array("a".utf8)))
    hash.update(Array("bc".utf8))
    #expect(hash.digest() == SHA256.digest(of: Array("abc".utf8)))
    #expect(hash.digest() == hash.digest())
  }
}
