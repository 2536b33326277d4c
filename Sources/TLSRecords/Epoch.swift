import SystemCrypto

/// The records of one side that are under the same keys.
struct Epoch {
  /// What comes under the keys.
  enum Kind: Equatable { case early, handshake, application }

  var kind: Kind
  let protection: RecordProtection
  /// The number of the next record.
  var sequence: UInt64 = 0
  /// Of TLS 1.3: what the keys follow from, and with it those after a key update.
  private var secret: (bytes: [UInt8], suite: CipherSuite)?

  /// The records of TLS 1.3 under a traffic secret.
  init?(_ kind: Kind, secret: [UInt8], suite: CipherSuite) {
    guard let protection = KeySchedule.protection13(secret, suite: suite) else { return nil }
    self.kind = kind
    self.protection = protection
    self.secret = (secret, suite)
  }

  /// The records of TLS 1.2.
  init(_ protection: RecordProtection) {
    kind = .application
    self.protection = protection
  }

  var isVersion13: Bool { secret != nil }

  /// The suite, of TLS 1.3.
  var suite: CipherSuite? { secret?.suite }

  /// The records after a key update; nil where there is none.
  var updated: Epoch? {
    guard kind == .application, let secret else { return nil }
    return Epoch(.application, secret: KeySchedule.updated(secret.bytes, hash: secret.suite.hash), suite: secret.suite)
  }

  /// Opens a record whose number may be any of several, and counts on from it.
  ///
  /// - Parameters:
  ///   - slack: How many records before it may be lost.
  ///   - budget: How many bytes may be opened in vain; is diminished.
  /// - Returns: How many records were lost; nil if it is none of them.
  mutating func open(_ record: ProtectedRecord, slack: Int, budget: inout Int, hint: UInt64?) -> Int? {
    if slack == 0 {
      guard protection.open(record, sequence: sequence) else { return nil }
      sequence += 1
      return 0
    }
    if let hint, hint >= sequence, hint - sequence <= UInt64(slack), protection.open(record, sequence: hint) {
      defer { sequence = hint + 1 }
      return Int(hint - sequence)
    }
    for lost in 0...slack {
      guard budget > 0 else { return nil }
      budget -= 64
      let number = sequence + UInt64(lost)
      guard protection.canOpen(record, sequence: number) else { continue }
      budget -= record.body.count
      guard protection.open(record, sequence: number) else { continue }
      sequence = number + 1
      return lost
    }
    return nil
  }
}
