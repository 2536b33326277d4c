/// The target of a request, split into its parts: the origin form `/path?query`, or the absolute form
/// `http://host/path?query`, which RFC 9112 section 3.2.2 has every server take.
struct RequestTarget {
  /// The schemes of which an absolute form is read. A target of another scheme is a path that nobody serves.
  private static let schemes = ["http", "https", "ws", "wss"]

  /// What an absolute form has between `//` and its path; nil in the origin form.
  let authority: ArraySlice<UInt8>?

  /// What stands before the `?`; `/` where an absolute form has no path (RFC 9110 section 4.2.3).
  let path: ArraySlice<UInt8>

  /// What stands behind the first `?`, empty without one.
  let query: ArraySlice<UInt8>

  init(_ target: [UInt8]) {
    var rest = target[...]
    authority = Self.afterScheme(rest).map { hierarchy in
      let end = hierarchy.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? hierarchy.endIndex
      rest = hierarchy[end...]
      return hierarchy[..<end]
    }
    let mark = rest.firstIndex(of: UInt8(ascii: "?"))
    let path = rest[..<(mark ?? rest.endIndex)]
    self.path = authority != nil && path.isEmpty ? [UInt8(ascii: "/")] : path
    query = mark.map { rest[($0 + 1)...] } ?? []
  }

  /// Whether the authority names a host, and nothing but a host and a port: RFC 9110 sections 4.2.1 and 4.2.4 have an
  /// empty host and user information refused.
  var hasGoodAuthority: Bool {
    guard let authority else { return true }
    return authority.first.map { $0 != UInt8(ascii: ":") } ?? false && !authority.contains(UInt8(ascii: "@"))
  }

  private static func afterScheme(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    for scheme in schemes where ASCII.areEqual(target.prefix(scheme.utf8.count + 3), "\(scheme)://".utf8) {
      return target.dropFirst(scheme.utf8.count + 3)
    }
    return nil
  }
}
