/// The fields that a filter can name: those of ndjson objects, by the same names.
enum FilterField: String, CaseIterable, Sendable {
  case type, connection, direction
  // Of a connection, and so of every record of it.
  case client, server, path, uid, typed, deviceId, source, version, charset, identity, revision, compression, status
  case midstream, tlsVersion, tlsCipher, serverName, applicationProtocol
  // Of frames.
  case protocolId, sn, length, payloadLength, text, compressed, fragments, kind
  // Of control frames.
  case opcode, code, reason
  // Of calls.
  case requestId, responseId, latency, outcome
  // Of findings.
  case id, requirement, level, offset, message

  /// What its values are.
  enum Form: Sendable {
    case number, text, flag
    /// One of a few words.
    case words([String])
  }

  var form: Form {
    switch self {
    case .connection, .typed, .version, .charset, .status, .protocolId, .sn, .length, .payloadLength, .fragments, .code,
      .requestId, .responseId, .latency, .offset:
      .number
    case .midstream, .compressed: .flag
    case .type: .words(["connection", "frame", "control", "rpc", "finding"])
    case .direction: .words(["client", "server"])
    case .kind: .words(["message", "request", "response", "displacement", "acknowledgement"])
    case .opcode: .words(["close", "ping", "pong"])
    case .outcome: .words(["answered", "unanswered", "connectionClosed"])
    case .level: .words(["MUST", "SHOULD", "MAY"])
    case .client, .server, .path, .uid, .deviceId, .source, .identity, .revision, .compression, .tlsVersion, .tlsCipher,
      .serverName, .applicationProtocol, .text, .reason, .id, .requirement, .message:
      .text
    }
  }
}
