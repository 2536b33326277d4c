/// `P_MESSAGE { int32 protocol_id = 1; bytes data = 2; }`, the frame of revision 1.1 and the body of that of 1.2.
struct ProtobufMessage {
  /// 0 where the field is absent; the last of repeated ones.
  var protocolId: Int32

  /// Where the payload stands in the input; empty where the field is absent.
  var data: Range<Int>

  /// Decodes the message that takes all of `range`. Unknown fields, and known ones with another wire type, are skipped.
  init(decoding bytes: RawSpan, in range: Range<Int>) throws(ProtobufViolation) {
    protocolId = 0
    data = range.upperBound..<range.upperBound
    var reader = ProtobufReader(range: range)
    while let field = try reader.next(bytes) {
      switch (field.number, field.wireType) {
      case (1, 0): protocolId = Int32(truncatingIfNeeded: field.varint)
      case (2, 2): data = field.value
      default: break
      }
    }
  }

  /// The size of the encoded message for a payload of `payloadLength` bytes.
  static func size(protocolId: Int32, payloadLength: Int) -> Int {
    var size = 0
    if protocolId != 0 { size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: Int64(protocolId))) }
    if payloadLength > 0 { size += 1 + ProtobufWriter.size(ofVarint: UInt64(payloadLength)) + payloadLength }
    return size
  }

  /// Appends everything that comes before the payload's bytes; fields with their default value are left out.
  static func appendHeader(protocolId: Int32, payloadLength: Int, to bytes: inout [UInt8]) {
    if protocolId != 0 {
      bytes.append(0x08)
      ProtobufWriter.append(varint: UInt64(bitPattern: Int64(protocolId)), to: &bytes)
    }
    if payloadLength > 0 { ProtobufWriter.append(field: 2, length: payloadLength, to: &bytes) }
  }
}
