/// The two directions of GBK, built once from ``GBKTable`` when first used.
enum GBKCodec {
  /// What stands for "there is no such pair" in both directions; as a pair, 0 is none either.
  private static let none: UInt16 = 0

  private static let trailsPerRow = 190

  /// Code points by pointer, `(lead - 0x81) * 190 + trail - (trail < 0x7F ? 0x40 : 0x41)`.
  private static let points: [UInt16] = {
    var table: [UInt16] = []
    table.reserveCapacity(126 * trailsPerRow)
    for scalar in GBKTable.rows.unicodeScalars where scalar != "\n" {
      table.append(scalar == "\u{FFFD}" ? none : UInt16(truncatingIfNeeded: scalar.value))
    }
    return table
  }()

  /// Pairs by code point; of several the lowest.
  private static let pairs: [UInt16] = {
    var table = [UInt16](repeating: none, count: 0x10000)
    for (pointer, point) in points.enumerated().reversed() where point != none {
      let (row, column) = pointer.quotientAndRemainder(dividingBy: trailsPerRow)
      let trail = column < 0x3F ? column + 0x40 : column + 0x41
      table[Int(point)] = UInt16(truncatingIfNeeded: (row + 0x81) << 8 | trail)
    }
    return table
  }()

  /// The code point of a pair, or nil where the bytes are no lead byte and trail byte or the index has no such pair.
  static func point(lead: UInt8, trail: UInt8) -> UInt16? {
    guard lead >= 0x81, lead <= 0xFE, trail >= 0x40, trail <= 0xFE, trail != 0x7F else { return nil }
    let column = Int(trail) - (trail < 0x7F ? 0x40 : 0x41)
    let pointer = (Int(lead) - 0x81) * trailsPerRow + column
    guard pointer < points.count, points[pointer] != none else { return nil }
    return points[pointer]
  }

  /// The lowest pair of a code point, lead byte in the high half, or nil where the index has none.
  static func pair(of scalar: Unicode.Scalar) -> UInt16? {
    guard scalar.value < 0x10000 else { return nil }
    let pair = pairs[Int(scalar.value)]
    return pair == none ? nil : pair
  }

  /// The text of GBK bytes.
  ///
  /// - Throws: ``CharsetErrorCode/malformed`` at the lead byte of the first sequence that is none.
  static func decode(_ bytes: RawSpan) throws(CharsetError) -> String {
    var text = String.UnicodeScalarView()
    var at = 0
    while at < bytes.byteCount {
      let lead = bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
      if lead < 0x80 {
        text.append(Unicode.Scalar(lead))
        at += 1
      } else if lead == 0x80 {
        text.append("\u{20AC}")
        at += 1
      } else {
        guard at + 1 < bytes.byteCount,
          let point = point(lead: lead, trail: bytes.unsafeLoad(fromByteOffset: at + 1, as: UInt8.self)),
          let scalar = Unicode.Scalar(point)
        else { throw CharsetError(code: .malformed, offset: at, charset: .gbk, scalar: nil) }
        text.append(scalar)
        at += 2
      }
    }
    return String(text)
  }

  /// The GBK bytes of a text.
  ///
  /// - Throws: ``CharsetErrorCode/unencodable`` with the number of scalar values before the first that has no bytes.
  static func encode(_ text: String) throws(CharsetError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for (offset, scalar) in text.unicodeScalars.enumerated() {
      if scalar.value < 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else if scalar == "\u{20AC}" {
        bytes.append(0x80)
      } else if let pair = pair(of: scalar) {
        bytes.append(UInt8(truncatingIfNeeded: pair >> 8))
        bytes.append(UInt8(truncatingIfNeeded: pair))
      } else {
        throw CharsetError(code: .unencodable, offset: offset, charset: .gbk, scalar: scalar)
      }
    }
    return bytes
  }
}
