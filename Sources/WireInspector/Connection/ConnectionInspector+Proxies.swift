import PacketCapture

/// Proxies before the connection's own bytes: the PROXY protocol, and tunnels by CONNECT. Each may be reached through others.
extension ConnectionInspector {
  /// So many proxies are followed one behind the other.
  static let mostProxies = 8

  /// Whether a direction's first bytes can be a proxy's header.
  func canBeProxied(_ direction: Direction) -> Bool { clientDirection ?? direction == direction }

  /// Collects what may be a header of the PROXY protocol, and gives the offset behind what it took.
  func consumeProxyHeader(
    _ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp
  ) -> Int {
    var offset = range.lowerBound
    while offset < range.upperBound {
      halves[direction].proxyHeader.append(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      offset += 1
      switch ProxyHeader.read(halves[direction].proxyHeader) {
      case .needsMore: continue
      case .absent: leaveProxyHeader(direction, stamp)
      case .header(let header):
        if let client = header.client { statedClient = redaction?.statedClient(client, direction, stamp) ?? client }
        pass(header.size, of: direction)
      case .broken(let reason, let size):
        report(
          .badProxyHeader, direction, offset: halves[direction].position,
          "the header of the PROXY protocol cannot be read: \(reason)", first: stamp, last: stamp)
        if let size { pass(size, of: direction) } else { leaveProxyHeader(direction, stamp) }
      }
      return offset
    }
    return offset
  }

  private func pass(_ size: Int, of direction: Direction) {
    if clientDirection == nil { clientDirection = direction }
    halves[direction].proxyHeader = []
    halves[direction].position += size
    halves[direction].mode = .start
  }

  /// What was collected is something else.
  func leaveProxyHeader(_ direction: Direction, _ stamp: PacketStamp) {
    let collected = halves[direction].proxyHeader
    halves[direction].proxyHeader = []
    guard let first = collected.first else { return halves[direction].mode = .start }
    start(direction, first)
    consume(direction, collected.span.bytes, 0..<collected.count, stamp)
  }

  // MARK: CONNECT

  /// The client asks a proxy for a tunnel; what it sends next depends on the answer.
  func takeConnect(_ direction: Direction) {
    exchange.requestTunnel()
    halves[direction].mode = .waiting
    halves[direction].http.follow(.none)
  }

  /// The tunnel stands: both directions begin anew (RFC 9110 §9.3.6). The head of the answer has no body, whatever it says.
  func beginTunnel() {
    exchange.beginTunnel()
    for direction in 0..<2 {
      halves[direction].mode = .start
      halves[direction].first = nil
      halves[direction].http = HTTPStream()
    }
    if let client = clientDirection { feedWaiting(client) }
  }
}
