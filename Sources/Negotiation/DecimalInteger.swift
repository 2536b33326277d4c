/// Integers as metadata have them: decimal digits with an optional sign, nothing else.
enum DecimalInteger {
  /// The value, clamped to 64 bits, or nil for anything that is no decimal integer.
  static func parse(_ text: [UInt8]) -> Int64? {
    var digits = text[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    guard !digits.isEmpty, digits.allSatisfy(ASCII.isDigit) else { return nil }
    var value: Int64 = 0
    for digit in digits {
      // Counting downwards holds both ends of the range.
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (next, passed) = product.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      guard !overflowed, !passed else { return isNegative ? .min : .max }
      value = next
    }
    guard !isNegative else { return value }
    return value == .min ? .max : -value
  }

  /// The value of decimal digits without a sign or leading zeros up to a limit, or nil.
  static func parseCanonical(_ digits: ArraySlice<UInt8>, limit: Int64) -> Int64? {
    guard let first = digits.first, digits.allSatisfy(ASCII.isDigit), first != UInt8(ascii: "0") || digits.count == 1,
      digits.count <= 18, let value = parse(Array(digits)), value <= limit
    else { return nil }
    return value
  }
}
