import FrameCodec
import Negotiation
import Specification
import TLSRecords

/// Writes records as JSON, one object a line.
package final class NDJSONSink: InspectionSink {
  let output: OutputBuffer
  /// The types of the messages in payloads; nil: none is known.
  private let types: PayloadTypes?

  init(output: OutputBuffer, types: PayloadTypes? = nil) {
    self.output = output
    self.types = types
  }

  package func flush() { output.flush() }

  package var readsEnds: Bool { false }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    begin("connection", place)
    field(",\"client\":", record.client)
    field(",\"server\":", record.server)
    if let handshake = record.handshake {
      let metadata = handshake.metadata
      field(",\"path\":", handshake.path)
      field(",\"uid\":", metadata.uidText)
      number(",\"typed\":", metadata.typed)
      field(",\"deviceId\":", metadata.deviceIdText)
      field(",\"source\":", metadata.sourceText)
      number(",\"version\":", metadata.version)
      number(",\"charset\":", metadata.charset)
      let withSource = record.revision == nil || record.revision == .v1_3_3
      field(",\"identity\":", String(decoding: metadata.identity(withSource: withSource), as: UTF8.self))
    } else {
      output.text(
        ",\"path\":null,\"uid\":null,\"typed\":null,\"deviceId\":null,\"source\":null,\"version\":null,\"charset\":null,\"identity\":null"
      )
    }
    if let statedClient = record.statedClient { field(",\"statedClient\":", statedClient) }
    if let tls = record.tls {
      optional(",\"tlsVersion\":", tls.version)
      optional(",\"tlsCipher\":", tls.cipher)
      optional(",\"serverName\":", tls.serverName)
      optional(",\"applicationProtocol\":", tls.applicationProtocol)
    }
    optional(",\"revision\":", record.revision?.rawValue)
    output.text(",\"confidence\":")
    output.text(Self.confidence(record.confidence))
    optional(",\"compression\":", record.compression)
    number(",\"status\":", record.status.map(Int64.init))
    output.text(record.isMidstream ? ",\"midstream\":true}\n" : ",\"midstream\":false}\n")
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    // The payload of a "frame" is always there: a reader of frames needs no case for what is not.
    begin(record.isTruncated ? "truncatedFrame" : "frame", place)
    direction(record.role)
    number(",\"protocolId\":", record.header.protocolId)
    number(",\"sn\":", record.header.sn.map(Int64.init))
    number(",\"length\":", record.header.length.map(Int64.init))
    number(",\"payloadLength\":", Int64(record.payloadLength))
    if record.isTruncated {
      output.text(",\"payload\":null,\"truncated\":true,\"text\":null")
    } else {
      output.text(",\"payload\":\"")
      output.base64(payload)
      output.text("\",\"text\":")
      text(payload, record.charset)
    }
    output.text(record.isCompressed ? ",\"compressed\":true" : ",\"compressed\":false")
    number(",\"fragments\":", Int64(record.fragments))
    output.text(",\"kind\":\"")
    switch record.kind {
    case .message: output.text("message")
    case .request: output.text("request")
    case .response: output.text("response")
    case .displacement: output.text("displacement")
    case .acknowledgement: output.text("acknowledgement")
    }
    output.byte(0x22)
    if let types, let type = types.type(of: record.header.protocolId) {
      message(payload, type, types.schema, isWhole: !record.isTruncated)
    }
    output.text("}\n")
  }

  /// The payload by the names of its fields, or why it is no message of its type.
  private func message(_ payload: RawSpan, _ type: Int, _ schema: ProtobufSchema, isWhole: Bool) {
    output.text(",\"message\":")
    guard isWhole else { return output.text("null") }
    do throws(MessageFault) {
      let message = try TypedMessage(payload.withUnsafeBytes { Array($0) }, type, of: schema)
      TypedMessageJSON(message: message, output: output).write()
    } catch {
      output.text("null")
      field(",\"messageFault\":", error.text)
    }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    begin("control", place)
    direction(record.role)
    field(",\"opcode\":", record.opcode.rawValue)
    number(",\"code\":", record.code.map(Int64.init))
    field(",\"reason\":", String(decoding: record.reason, as: UTF8.self))
    output.text(",\"payload\":\"")
    output.base64(record.payload.span.bytes)
    output.text("\"}\n")
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    begin("rpc", place)
    direction(record.role)
    number(",\"sn\":", Int64(record.sn))
    number(",\"requestId\":", record.requestId)
    number(",\"responseId\":", record.responseId)
    output.text(",\"latency\":")
    if let latency = record.latency { output.seconds(latency) } else { output.text("null") }
    // As with frames: the two frames of what is "answered" are there as a "frame" each.
    field(",\"outcome\":", record.isTruncated ? "answeredTruncated" : record.outcome.rawValue)
    if record.outcome != .answered {
      output.text(",\"began\":")
      if let began = record.began { output.seconds(began) } else { output.text("null") }
    }
    output.text("}\n")
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    begin("finding", place)
    field(",\"id\":", record.id)
    optional(",\"requirement\":", record.requirement)
    optional(",\"level\":", record.level)
    optional(",\"direction\":", record.role?.rawValue)
    number(",\"offset\":", record.offset.map(Int64.init))
    field(",\"message\":", record.message)
    output.text("}\n")
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    begin("summary", place)
    number(",\"packets\":", Int64(record.packets))
    number(",\"bytes\":", Int64(record.bytes))
    number(",\"connections\":", Int64(record.connections))
    number(",\"frames\":", Int64(record.frames))
    number(",\"rpcs\":", Int64(record.calls))
    number(",\"findings\":", Int64(record.findings))
    if let lost = record.lost { number(",\"lost\":", Int64(lost)) }
    output.text("}\n")
  }

  func begin(_ type: StaticString, _ place: RecordPlace) {
    output.text("{\"type\":\"")
    output.text(type)
    output.text("\",\"time\":")
    if let time = place.time { output.seconds(time) } else { output.text("null") }
    number(",\"connection\":", place.connection.map(Int64.init))
    guard let packets = place.packets else { return }
    output.text(",\"packets\":[")
    output.number(Int64(packets.lowerBound))
    output.byte(0x2C)
    output.number(Int64(packets.upperBound))
    output.byte(0x5D)
  }

  func direction(_ role: PeerRole) {
    output.text(role == .client ? ",\"direction\":\"client\"" : ",\"direction\":\"server\"")
  }

  func number(_ name: StaticString, _ value: Int64?) {
    output.text(name)
    if let value { output.number(value) } else { output.text("null") }
  }

  func field(_ name: StaticString, _ value: String) {
    output.text(name)
    output.json(value)
  }

  func optional(_ name: StaticString, _ value: String?) {
    guard let value else {
      output.text(name)
      return output.text("null")
    }
    field(name, value)
  }

  private func text(_ payload: RawSpan, _ charset: TextCharset) {
    switch charset {
    case .utf8 where PayloadText.isPlainUTF8(payload):
      output.byte(0x22)
      payload.withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return }
        output.escapedJSON(UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: raw.count))
      }
      output.byte(0x22)
    case .gbk: optional("", PayloadText.plainGBK(payload))
    default: output.text("null")
    }
  }

  /// A number between 0 and 1 with up to six decimals.
  private static func confidence(_ value: Double) -> String {
    let millionths = Int((min(max(value, 0), 1) * 1_000_000).rounded())
    if millionths == 1_000_000 { return "1.0" }
    var digits = String(millionths)
    digits = "0." + String(repeating: "0", count: 6 - digits.count) + digits
    while digits.hasSuffix("0"), !digits.hasSuffix(".0") { digits.removeLast() }
    return digits
  }
}
