import PacketCapture

/// Connections that speak HTTP/2: what can be said of them without decoding it.
extension ConnectionInspector {
  /// Whether it is known to speak HTTP/2.
  var isHTTP2: Bool { http2?.isSure ?? false }

  /// The connection speaks HTTP/2. What is said of it waits for the SETTINGS of the server.
  ///
  /// - Parameter collected: What has come of it already.
  func takeHTTP2(_ direction: Direction, _ collected: RawSpan, _ stamp: PacketStamp) {
    guard !isHTTP2 else { return }
    let glance = http2 ?? HTTP2Glance()
    glance.isSure = true
    http2 = glance
    // An upgrade that was offered as well has been answered by this.
    exchange.withdraw()
    for each in 0..<2 { halves[each].mode = .http2 }
    lookAtHTTP2(direction, collected, stamp)
  }

  /// Whether a server's first byte can be that of its SETTINGS, which need not wait for the client.
  func beginsHTTP2Server(_ direction: Direction, _ first: UInt8) -> Bool {
    guard let client = clientDirection, direction != client, first == 0 else { return false }
    return !isMidstream && !exchange.hasRequest && halves[client].first == nil
  }

  func lookAtHTTP2(_ direction: Direction, _ bytes: RawSpan, _ stamp: PacketStamp) {
    if http2 == nil { http2 = HTTP2Glance() }
    http2?.take(bytes, isFromClient: direction == clientDirection)
    if let http2, http2.isSure, http2.isDecided { concludeHTTP2() }
  }

  /// Says once what is known.
  func concludeHTTP2() {
    guard let http2, http2.isSure, !saidHTTP2 else { return }
    saidHTTP2 = true
    reportUndecodable(.http2, http2.text, layers.isEmpty ? opened : tlsStamp, isEach: http2.isOpened)
    for each in 0..<2 { giveUp(each) }
  }
}
