package import FrameCodec
package import Negotiation
import PacketCapture
package import Specification
package import TLSRecords

/// Where a record comes from.
package struct RecordPlace: Sendable {
  /// The connection's number, nil for what concerns the capture as a whole.
  package var connection: Int?
  /// Nanoseconds since 1970-01-01T00:00:00Z, nil where the capture has no time.
  package var time: Int64?
  /// The numbers of the first and last packet used, nil where it does not come from packets.
  package var packets: ClosedRange<Int>?

  init(connection: Int?, first: PacketStamp, last: PacketStamp) {
    self.connection = connection
    time = last.time
    packets = min(first.number, last.number)...last.number
  }

  init(connection: Int?, time: Int64?, packets: ClosedRange<Int>?) {
    self.connection = connection
    self.time = time
    self.packets = packets
  }
}

/// A connection, written before anything else about it.
package struct ConnectionRecord: Sendable {
  package var client: String
  package var server: String
  /// The client's end as the header of a proxy before the request states it; nil without one.
  package var statedClient: String?
  /// The handshake's metadata, nil if the request was not captured.
  package var handshake: HandshakeMetadata?
  package var revision: Revision?
  /// How sure the revision is, 0 to 1.
  package var confidence: Double
  /// What the server answered in Sec-WebSocket-Extensions.
  package var compression: String?
  /// The status of the response to the upgrade.
  package var status: Int?
  /// Whether the connection began before the capture.
  package var isMidstream: Bool
  /// What its TLS handshake said; nil without TLS.
  package var tls: TLSSession?
  /// When the request for the upgrade and the answer to it were complete, nanoseconds since 1970-01-01T00:00:00Z; nil where that is not
  /// captured.
  package var requestTime: Int64?
  package var answerTime: Int64?
}

/// What the upgrade request says about the client.
package struct HandshakeMetadata: Sendable {
  /// The request's target up to the query, which can hold secrets.
  package var path: String
  package var metadata: ConnectionMetadata
}

/// What a frame is for.
package enum FrameKind: String, Sendable {
  case message, request, response, displacement, acknowledgement
}

/// A frame of the protocol. Its payload is passed beside it.
///
/// Large fields stand first, so that copies of it are of whole words.
package struct FrameRecord: Sendable {
  package var header: FrameHeader
  /// The number of WebSocket frames that carried it.
  package var fragments: Int
  /// The bytes of the WebSocket message as it was sent.
  package var wireLength: Int
  /// The masking key of the first WebSocket frame that carried it, nil if that was not masked.
  package var maskingKey: UInt32?
  package var role: PeerRole
  package var kind: FrameKind
  package var charset: TextCharset
  package var isCompressed: Bool
  /// Whether the end of its payload was cut when it was captured.
  package var isTruncated = false

  /// The length of the payload, also of one that was cut.
  package var payloadLength: Int { header.payload.count }
}

/// A message that is no frame of the protocol, or not only one. What is wrong with it is told by findings.
package struct OtherMessageRecord: Sendable {
  package var role: PeerRole
  package var isText: Bool
  package var isCompressed: Bool
  /// The number of WebSocket frames that carried it.
  package var fragments: Int
  /// The bytes of the WebSocket message as it was sent.
  package var wireLength: Int
  /// Whether it begins with a frame, whose record came before.
  package var holdsFrame: Bool
}

/// The charset of text payloads.
package enum TextCharset: Sendable {
  case utf8, gbk, unknown
}

/// A WebSocket control frame.
package struct ControlRecord: Sendable {
  package var role: PeerRole
  package var opcode: Opcode
  /// The code of a close frame that has one.
  package var code: Int?
  /// The reason of a close frame.
  package var reason: [UInt8]
  package var payload: [UInt8]

  package enum Opcode: String, Sendable {
    case close, ping, pong
  }
}

/// A call and what became of it.
package struct CallRecord: Sendable {
  /// Who called.
  package var role: PeerRole
  package var sn: UInt32
  package var requestId: Int64
  package var responseId: Int64?
  /// Nanoseconds from request to response.
  package var latency: Int64?
  package var outcome: Outcome
  /// When the request was captured, in nanoseconds since 1970-01-01T00:00:00Z.
  package var began: Int64?
  /// The bytes of the request's payload, also of one that was cut when captured.
  package var requestLength = 0
  /// The bytes of the answer's payload; nil without an answer.
  package var responseLength: Int?
  /// Whether the payload of an answered call's request or answer was cut when captured.
  package var isTruncated = false
  /// The beginning of the request's payload, of a call without an answer; empty where nobody wants it (``RequestPayloads``).
  package var payload: [UInt8] = []
  /// The charset of the payload.
  package var charset = TextCharset.utf8

  package enum Outcome: String, Sendable {
    case answered, unanswered, connectionClosed
  }
}

/// The end of the output.
package struct SummaryRecord: Sendable {
  package var packets = 0
  package var bytes = 0
  package var connections = 0
  package var frames = 0
  package var calls = 0
  package var findings = 0
  /// Packets that passed an interface and could not be captured; nil for captures that others made.
  package var lost: Int?

  package init() {}
}

/// Takes what an inspection gives, in order.
package protocol InspectionSink: AnyObject {
  func connection(_ record: ConnectionRecord, at place: RecordPlace)
  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace)
  /// Takes a message that is no frame. Few want it: there are findings about it.
  func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace)
  func control(_ record: ControlRecord, at place: RecordPlace)
  func call(_ record: CallRecord, at place: RecordPlace)
  func finding(_ record: FindingRecord, at place: RecordPlace)
  func end(_ record: ConnectionEndRecord, at place: RecordPlace)
  func summary(_ record: SummaryRecord, at place: RecordPlace)

  /// Shows what was given so far; nothing more may come for long.
  func flush()

  /// Whether it looks at the payloads of frames; otherwise it may be given fewer bytes of them than there are.
  var readsPayloads: Bool { get }

  /// Whether it looks at the ends of connections; otherwise what they have to say may be missing.
  var readsEnds: Bool { get }
}

extension InspectionSink {
  package func end(_ record: ConnectionEndRecord, at place: RecordPlace) {}

  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {}
  package func flush() {}
  package var readsPayloads: Bool { true }
  package var readsEnds: Bool { true }
}
