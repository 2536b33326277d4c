import CCrypto

/// A running SHA-256 (FIPS 180-4), computed by the system's libcrypto.
package struct SHA256 {
  /// How many bytes a digest has.
  package static let byteCount = 32

  private var context = SHA256_CTX()

  /// The digest of nothing so far.
  package init() {
    // The functions of this digest return 1, always.
    SHA256_Init(&context)
  }

  /// Takes more bytes.
  package mutating func update(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { SHA256_Update(&context, $0.baseAddress, $0.count) }
  }

  /// The 32 bytes of the digest of what came so far. More may follow.
  package func digest() -> [UInt8] {
    // An ended state takes no more: it is a copy that ends.
    var copy = context
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    SHA256_Final(&digest, &copy)
    return digest
  }

  /// The 32 bytes of the digest of these bytes.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.digest()
  }
}
