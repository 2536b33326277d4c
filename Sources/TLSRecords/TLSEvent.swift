/// What a TLS connection was found to hold.
package enum TLSEvent {
  /// The next bytes that the connection carries: the content of a record, in ``TLSConnection/content``.
  case content
  /// The same, sent by the client before the server's answer, which may refuse it: see ``earlyDataDecided(isAccepted:)``.
  case earlyContent
  /// Whether the server took what came early.
  case earlyDataDecided(isAccepted: Bool)
  /// The next bytes that the connection carries are lost; nil: how many is not known.
  case lost(Int?)
  /// ``TLSConnection/session`` says more than before.
  case session
  /// An alert, other than the one that closes a direction in order.
  case alert(level: UInt8, description: UInt8)
  /// Records are protected, and the key log has no secret of the connection.
  case noKeys
  /// The key log has other secrets of the connection, but not the one that records of the direction are under.
  case lacksSecret(TLSKeyLog.Label)
  /// What comes is under keys of a handshake that was not captured whole.
  case lacksHandshake
  /// Records are protected in a way that is not undone.
  case unsupported(String)
  /// A record, at an offset of the direction's bytes, is not authentic.
  case badRecord(offset: Int)
  /// What stands at an offset is no record.
  case strange(offset: Int)
  /// A record was found behind bytes that were passed over.
  case resumed(offset: Int, skipped: Int)
}

/// What is known of a TLS connection from its handshake.
package struct TLSSession: Equatable, Sendable {
  /// As `1.3`; nil as long as the server has not answered.
  package var version: String?
  package var cipher: String?
  /// The name that the client wants to reach.
  package var serverName: String?
  /// The application protocol that both agreed on.
  package var applicationProtocol: String?
  /// The application protocols that the client speaks.
  package var offeredProtocols: [String] = []
  /// The random of the client by which key logs name the connection.
  package var clientRandom: [UInt8]?

  /// Whether the server resumed an earlier session; of TLS 1.3 that cannot be seen.
  package var isResumed = false

  static func name(ofVersion number: UInt16) -> String {
    switch number {
    case 0x0300: "SSL 3.0"
    case 0x0301...0x0304: "1.\(number - 0x0301)"
    default: "0x" + String(number, radix: 16)
    }
  }
}

/// The names of alerts (RFC 8446 §6, and the registry of IANA).
package enum TLSAlert {
  package static func name(_ description: UInt8) -> String { names[description] ?? "alert \(description)" }

  /// The alert by which a side says that nothing more comes.
  static let closeNotify: UInt8 = 0

  private static let names: [UInt8: String] = [
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required",
    120: "no_application_protocol", 121: "ech_required",
  ]
}

/// Who is told what a TLS connection holds.
package protocol TLSHandler: AnyObject {
  /// Is given an event of a direction. ``TLSConnection/content`` holds until it returns.
  func take(_ event: TLSEvent, of direction: Int, _ connection: TLSConnection)
}
