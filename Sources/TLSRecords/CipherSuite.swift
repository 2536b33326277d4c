import SystemCrypto

/// A cipher suite as a ServerHello names it (the registry of IANA).
struct CipherSuite: Sendable {
  /// How records are protected.
  enum Protection: Equatable, Sendable {
    case gcm, chaCha
    /// Cipher block chaining with a code of this hash.
    case cbc(HashAlgorithm)
  }

  let name: String
  let protection: Protection
  /// How many bytes the cipher's key has.
  let keyLength: Int
  /// The hash that keys are derived with.
  let hash: HashAlgorithm

  /// The suites of TLS 1.3 whose secrets have a length; which one it is shows by trial.
  static func suites13(secretLength: Int) -> [CipherSuite] {
    [0x1301, 0x1302, 0x1303].compactMap { suites[$0] }.filter { $0.hash.byteCount == secretLength }
  }

  /// The suite with a number, if its records can be opened.
  init?(_ number: UInt16) {
    guard let suite = Self.suites[number] else { return nil }
    self = suite
  }

  private init(_ name: String, _ protection: Protection, _ keyLength: Int, _ hash: HashAlgorithm) {
    self.name = name
    self.protection = protection
    self.keyLength = keyLength
    self.hash = hash
  }

  /// The name of a suite, also of one that cannot be opened.
  static func name(_ number: UInt16) -> String {
    if let suite = suites[number] { return suite.name }
    let digits = String(number, radix: 16, uppercase: true)
    return "cipher suite 0x" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static let suites: [UInt16: CipherSuite] = {
    var all: [UInt16: CipherSuite] = [
      0x1301: .init("TLS_AES_128_GCM_SHA256", .gcm, 16, .sha256),
      0x1302: .init("TLS_AES_256_GCM_SHA384", .gcm, 32, .sha384),
      0x1303: .init("TLS_CHACHA20_POLY1305_SHA256", .chaCha, 32, .sha256),
    ]
    // How the key was agreed on does not matter here: the rest of the name does.
    func add(
      _ exchanges: [(String, UInt16)], _ rest: String, _ protection: Protection, _ length: Int, _ hash: HashAlgorithm
    ) {
      for (exchange, number) in exchanges {
        all[number] = .init("TLS_\(exchange)_WITH_\(rest)", protection, length, hash)
      }
    }
    add(
      [
        ("RSA", 0x9C), ("DHE_RSA", 0x9E), ("DHE_DSS", 0xA2), ("DH_anon", 0xA6), ("PSK", 0xA8), ("DHE_PSK", 0xAA),
        ("RSA_PSK", 0xAC), ("ECDHE_ECDSA", 0xC02B), ("ECDH_ECDSA", 0xC02D), ("ECDHE_RSA", 0xC02F), ("ECDH_RSA", 0xC031),
        ("ECDHE_PSK", 0xD001),
      ], "AES_128_GCM_SHA256", .gcm, 16, .sha256)
    add(
      [
        ("RSA", 0x9D), ("DHE_RSA", 0x9F), ("DHE_DSS", 0xA3), ("DH_anon", 0xA7), ("PSK", 0xA9), ("DHE_PSK", 0xAB),
        ("RSA_PSK", 0xAD), ("ECDHE_ECDSA", 0xC02C), ("ECDH_ECDSA", 0xC02E), ("ECDHE_RSA", 0xC030), ("ECDH_RSA", 0xC032),
        ("ECDHE_PSK", 0xD002),
      ], "AES_256_GCM_SHA384", .gcm, 32, .sha384)
    add(
      [
        ("ECDHE_RSA", 0xCCA8), ("ECDHE_ECDSA", 0xCCA9), ("DHE_RSA", 0xCCAA), ("PSK", 0xCCAB), ("ECDHE_PSK", 0xCCAC),
        ("DHE_PSK", 0xCCAD), ("RSA_PSK", 0xCCAE),
      ], "CHACHA20_POLY1305_SHA256", .chaCha, 32, .sha256)
    add(
      [
        ("RSA", 0x2F), ("DHE_DSS", 0x32), ("DHE_RSA", 0x33), ("DH_anon", 0x34), ("PSK", 0x8C), ("DHE_PSK", 0x90),
        ("RSA_PSK", 0x94), ("ECDH_ECDSA", 0xC004), ("ECDHE_ECDSA", 0xC009), ("ECDH_RSA", 0xC00E), ("ECDHE_RSA", 0xC013),
        ("ECDH_anon", 0xC018), ("ECDHE_PSK", 0xC035),
      ], "AES_128_CBC_SHA", .cbc(.sha1), 16, .sha256)
    add(
      [
        ("RSA", 0x35), ("DHE_DSS", 0x38), ("DHE_RSA", 0x39), ("DH_anon", 0x3A), ("PSK", 0x8D), ("DHE_PSK", 0x91),
        ("RSA_PSK", 0x95), ("ECDH_ECDSA", 0xC005), ("ECDHE_ECDSA", 0xC00A), ("ECDH_RSA", 0xC00F), ("ECDHE_RSA", 0xC014),
        ("ECDH_anon", 0xC019), ("ECDHE_PSK", 0xC036),
      ], "AES_256_CBC_SHA", .cbc(.sha1), 32, .sha256)
    add(
      [
        ("RSA", 0x3C), ("DHE_DSS", 0x40), ("DHE_RSA", 0x67), ("DH_anon", 0x6C), ("PSK", 0xAE), ("DHE_PSK", 0xB2),
        ("RSA_PSK", 0xB6), ("ECDHE_ECDSA", 0xC023), ("ECDH_ECDSA", 0xC025), ("ECDHE_RSA", 0xC027), ("ECDH_RSA", 0xC029),
        ("ECDHE_PSK", 0xC037),
      ], "AES_128_CBC_SHA256", .cbc(.sha256), 16, .sha256)
    add(
      [("RSA", 0x3D), ("DHE_DSS", 0x6A), ("DHE_RSA", 0x6B), ("DH_anon", 0x6D)], "AES_256_CBC_SHA256", .cbc(.sha256), 32,
      .sha256)
    add(
      [
        ("PSK", 0xAF), ("DHE_PSK", 0xB3), ("RSA_PSK", 0xB7), ("ECDHE_ECDSA", 0xC024), ("ECDH_ECDSA", 0xC026),
        ("ECDHE_RSA", 0xC028), ("ECDH_RSA", 0xC02A), ("ECDHE_PSK", 0xC038),
      ], "AES_256_CBC_SHA384", .cbc(.sha384), 32, .sha384)
    return all
  }()
}
