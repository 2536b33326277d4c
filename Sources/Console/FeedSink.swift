import FrameCodec
import NIOConcurrencyHelpers
import Negotiation
import Specification
import StrictJSON
import WireInspector

/// Makes events of what the inspector finds.
final class FeedSink: InspectionSink {
  /// How many bytes of a payload a page is sent; it is told the size of the whole.
  static let shownBytes = 1 << 16

  /// How many connections a page is told of that comes later.
  private static let keptConnections = 256

  private let events: EventStream
  private let connections = NIOLockedValueBox<[JSONObject]>([])

  init(_ events: EventStream) { self.events = events }

  /// The connections so far, the last ones.
  var known: [JSONObject] { connections.withLockedValue { $0 } }

  func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    var event = Self.event("connection", place)
    event["client"] = .string(record.client)
    event["revision"] = .text(record.revision?.rawValue)
    event["compression"] = .text(record.compression)
    event["status"] = record.status.map { .number($0) } ?? .null
    if let handshake = record.handshake {
      event["path"] = .string(handshake.path)
      event["identity"] = .string(String(decoding: handshake.metadata.identity(), as: UTF8.self))
      event["charset"] = .number(handshake.metadata.charset)
    }
    connections.withLockedValue { [event] connections in
      connections.append(event)
      if connections.count > Self.keptConnections { connections.removeFirst() }
    }
    events.publish(event)
  }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    guard events.isHeard else { return }
    var event = Self.event("frame", place)
    event["from"] = .string(record.role.rawValue)
    event["id"] = .number(record.header.protocolId)
    event["sn"] = record.header.sn.map { .number($0) } ?? .null
    event["size"] = .number(record.payloadLength)
    event["payload"] = .string(
      payload.withUnsafeBytes { Base64.encode(Array($0.prefix(Self.shownBytes))) })
    event["compressed"] = .bool(record.isCompressed)
    event["fragments"] = .number(record.fragments)
    event["wire"] = .number(record.wireLength)
    event["kind"] = .string(record.kind.rawValue)
    events.publish(event)
  }

  func control(_ record: ControlRecord, at place: RecordPlace) {
    guard events.isHeard else { return }
    var event = Self.event("control", place)
    event["from"] = .string(record.role.rawValue)
    event["opcode"] = .string(record.opcode.rawValue)
    event["code"] = record.code.map { .number($0) } ?? .null
    event["reason"] = .string(String(decoding: record.reason, as: UTF8.self))
    event["payload"] = .string(Base64.encode(record.payload))
    events.publish(event)
  }

  func call(_ record: CallRecord, at place: RecordPlace) {
    guard events.isHeard else { return }
    var event = Self.event("rpc", place)
    event["from"] = .string(record.role.rawValue)
    event["sn"] = .number(record.sn)
    event["outcome"] = .string(record.outcome.rawValue)
    event["latency"] = record.latency.map { .number($0) } ?? .null
    events.publish(event)
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    guard events.isHeard else { return }
    var event = Self.event("finding", place)
    event["id"] = .string(record.id)
    event["from"] = .text(record.role?.rawValue)
    event["requirement"] = .text(record.requirement)
    event["message"] = .string(record.message)
    events.publish(event)
  }

  func summary(_ record: SummaryRecord, at place: RecordPlace) {}

  /// What all events have: the time in microseconds since 1970, and the connection by the inspector's count.
  private static func event(_ type: String, _ place: RecordPlace) -> JSONObject {
    [
      "type": .string(type), "time": place.time.map { .number($0 / 1000) } ?? .null,
      "connection": place.connection.map { .number($0) } ?? .null,
    ]
  }
}
