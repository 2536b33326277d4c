import CCrypto

/// The hash functions that TLS uses (FIPS 180-4), computed by the system's libcrypto.
package enum HashAlgorithm: Sendable {
  case sha1, sha256, sha384

  /// How many bytes a digest has.
  package var byteCount: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha384: 48
    }
  }

  /// How many bytes it takes at a time, which HMAC asks for.
  var blockLength: Int { self == .sha384 ? 128 : 64 }

  /// The digest of pieces that follow each other.
  package func digest(of pieces: [ArraySlice<UInt8>]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    // The functions of these digests return 1, always.
    switch self {
    case .sha1:
      var context = SHA_CTX()
      SHA1_Init(&context)
      for piece in pieces { _ = piece.withUnsafeBytes { SHA1_Update(&context, $0.baseAddress, $0.count) } }
      SHA1_Final(&digest, &context)
    case .sha256:
      var context = SHA256_CTX()
      SHA256_Init(&context)
      for piece in pieces { _ = piece.withUnsafeBytes { SHA256_Update(&context, $0.baseAddress, $0.count) } }
      SHA256_Final(&digest, &context)
    case .sha384:
      var context = SHA512_CTX()
      SHA384_Init(&context)
      for piece in pieces { _ = piece.withUnsafeBytes { SHA384_Update(&context, $0.baseAddress, $0.count) } }
      SHA384_Final(&digest, &context)
    }
    return digest
  }
}

/// Message authentication by a hash (RFC 2104).
package struct HMAC: Sendable {
  private let hash: HashAlgorithm
  private let innerKey: [UInt8]
  private let outerKey: [UInt8]

  package init(_ hash: HashAlgorithm, key: [UInt8]) {
    self.hash = hash
    var block = key.count > hash.blockLength ? hash.digest(of: [key[...]]) : key
    block += [UInt8](repeating: 0, count: hash.blockLength - block.count)
    innerKey = block.map { $0 ^ 0x36 }
    outerKey = block.map { $0 ^ 0x5C }
  }

  /// The code of pieces that follow each other.
  package func code(of pieces: [ArraySlice<UInt8>]) -> [UInt8] {
    let inner = hash.digest(of: [innerKey[...]] + pieces)
    return hash.digest(of: [outerKey[...], inner[...]])
  }
}
