/// The target of an HTTP request (RFC 9112 §3.2): in origin form, or in absolute form, as it is sent to proxies.
struct RequestTarget {
  /// The path, "/" where an absolute form has none.
  var path: [UInt8]
  /// What follows the question mark; nil without one.
  var query: [UInt8]?

  init(_ target: [UInt8]) {
    var rest = target[...]
    if let authority = Self.authority(of: target) {
      // The authority ends where the path, the query or nothing begins.
      rest = target[authority...].drop { $0 != 0x2F && $0 != 0x3F }
    }
    let parts = rest.split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
    path = Array(parts.first ?? [])
    query = parts.count > 1 ? Array(parts[1]) : nil
    if path.isEmpty { path = [0x2F] }
  }

  /// Where the authority begins, behind a scheme and `://`; nil in origin form.
  private static func authority(of target: [UInt8]) -> Int? {
    guard let first = target.first, first != 0x2F, let colon = target.firstIndex(of: 0x3A),
      target[..<colon].allSatisfy(isSchemeByte), target[colon...].starts(with: "://".utf8)
    else { return nil }
    return colon + 3
  }

  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
  }
}
