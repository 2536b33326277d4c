import CCrypto

/// AES in Galois/Counter Mode (NIST SP 800-38D) with nonces of 12 bytes and tags of 16, computed by the system's libcrypto.
/// What is sealed is opened; nothing is sealed.
package final class AESGCM {
  private let key: UnsafeMutablePointer<AES_KEY>
  private let context: OpaquePointer

  /// - Parameter key: 16, 24 or 32 bytes; nil for another length.
  package init?(key bytes: [UInt8]) {
    key = .allocate(capacity: 1)
    guard AES_set_encrypt_key(bytes, Int32(bytes.count * 8), key) == 0, let context = wireproof_gcm_new(key) else {
      key.deallocate()
      return nil
    }
    self.context = context
  }

  deinit {
    CRYPTO_gcm128_release(context)
    key.deallocate()
  }

  /// Opens what was sealed.
  ///
  /// - Parameters:
  ///   - sealed: The ciphertext and the tag behind it.
  ///   - plaintext: Takes the content, in the place of what it holds; what it holds is of no use where the tag is wrong.
  /// - Returns: Whether the tag is right.
  package func open(
    _ sealed: ArraySlice<UInt8>, nonce: [UInt8], authenticated: [UInt8], into plaintext: inout [UInt8]
  ) -> Bool {
    let count = sealed.count - 16
    guard count >= 0 else { return false }
    CRYPTO_gcm128_setiv(context, nonce, nonce.count)
    CRYPTO_gcm128_aad(context, authenticated, authenticated.count)
    plaintext.removeAll(keepingCapacity: true)
    return sealed.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return false }
      plaintext.append(addingCapacity: count) { span in
        span.withUnsafeMutableBufferPointer { memory, initialized in
          CRYPTO_gcm128_decrypt(context, base, memory.baseAddress, count)
          initialized = count
        }
      }
      return CRYPTO_gcm128_finish(context, base + count, 16) == 0
    }
  }

  /// One byte of the content, without looking at the tag.
  ///
  /// - Parameter index: Its place, in front of the tag.
  package func byte(_ index: Int, of sealed: ArraySlice<UInt8>, nonce: [UInt8]) -> UInt8 {
    // The first block masks the tag, so that those of the content are numbered from 2.
    let number = UInt32(truncatingIfNeeded: index / 16 + 2)
    let counter = nonce + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    var block = [UInt8](repeating: 0, count: 16)
    AES_encrypt(counter, &block, key)
    return sealed[sealed.startIndex + index] ^ block[index % 16]
  }
}

/// AES in cipher block chaining (NIST SP 800-38A), for deciphering.
package final class AESCBC {
  private var key = AES_KEY()

  /// - Parameter key: 16, 24 or 32 bytes; nil for another length.
  package init?(key bytes: [UInt8]) {
    guard AES_set_decrypt_key(bytes, Int32(bytes.count * 8), &key) == 0 else { return nil }
  }

  /// Deciphers whole blocks; what is left over at the end is not.
  ///
  /// - Parameter vector: The initialisation vector, 16 bytes.
  package func decrypt(_ blocks: ArraySlice<UInt8>, vector: ArraySlice<UInt8>) -> [UInt8] {
    let count = blocks.count & ~15
    var vector = Array(vector)
    return blocks.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: count) { memory, initialized in
        if count > 0 { AES_cbc_encrypt(source.baseAddress, memory.baseAddress, count, &key, &vector, AES_DECRYPT) }
        initialized = count
      }
    }
  }
}
