import SystemCrypto

/// How keys follow from secrets.
enum KeySchedule {
  /// HKDF-Expand-Label (RFC 8446 §7.1), with an empty context.
  static func expandLabel(_ secret: [UInt8], _ label: String, length: Int, hash: HashAlgorithm) -> [UInt8] {
    let name = Array("tls13 \(label)".utf8)
    let info = [UInt8(length >> 8), UInt8(length & 0xFF), UInt8(name.count)] + name + [0]
    // HKDF-Expand (RFC 5869 §2.3).
    let hmac = HMAC(hash, key: secret)
    var output: [UInt8] = []
    var block: [UInt8] = []
    var number: UInt8 = 0
    while output.count < length {
      number += 1
      block = hmac.code(of: [block[...], info[...], [number]])
      output += block
    }
    return Array(output.prefix(length))
  }

  /// The secret that follows a key update (RFC 8446 §7.2).
  static func updated(_ secret: [UInt8], hash: HashAlgorithm) -> [UInt8] {
    expandLabel(secret, "traffic upd", length: hash.byteCount, hash: hash)
  }

  /// The pseudorandom function of TLS 1.2 (RFC 5246 §5).
  static func pseudorandom(
    _ secret: [UInt8], _ label: String, seed: [UInt8], length: Int, hash: HashAlgorithm
  ) -> [UInt8] {
    let seed = Array(label.utf8) + seed
    let hmac = HMAC(hash, key: secret)
    var output: [UInt8] = []
    var chain = seed
    while output.count < length {
      chain = hmac.code(of: [chain[...]])
      output += hmac.code(of: [chain[...], seed[...]])
    }
    return Array(output.prefix(length))
  }

  /// What protects the records of one side under a traffic secret of TLS 1.3 (RFC 8446 §7.3).
  static func protection13(_ secret: [UInt8], suite: CipherSuite) -> RecordProtection? {
    let key = expandLabel(secret, "key", length: suite.keyLength, hash: suite.hash)
    let vector = expandLabel(secret, "iv", length: 12, hash: suite.hash)
    return RecordProtection(suite, isVersion13: true, key: key, vector: vector)
  }

  /// What protects the records of the client and of the server under a master secret of TLS 1.2 (RFC 5246 §6.3).
  static func protection12(
    master: [UInt8], clientRandom: [UInt8], serverRandom: [UInt8], suite: CipherSuite, encryptsFirst: Bool
  ) -> (client: RecordProtection, server: RecordProtection)? {
    let codeLength: Int
    let vectorLength: Int
    switch suite.protection {
    case .gcm: (codeLength, vectorLength) = (0, 4)
    case .chaCha: (codeLength, vectorLength) = (0, 12)
    case .cbc(let hash): (codeLength, vectorLength) = (hash.byteCount, 0)
    }
    var block = pseudorandom(
      master, "key expansion", seed: serverRandom + clientRandom,
      length: 2 * (codeLength + suite.keyLength + vectorLength), hash: suite.hash)[...]
    func take(_ count: Int) -> [UInt8] {
      defer { block = block.dropFirst(count) }
      return Array(block.prefix(count))
    }
    let codeKeys = (take(codeLength), take(codeLength))
    let keys = (take(suite.keyLength), take(suite.keyLength))
    let vectors = (take(vectorLength), take(vectorLength))
    guard
      let client = RecordProtection(
        suite, isVersion13: false, key: keys.0, vector: vectors.0, codeKey: codeKeys.0, encryptsFirst: encryptsFirst),
      let server = RecordProtection(
        suite, isVersion13: false, key: keys.1, vector: vectors.1, codeKey: codeKeys.1, encryptsFirst: encryptsFirst)
    else { return nil }
    return (client, server)
  }
}
