/// Writes the fields of the protocol's two protobuf messages.
enum ProtobufWriter {
  /// How many bytes a varint takes: 1 to 10.
  static func size(ofVarint value: UInt64) -> Int {
    (63 - (value | 1).leadingZeroBitCount) / 7 + 1
  }

  /// Appends a varint.
  static func append(varint value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Appends the tag and the length of a length-delimited field; its bytes follow.
  static func append(field number: UInt64, length: Int, to bytes: inout [UInt8]) {
    append(varint: number << 3 | 2, to: &bytes)
    append(varint: UInt64(length), to: &bytes)
  }
}
