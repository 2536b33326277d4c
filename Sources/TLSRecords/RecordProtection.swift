import SystemCrypto

/// A record as it stands on the wire.
struct ProtectedRecord {
  /// The content type of the header.
  var type: UInt8
  /// The version of the header, which no longer says anything, but is authenticated.
  var version: UInt16
  /// What follows the header.
  var body: ArraySlice<UInt8>

  /// How many bytes a header has.
  static let headerLength = 5
}

/// Opens the records of one side that are protected by one set of keys.
final class RecordProtection {
  private enum Cipher {
    case gcm(AESGCM)
    case chaCha(ChaChaPoly)
    case cbc(AESCBC, HMAC, codeLength: Int)
  }

  private let cipher: Cipher
  private let vector: [UInt8]
  private let isVersion13: Bool
  /// Whether the code is computed over what is encrypted (RFC 7366), instead of before.
  private let encryptsFirst: Bool
  /// What the last record was opened to.
  private(set) var plaintext: [UInt8] = []

  init?(
    _ suite: CipherSuite, isVersion13: Bool, key: [UInt8], vector: [UInt8], codeKey: [UInt8] = [],
    encryptsFirst: Bool = false
  ) {
    switch suite.protection {
    case .gcm:
      guard let gcm = AESGCM(key: key) else { return nil }
      cipher = .gcm(gcm)
    case .chaCha:
      guard let chaCha = ChaChaPoly(key: key) else { return nil }
      cipher = .chaCha(chaCha)
    case .cbc(let hash):
      guard let cbc = AESCBC(key: key) else { return nil }
      cipher = .cbc(cbc, HMAC(hash, key: codeKey), codeLength: hash.byteCount)
    }
    self.vector = vector
    self.isVersion13 = isVersion13
    self.encryptsFirst = encryptsFirst
  }

  /// How many bytes more than its content a record of application data has on the wire, header and all; nil: that differs.
  ///
  /// Of TLS 1.3 it is right for records without padding, which nobody sends.
  var overhead: Int? {
    switch cipher {
    case .cbc: nil
    case .gcm: ProtectedRecord.headerLength + 16 + (isVersion13 ? 1 : 8)
    case .chaCha: ProtectedRecord.headerLength + 16 + (isVersion13 ? 1 : 0)
    }
  }

  /// The fewest bytes that a record has on the wire, header and all.
  var minimumLength: Int {
    switch cipher {
    case .cbc: ProtectedRecord.headerLength + 32
    case .gcm, .chaCha: overhead ?? ProtectedRecord.headerLength
    }
  }

  /// Opens a record into ``plaintext``; of TLS 1.3 without the padding, with the content type at the end.
  ///
  /// - Returns: Whether it is authentic.
  func open(_ record: ProtectedRecord, sequence: UInt64) -> Bool {
    switch cipher {
    case .gcm(let gcm):
      guard let sealed = sealed(record) else { return false }
      return gcm.open(
        sealed, nonce: nonce(record, sequence), authenticated: authenticated(record, sequence, sealed.count - 16),
        into: &plaintext)
    case .chaCha(let chaCha):
      guard let sealed = sealed(record) else { return false }
      return chaCha.open(
        sealed, nonce: nonce(record, sequence), authenticated: authenticated(record, sequence, sealed.count - 16),
        into: &plaintext)
    case .cbc(let cbc, let hmac, let length): return open(record, sequence, cbc, hmac, length)
    }
  }

  /// Whether a record can be the one with a sequence number, found out cheaply where that is possible: the last byte of TLS 1.3 is a
  /// content type, or padding.
  func canOpen(_ record: ProtectedRecord, sequence: UInt64) -> Bool {
    guard isVersion13 else { return true }
    let last = record.body.count - 17
    guard last >= 0 else { return false }
    let type: UInt8
    switch cipher {
    case .gcm(let gcm): type = gcm.byte(last, of: record.body, nonce: nonce(record, sequence))
    case .chaCha(let chaCha): type = chaCha.byte(last, of: record.body, nonce: nonce(record, sequence))
    case .cbc: return true
    }
    return type == 0 || (21...23).contains(type)
  }

  /// The number that a record of TLS 1.2 carries as part of its nonce, which most senders count up.
  func explicitNonce(of record: ProtectedRecord) -> UInt64? {
    guard case .gcm = cipher, !isVersion13, record.body.count >= 8 else { return nil }
    return record.body.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Authenticated encryption

  /// The ciphertext and its tag.
  private func sealed(_ record: ProtectedRecord) -> ArraySlice<UInt8>? {
    let sealed = explicitNonce(of: record) == nil ? record.body : record.body.dropFirst(8)
    return sealed.count >= 16 ? sealed : nil
  }

  private func nonce(_ record: ProtectedRecord, _ sequence: UInt64) -> [UInt8] {
    if case .gcm = cipher, !isVersion13 { return vector + record.body.prefix(8) }
    var nonce = vector
    for index in 0..<8 { nonce[11 - index] ^= UInt8(truncatingIfNeeded: sequence >> (8 * UInt64(index))) }
    return nonce
  }

  private func authenticated(_ record: ProtectedRecord, _ sequence: UInt64, _ length: Int) -> [UInt8] {
    if isVersion13 { return Self.header(record, length: record.body.count) }
    return Self.numbered(sequence, Self.header(record, length: length))
  }

  private static func header(_ record: ProtectedRecord, length: Int) -> [UInt8] {
    [
      record.type, UInt8(record.version >> 8), UInt8(record.version & 0xFF), UInt8(truncatingIfNeeded: length >> 8),
      UInt8(truncatingIfNeeded: length),
    ]
  }

  private static func numbered(_ sequence: UInt64, _ header: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: sequence >> (56 - 8 * UInt64($0))) } + header
  }

  // MARK: Cipher block chaining

  private func open(
    _ record: ProtectedRecord, _ sequence: UInt64, _ cbc: AESCBC, _ hmac: HMAC, _ codeLength: Int
  ) -> Bool {
    var body = record.body
    if encryptsFirst {
      guard body.count >= 32 + codeLength else { return false }
      let code = body.suffix(codeLength)
      body = body.dropLast(codeLength)
      let head = Self.numbered(sequence, Self.header(record, length: body.count))
      guard hmac.code(of: [head[...], body]).elementsEqual(code) else { return false }
    }
    guard body.count >= 32, body.count % 16 == 0 else { return false }
    let content = cbc.decrypt(body.dropFirst(16), vector: body.prefix(16))
    guard let padding = content.last, Int(padding) < content.count else { return false }
    let padded = content.dropLast(Int(padding) + 1)
    if encryptsFirst {
      plaintext = Array(padded)
      return true
    }
    guard padded.count >= codeLength else { return false }
    let text = padded.dropLast(codeLength)
    let head = Self.numbered(sequence, Self.header(record, length: text.count))
    guard hmac.code(of: [head[...], text]).elementsEqual(padded.suffix(codeLength)) else { return false }
    plaintext = Array(text)
    return true
  }
}
