/// A string of bytes as generators put it together, part by part.
///
/// `Bytes(.le16(0xEFFE), .le32(8), .le32(2), .le32(0))` reads as the layout that it makes. Prefer it to long chains of
/// `+`, which the compiler takes long to check.
package struct Bytes: Hashable, Sendable {
  /// The bytes.
  package var array: [UInt8]

  /// The bytes of an array.
  package init(_ array: [UInt8]) { self.array = array }

  /// The bytes of a slice.
  package init(_ slice: ArraySlice<UInt8>) { array = Array(slice) }

  /// The parts, one after the other.
  package init(_ parts: Bytes...) { array = parts.flatMap(\.array) }

  /// The parts, one after the other.
  package init(joining parts: [Bytes]) { array = parts.flatMap(\.array) }

  /// No bytes.
  package static let empty = Bytes([])

  /// One byte.
  package static func byte(_ value: UInt8) -> Bytes { Bytes([value]) }

  /// Two bytes, the low one first.
  package static func le16(_ value: UInt16) -> Bytes { Bytes(littleEndian(value)) }

  /// Four bytes, the lowest first.
  package static func le32(_ value: UInt32) -> Bytes { Bytes(littleEndian(value)) }

  /// Eight bytes, the lowest first.
  package static func le64(_ value: UInt64) -> Bytes { Bytes(littleEndian(value)) }

  /// Two bytes, the high one first.
  package static func be16(_ value: UInt16) -> Bytes { Bytes(littleEndian(value).reversed()) }

  /// Four bytes, the highest first.
  package static func be32(_ value: UInt32) -> Bytes { Bytes(littleEndian(value).reversed()) }

  /// Eight bytes, the highest first.
  package static func be64(_ value: UInt64) -> Bytes { Bytes(littleEndian(value).reversed()) }

  /// The UTF-8 bytes of a text; the name reminds that most are ASCII.
  package static func ascii(_ text: String) -> Bytes { Bytes(Array(text.utf8)) }

  /// The UTF-8 bytes of a text.
  package static func utf8(_ text: String) -> Bytes { Bytes(Array(text.utf8)) }

  /// The same byte, `count` times.
  package static func repeating(_ byte: UInt8, _ count: Int) -> Bytes {
    Bytes([UInt8](repeating: byte, count: count))
  }

  /// The same part, `count` times.
  package static func repeating(_ part: Bytes, _ count: Int) -> Bytes {
    Bytes(joining: [Bytes](repeating: part, count: count))
  }

  /// `count` bytes that count up from `start`, and go on with 0 after 255.
  package static func counting(from start: UInt8 = 0, _ count: Int) -> Bytes {
    Bytes((0..<count).map { UInt8(truncatingIfNeeded: Int(start) + $0) })
  }

  /// A protobuf varint: seven bits a byte, the lowest first, the top bit set on all but the last.
  package static func varint(_ value: UInt64) -> Bytes {
    var rest = value
    var array: [UInt8] = []
    while rest >= 0x80 {
      array.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    array.append(UInt8(rest))
    return Bytes(array)
  }

  /// Hexadecimal digits, for bytes that are quoted; spaces are skipped. The literal is the caller's: one that is not
  /// hexadecimal is a bug of the generator.
  package static func hex(_ digits: String) -> Bytes {
    guard let bytes = Bytes(hex: String(digits.filter { $0 != " " })) else {
      preconditionFailure("not hexadecimal: \(digits)")
    }
    return bytes
  }

  /// The bytes that lowercase hexadecimal digits stand for; nil for an odd number of digits or another character.
  package init?(hex digits: String) {
    var array: [UInt8] = []
    array.reserveCapacity(digits.utf8.count / 2)
    var high: UInt8?
    for digit in digits.utf8 {
      let nibble: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high {
        array.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    guard high == nil else { return nil }
    self.array = array
  }

  /// Lowercase hexadecimal digits, two a byte: how vectors write bytes.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: array.count * 2) { buffer in
      for (index, byte) in array.enumerated() {
        buffer[index * 2] = digits[Int(byte >> 4)]
        buffer[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return array.count * 2
    }
  }

  /// The value that stands for these bytes in a vector.
  package var json: JSONValue { .string(hex) }

  /// How many bytes there are.
  package var count: Int { array.count }

  /// Whether there are none.
  package var isEmpty: Bool { array.isEmpty }

  /// The byte at an index.
  package subscript(index: Int) -> UInt8 {
    get { array[index] }
    set { array[index] = newValue }
  }

  /// The bytes of a range.
  package subscript(range: Range<Int>) -> Bytes { Bytes(array[range]) }

  /// The first `count` bytes, or all if there are fewer.
  package func prefix(_ count: Int) -> Bytes { Bytes(array.prefix(count)) }

  /// The last `count` bytes, or all if there are fewer.
  package func suffix(_ count: Int) -> Bytes { Bytes(array.suffix(count)) }

  /// All but the first `count` bytes.
  package func dropFirst(_ count: Int = 1) -> Bytes { Bytes(array.dropFirst(count)) }

  /// All but the last `count` bytes.
  package func dropLast(_ count: Int = 1) -> Bytes { Bytes(array.dropLast(count)) }

  /// The bytes with one replaced.
  package func replacing(_ index: Int, by byte: UInt8) -> Bytes {
    var copy = self
    copy.array[index] = byte
    return copy
  }

  /// Cut at the given offsets, which ascend: `Bytes.ascii("abcd").cut(at: 1, 3)` is a, bc, d.
  package func cut(at offsets: Int...) -> [Bytes] {
    let bounds = [0] + offsets + [array.count]
    return zip(bounds, bounds.dropFirst()).map { Bytes(array[$0..<$1]) }
  }

  /// Each byte as a piece of its own.
  package var eachByte: [Bytes] { array.map { Bytes([$0]) } }

  /// Both, one after the other.
  package static func + (left: Bytes, right: Bytes) -> Bytes { Bytes(left.array + right.array) }

  /// Adds bytes at the end.
  package static func += (left: inout Bytes, right: Bytes) { left.array += right.array }

  private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
  }
}

extension Bytes: ExpressibleByArrayLiteral {
  /// The bytes of a literal.
  package init(arrayLiteral elements: UInt8...) { array = elements }
}
