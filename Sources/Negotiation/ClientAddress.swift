/// The address of a client as displacements show it (specification, addresses).
public enum ClientAddress {
  /// The address: the first `X-Real-Ip`, else `X-Forwarded-For` whole, else the TCP peer. Fields count only where they
  /// are trusted, because anyone can write them; an empty field counts as absent.
  ///
  /// - Parameters:
  ///   - head: The upgrade request.
  ///   - host: The host of the TCP peer, an IPv6 address without brackets.
  ///   - port: The port of the TCP peer.
  ///   - trustsProxyFields: Whether the fields of proxies are believed; off unless asked for.
  /// - Returns: The text of the address.
  public static func of(_ head: HTTPMessageHead, host: String, port: UInt16, trustsProxyFields: Bool = false)
    -> [UInt8]
  {
    guard trustsProxyFields else { return Array(peer(host: host, port: port).utf8) }
    if let real = head.fields(named: "x-real-ip").first(where: { !$0.value.isEmpty }) { return real.value }
    if let forwarded = head.joined("x-forwarded-for"), !forwarded.isEmpty { return forwarded }
    return Array(peer(host: host, port: port).utf8)
  }

  /// The address of a TCP peer: `host:port`, an IPv6 host in square brackets (requirement `address.peer`).
  public static func peer(host: String, port: UInt16) -> String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
