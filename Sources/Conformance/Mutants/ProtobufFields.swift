/// The fields of a protobuf message, as far as mutants of revision 1.1 look at them.
struct ProtobufFields {
  /// The numbers of the fields, in order.
  private(set) var numbers: [UInt64] = []

  /// Whether field 1 is no varint, or field 2 has no length.
  private(set) var hasOtherWireTypes = false

  /// Whether a varint has more bytes than it needs.
  private(set) var hasPaddedVarints = false

  /// Whether field 1 has more than 32 bits.
  private(set) var hasWideIntegers = false

  /// Reads a message; nil: it breaks a rule.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    var depth = 0
    while !rest.isEmpty {
      guard let tag = varint(&rest), tag >> 3 > 0 else { return nil }
      let number = tag >> 3
      if depth == 0 { numbers.append(number) }
      switch tag & 7 {
      case 0:
        guard let value = varint(&rest) else { return nil }
        if number == 1, value > 0xFFFF_FFFF, value < 0xFFFF_FFFF_8000_0000 { hasWideIntegers = true }
        if number == 2 { hasOtherWireTypes = true }
      case 1, 5:
        let size = tag & 7 == 1 ? 8 : 4
        guard rest.count >= size else { return nil }
        rest = rest.dropFirst(size)
        if number <= 2 { hasOtherWireTypes = true }
      case 2:
        guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
        rest = rest.dropFirst(Int(length))
        if number == 1 { hasOtherWireTypes = true }
      case 3: depth += 1
      case 4:
        depth -= 1
        if depth < 0 { return nil }
      default: return nil
      }
    }
    if depth != 0 { return nil }
  }

  private mutating func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var shift = 0
    while let byte = rest.popFirst() {
      guard shift < 70 else { return nil }
      if shift < 64 { value |= UInt64(byte & 0x7F) << UInt64(shift) }
      shift += 7
      guard byte & 0x80 == 0 else { continue }
      if byte == 0, shift > 7 { hasPaddedVarints = true }
      return value
    }
    return nil
  }
}
