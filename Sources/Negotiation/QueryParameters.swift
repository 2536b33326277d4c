/// The parameters of a query, decoded (specification, metadata).
///
/// Pairs are separated by `&`; a pair that holds a `;` or a broken percent escape is dropped and the others stay; `+` is
/// a space; a pair without `=` has an empty value; empty pairs are skipped. Reading never fails.
public struct QueryParameters: Hashable, Sendable {
  /// One pair, both sides decoded.
  public struct Pair: Hashable, Sendable {
    /// The name; compared with regard to case.
    public let name: [UInt8]

    /// The value, which need not be UTF-8.
    public let value: [UInt8]

    /// A pair from its sides.
    public init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  /// The pairs that were kept, in their order.
  public private(set) var pairs: [Pair] = []

  /// The pairs that were dropped, as ranges of the query.
  public private(set) var dropped: [Range<Int>] = []

  /// Reads a query: what stands behind the `?`, without it.
  public init(_ query: [UInt8]) {
    var start = 0
    while start < query.count {
      let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
      if start < end { read(query, start..<end) }
      start = end + 1
    }
  }

  /// The value of the first pair with a name, or nil. A dropped pair does not count.
  public func first(_ name: String) -> [UInt8]? {
    pairs.first { $0.name.elementsEqual(name.utf8) }?.value
  }

  private mutating func read(_ query: [UInt8], _ range: Range<Int>) {
    let pair = query[range]
    let sign = pair.firstIndex(of: UInt8(ascii: "="))
    guard !pair.contains(UInt8(ascii: ";")), let name = PercentEncoding.decode(pair[..<(sign ?? pair.endIndex)]),
      let value = PercentEncoding.decode(sign.map { pair[($0 + 1)...] } ?? [])
    else {
      dropped.append(range)
      return
    }
    pairs.append(Pair(name: name, value: value))
  }
}
