/// Percent encoding as queries have it (`application/x-www-form-urlencoded`).
package enum PercentEncoding {
  /// The bytes that were meant, or nil where an escape is broken.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var at = text.startIndex
    while at < text.endIndex {
      switch text[at] {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard text.endIndex - at > 2, let high = nibble(text[at + 1]), let low = nibble(text[at + 2]) else {
          return nil
        }
        bytes.append(high << 4 | low)
        at += 2
      default: bytes.append(text[at])
      }
      at += 1
    }
    return bytes
  }

  /// Bytes with everything but letters, digits, `-`, `.`, `_` and `~` escaped.
  package static func encode(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return bytes.flatMap { byte in
      ASCII.isUnreserved(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
