import FrameCodec
import Negotiation
import Specification
import TLSRecords

/// A record as a filter sees it.
struct RecordFacts {
  /// What kind of record it is, and its fields.
  enum Subject {
    case connection
    case frame(FrameRecord, payloadLength: Int, text: String?)
    case control(ControlRecord)
    case call(CallRecord)
    case finding(FindingRecord)
  }

  let subject: Subject
  /// The record of its connection, if it has one that is known.
  let connection: ConnectionRecord?
  let number: Int?

  /// The value of a field; nil where the record has none.
  func value(of field: FilterField) -> FilterValue? {
    switch field {
    case .type: .text(type)
    case .connection: number.map { .number(Double($0)) }
    case .direction: role.map { .text($0.rawValue) }
    case .client, .server, .path, .uid, .typed, .deviceId, .source, .version, .charset, .identity, .revision,
      .compression,
      .status, .midstream, .tlsVersion, .tlsCipher, .serverName, .applicationProtocol:
      connection.flatMap { Self.value(of: field, in: $0) }
    case .protocolId, .sn, .length, .payloadLength, .text, .compressed, .fragments, .kind: frameValue(of: field)
    case .opcode, .code, .reason: controlValue(of: field)
    case .requestId, .responseId, .latency, .outcome: callValue(of: field)
    case .id, .requirement, .level, .offset, .message: findingValue(of: field)
    }
  }

  private var type: String {
    switch subject {
    case .connection: "connection"
    case .frame: "frame"
    case .control: "control"
    case .call: "rpc"
    case .finding: "finding"
    }
  }

  private var role: PeerRole? {
    switch subject {
    case .connection: nil
    case .frame(let record, _, _): record.role
    case .control(let record): record.role
    case .call(let record): record.role
    case .finding(let record): record.role
    }
  }

  private static func value(of field: FilterField, in record: ConnectionRecord) -> FilterValue? {
    let metadata = record.handshake?.metadata
    switch field {
    case .client: return .text(record.client)
    case .server: return .text(record.server)
    case .path: return record.handshake.map { .text($0.path) }
    case .uid: return metadata.map { .text($0.uidText) }
    case .typed: return metadata.map { .number(Double($0.typed)) }
    case .deviceId: return metadata.map { .text($0.deviceIdText) }
    case .source: return metadata.map { .text($0.sourceText) }
    case .version: return metadata.map { .number(Double($0.version)) }
    case .charset: return metadata.map { .number(Double($0.charset)) }
    case .identity:
      let withSource = record.revision == nil || record.revision == .v1_3_3
      return metadata.map { .text(String(decoding: $0.identity(withSource: withSource), as: UTF8.self)) }
    case .revision: return record.revision.map { .text($0.rawValue) }
    case .compression: return record.compression.map { .text($0) }
    case .status: return record.status.map { .number(Double($0)) }
    case .midstream: return .flag(record.isMidstream)
    case .tlsVersion: return record.tls?.version.map { .text($0) }
    case .tlsCipher: return record.tls?.cipher.map { .text($0) }
    case .serverName: return record.tls?.serverName.map { .text($0) }
    case .applicationProtocol: return record.tls?.applicationProtocol.map { .text($0) }
    default: return nil
    }
  }

  private func frameValue(of field: FilterField) -> FilterValue? {
    if case .call(let call) = subject, field == .sn { return .number(Double(call.sn)) }
    guard case .frame(let record, let payloadLength, let text) = subject else { return nil }
    switch field {
    case .protocolId: return .number(Double(record.header.protocolId))
    case .sn: return record.header.sn.map { .number(Double($0)) }
    case .length: return record.header.length.map { .number(Double($0)) }
    case .payloadLength: return .number(Double(payloadLength))
    case .text: return text.map { .text($0) }
    case .compressed: return .flag(record.isCompressed)
    case .fragments: return .number(Double(record.fragments))
    case .kind: return .text(record.kind.rawValue)
    default: return nil
    }
  }

  private func controlValue(of field: FilterField) -> FilterValue? {
    guard case .control(let record) = subject else { return nil }
    switch field {
    case .opcode: return .text(record.opcode.rawValue)
    case .code: return record.code.map { .number(Double($0)) }
    case .reason: return .text(String(decoding: record.reason, as: UTF8.self))
    default: return nil
    }
  }

  private func callValue(of field: FilterField) -> FilterValue? {
    guard case .call(let record) = subject else { return nil }
    switch field {
    case .requestId: return .number(Double(record.requestId))
    case .responseId: return record.responseId.map { .number(Double($0)) }
    case .latency: return record.latency.map { .number(Double($0) / 1e9) }
    case .outcome: return .text(record.outcome.rawValue)
    default: return nil
    }
  }

  private func findingValue(of field: FilterField) -> FilterValue? {
    guard case .finding(let record) = subject else { return nil }
    switch field {
    case .id: return .text(record.id)
    case .requirement: return record.requirement.map { .text($0) }
    case .level: return record.level.map { .text($0) }
    case .offset: return record.offset.map { .number(Double($0)) }
    case .message: return .text(record.message)
    default: return nil
    }
  }
}
