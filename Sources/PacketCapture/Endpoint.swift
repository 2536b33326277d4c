/// An IPv4 or IPv6 address.
package struct InternetAddress: Hashable, Sendable {
  /// The first 8 bytes of an IPv6 address; 0 for IPv4.
  package var high: UInt64
  /// The last 8 bytes of an IPv6 address, or the 4 bytes of an IPv4 address; the first byte is the most significant.
  package var low: UInt64
  /// Whether it is an IPv6 address.
  package var isVersion6: Bool

  /// An IPv4 address.
  package init(version4 value: UInt32) {
    high = 0
    low = UInt64(value)
    isVersion6 = false
  }

  /// An IPv6 address.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    isVersion6 = true
  }
}

/// One end of a TCP connection.
package struct Endpoint: Hashable, Sendable {
  package var address: InternetAddress
  package var port: UInt16

  package init(address: InternetAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension InternetAddress: CustomStringConvertible {
  /// The text form: dotted decimal, or RFC 5952's for IPv6 (without brackets).
  package var description: String {
    guard isVersion6 else {
      return "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)"
    }
    if high == 0, low >> 32 == 0xFFFF {
      return "::ffff:" + InternetAddress(version4: UInt32(truncatingIfNeeded: low)).description
    }
    var groups: [UInt16] = []
    for half in [high, low] {
      for shift: UInt64 in [48, 32, 16, 0] { groups.append(UInt16(truncatingIfNeeded: half >> shift)) }
    }
    let zeros = Self.longestZeroRun(groups)
    var text = ""
    var index = 0
    while index < 8 {
      if zeros.count > 1, index == zeros.lowerBound {
        text += "::"
        index = zeros.upperBound
        continue
      }
      if !text.isEmpty, !text.hasSuffix(":") { text += ":" }
      text += String(groups[index], radix: 16)
      index += 1
    }
    return text
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > best.count { best = start..<end }
      start = max(end, start + 1)
    }
    return best
  }
}

extension Endpoint: CustomStringConvertible {
  /// `host:port`, with an IPv6 address in brackets.
  package var description: String { address.isVersion6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
