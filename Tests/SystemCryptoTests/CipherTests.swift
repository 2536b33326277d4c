import Testing

@testable import SystemCrypto

/// Bytes from hexadecimal digits, between which there may be blanks.
private func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The ciphers, against the examples of the documents that define them.
@Suite struct CipherTests {
  /// The GCM specification's test case 4 (McGrew and Viega), and 16 for AES-256.
  static let gcmCases = [
    (
      "feffe9928665731c6d6a8f9467308308",
      """
      42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
      5bc94fbc3221a5db94fae95ae7121a47
      """
    ),
    (
      "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      """
      522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
      76fc6ece0f4e1768cddf8853bb2d551b
      """
    ),
  ]

  static let gcmText = hex(
    """
    d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
    """)

  @Test("What AES-GCM sealed is opened, and nothing else", arguments: gcmCases) func gcm(
    _ key: String, _ sealed: String
  )
    throws
  {
    let cipher = try #require(AESGCM(key: hex(key)))
    let nonce = hex("cafebabefacedbaddecaf888")
    let authenticated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    var sealed = hex(sealed)
    var text: [UInt8] = []
    #expect(cipher.open(sealed[...], nonce: nonce, authenticated: authenticated, into: &text))
    #expect(text == Self.gcmText)
    for index in text.indices { #expect(cipher.byte(index, of: sealed[...], nonce: nonce) == text[index]) }
    #expect(!cipher.open(sealed[...], nonce: nonce, authenticated: authenticated + [0], into: &text))
    #expect(!cipher.open(sealed.prefix(15), nonce: nonce, authenticated: authenticated, into: &text))
    sealed[3] ^= 1
    #expect(!cipher.open(sealed[...], nonce: nonce, authenticated: authenticated, into: &text))
    #expect(AESGCM(key: [1, 2, 3]) == nil)
  }

  @Test("What ChaCha20-Poly1305 sealed is opened, and nothing else (RFC 8439, section 2.8.2)") func chaCha() throws {
    let cipher = try #require(ChaChaPoly(key: Array(0x80...0x9F)))
    let nonce = hex("070000004041424344454647")
    let authenticated = hex("50515253c0c1c2c3c4c5c6c7")
    var sealed = hex(
      """
      d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b
      1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691
      """)
    let expected = Array(
      ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
        .utf8)
    var text: [UInt8] = []
    #expect(cipher.open(sealed[...], nonce: nonce, authenticated: authenticated, into: &text))
    #expect(text == expected)
    for index in text.indices { #expect(cipher.byte(index, of: sealed[...], nonce: nonce) == text[index]) }
    sealed[100] ^= 0x80
    #expect(!cipher.open(sealed[...], nonce: nonce, authenticated: authenticated, into: &text))
    #expect(ChaChaPoly(key: [1]) == nil)
  }

  /// RFC 8439, appendix A.3: what a sloppy reduction gets wrong.
  @Test(
    "The authenticator's edge cases",
    arguments: [
      ("02" + String(repeating: "0", count: 62), String(repeating: "f", count: 32), "03"),
      (
        "02" + String(repeating: "0", count: 30) + String(repeating: "f", count: 32),
        "02" + String(repeating: "0", count: 30), "03"
      ),
      (
        "01" + String(repeating: "0", count: 62),
        String(repeating: "f", count: 32) + "f0" + String(repeating: "f", count: 30) + "11"
          + String(repeating: "0", count: 30),
        "05"
      ),
      (
        "01" + String(repeating: "0", count: 62),
        String(repeating: "f", count: 32) + "fb" + String(repeating: "fe", count: 15)
          + String(repeating: "01", count: 16),
        "00"
      ),
      (
        "02" + String(repeating: "0", count: 62), "fd" + String(repeating: "f", count: 30),
        "fa" + String(repeating: "f", count: 30)
      ),
    ]) func authenticatorEdges(_ key: String, _ text: String, _ tag: String)
  {
    var code = Poly1305(key: hex(key))
    code.update(hex(text)[...])
    let tag = hex(tag)
    #expect(code.finish() == tag + [UInt8](repeating: 0, count: 16 - tag.count))
  }

  @Test("AES deciphers chained blocks (NIST SP 800-38A, F.2)") func cbc() throws {
    let cipher = try #require(AESCBC(key: hex("2b7e151628aed2a6abf7158809cf4f3c")))
    let blocks = hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
    let text = cipher.decrypt(blocks[...], vector: Array(0..<16)[...])
    #expect(text == hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"))
    #expect(cipher.decrypt([1, 2], vector: Array(0..<16)[...]) == [])
  }

  @Test("Codes by hashes (RFC 2202 and RFC 4231, test case 2)") func hmac() {
    let text = Array("what do ya want for nothing?".utf8)
    let codes: [(HashAlgorithm, String)] = [
      (.sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
      (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
      (.sha384, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"),
    ]
    for (hash, code) in codes {
      let hmac = HMAC(hash, key: Array("Jefe".utf8))
      #expect(hmac.code(of: [text[...]]) == hex(code))
      #expect(hmac.code(of: [text[..<5], text[5...]]) == hex(code))
    }
    let long = HMAC(.sha256, key: [UInt8](repeating: 0xAA, count: 131))
    #expect(
      long.code(of: [Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)[...]])
        == hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
  }
}
