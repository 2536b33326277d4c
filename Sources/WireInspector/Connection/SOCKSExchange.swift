/// The exchange by which a client asks a SOCKS proxy for a connection: version 5 (RFC 1928, with RFC 1929), and 4 with 4a.
final class SOCKSExchange {
  /// How far one side is.
  enum Progress {
    /// More bytes are needed, of this side or of the other.
    case needsMore
    /// The side has said what it had to; so many of its bytes, from the first on, belong to the exchange.
    case done(Int)
    /// It is another protocol, or asks for something else than a connection.
    case other
    /// The proxy refuses.
    case refused
  }

  /// A side says no more than this before the connection stands.
  private static let longest = 1024
  /// How a client can say who it is: not at all, or by name and password.
  private static let noAuthentication: UInt8 = 0
  private static let password: UInt8 = 2

  private var client: [UInt8] = []
  private var proxy: [UInt8] = []

  /// Whether a client's first byte is a version.
  static func canBegin(_ first: UInt8) -> Bool { first == 4 || first == 5 }

  /// The version that both sides speak, as far as their first bytes tell; the answer of version 4 begins with 0.
  var answeredVersion: UInt8? {
    switch (client.first, proxy.first) {
    case (5, 5): 5
    case (4, 0): 4
    default: nil
    }
  }

  /// Takes bytes of the client.
  func takeClient(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { client.append(contentsOf: $0.prefix(max(0, Self.longest + 1 - client.count))) }
  }

  /// Takes bytes of the proxy.
  func takeProxy(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { proxy.append(contentsOf: $0.prefix(max(0, Self.longest + 1 - proxy.count))) }
  }

  /// How far the client is.
  func clientProgress() -> Progress {
    guard client.count <= Self.longest else { return .other }
    guard let version = client.first else { return .needsMore }
    return version == 4 ? request4() : request5()
  }

  /// How far the proxy is.
  func proxyProgress() -> Progress {
    guard proxy.count <= Self.longest else { return .other }
    guard let version = client.first, let first = proxy.first else { return .needsMore }
    if version == 4 {
      guard first == 0 else { return .other }
      guard proxy.count >= 8 else { return .needsMore }
      return proxy[1] == 0x5A ? .done(8) : .refused
    }
    guard first == 5 else { return .other }
    guard proxy.count >= 2 else { return .needsMore }
    guard proxy[1] == Self.noAuthentication || proxy[1] == Self.password else { return .refused }
    var offset = 2
    if proxy[1] == Self.password {
      guard proxy.count >= 4 else { return .needsMore }
      guard proxy[2] == 1 else { return .other }
      guard proxy[3] == 0 else { return .refused }
      offset = 4
    }
    guard proxy.count > offset + 1 else { return .needsMore }
    guard proxy[offset] == 5 else { return .other }
    guard proxy[offset + 1] == 0 else { return .refused }
    return Self.addressEnd(proxy, from: offset + 3).map { .done($0) } ?? .needsMore
  }

  /// Version, command, port, address, and a name that a zero ends; of 4a another, where the address is 0.0.0.x.
  private func request4() -> Progress {
    guard client.count >= 9 else { return .needsMore }
    guard client[1] == 1 else { return .other }
    guard let end = client[8...].firstIndex(of: 0) else { return .needsMore }
    guard client[4..<7].allSatisfy({ $0 == 0 }), client[7] != 0 else { return .done(end + 1) }
    return client[(end + 1)...].firstIndex(of: 0).map { .done($0 + 1) } ?? .needsMore
  }

  private func request5() -> Progress {
    guard client.count >= 2 else { return .needsMore }
    var offset = 2 + Int(client[1])
    guard client.count > offset else { return .needsMore }
    // What the client says next tells what the proxy chose, whose words may not have been captured: a name and a password, of which
    // the version is 1, or the request.
    if client[offset] == 1 {
      guard client.count > offset + 1 else { return .needsMore }
      let name = offset + 2 + Int(client[offset + 1])
      guard client.count > name else { return .needsMore }
      offset = name + 1 + Int(client[name])
    }
    guard client.count > offset + 1 else { return .needsMore }
    guard client[offset] == 5, client[offset + 1] == 1 else { return .other }
    return Self.addressEnd(client, from: offset + 3).map { .done($0) } ?? .needsMore
  }

  /// The offset behind an address and its port; nil where there are not enough bytes.
  private static func addressEnd(_ bytes: [UInt8], from offset: Int) -> Int? {
    guard bytes.count > offset + 1 else { return nil }
    let end: Int
    switch bytes[offset] {
    case 1: end = offset + 7
    case 3: end = offset + 4 + Int(bytes[offset + 1])
    case 4: end = offset + 19
    default: return nil
    }
    return bytes.count >= end ? end : nil
  }
}
