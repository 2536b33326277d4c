import CCrypto

/// A running SHA-256 (FIPS 180-4), computed by the system's libcrypto.
package struct SHA256: ~Copyable {
  /// How many bytes a digest has.
  package static let byteCount = 32

  private let context: OpaquePointer

  /// The digest of nothing so far.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto has no memory left, or no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes more bytes.
  package mutating func update(_ bytes: [UInt8]) {
    let status = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(status == 1, "a digest of libcrypto takes any bytes")
  }

  /// The 32 bytes of the digest of what came so far. More may follow.
  package func digest() -> [UInt8] {
    var copy = SHA256()
    return copy.end(continuing: context)
  }

  /// The 32 bytes of the digest of these bytes.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.digest()
  }

  /// Ends a copy of another's state: an ended one takes no more.
  private mutating func end(continuing other: OpaquePointer) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    let status = EVP_MD_CTX_copy_ex(context, other) == 1 && EVP_DigestFinal_ex(context, &digest, nil) == 1
    precondition(status, "a digest of libcrypto can be copied and ended")
    return digest
  }
}
