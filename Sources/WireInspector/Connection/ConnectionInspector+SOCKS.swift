import PacketCapture

/// Tunnels by SOCKS: what they carry is read when both sides have said what comes before it.
extension ConnectionInspector {
  /// Takes bytes of a side before the tunnel stands, and gives the offset behind what it took.
  func consumeSOCKS(_ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp) -> Int {
    guard let exchange = socks, let client = clientDirection else {
      giveUp(direction)
      return range.upperBound
    }
    let part = bytes.extracting(range)
    if direction == client { exchange.takeClient(part) } else { exchange.takeProxy(part) }
    halves[direction].socksBytes.append(
      (part.withUnsafeBytes { Array($0) }, stamp, isAhead))
    // What the proxy says decides what the client's bytes mean.
    for each in [direction, 1 - direction] where halves[each].mode == .socks { settleSOCKS(each) }
    return range.upperBound
  }

  private func settleSOCKS(_ direction: Direction) {
    guard let exchange = socks else { return }
    let progress = direction == clientDirection ? exchange.clientProgress() : exchange.proxyProgress()
    switch progress {
    case .needsMore: break
    case .other, .refused:
      for each in 0..<2 where halves[each].mode == .socks || halves[each].mode == .start { halves[each].mode = .dead }
      giveUp(direction)
    case .done(let count):
      let parts = halves[direction].socksBytes
      halves[direction].socksBytes = []
      halves[direction].mode = .start
      halves[direction].isThroughSOCKS = true
      let current = isAhead
      var left = count
      for part in parts {
        let passed = min(left, part.bytes.count)
        left -= passed
        halves[direction].position += passed
        guard passed < part.bytes.count else { continue }
        isAhead = part.isAhead
        let rest = Array(part.bytes[passed...])
        if halves[direction].depth > 0 {
          decrypt(direction, rest.span.bytes, part.stamp, level: 0)
        } else {
          consume(direction, rest.span.bytes, 0..<rest.count, part.stamp)
        }
      }
      isAhead = current
    }
  }
}
