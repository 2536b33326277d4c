import PacketCapture

/// Tunnels by SOCKS: what they carry is read when both sides have said what comes before it.
extension ConnectionInspector {
  /// Takes bytes of a side before the tunnel stands, and gives the offset behind what it took.
  func consumeSOCKS(_ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp) -> Int {
    let level = Int(halves[direction].passedSOCKS)
    guard level < socks.count, let client = clientDirection else {
      giveUp(direction)
      return range.upperBound
    }
    let part = bytes.extracting(range)
    if direction == client { socks[level].takeClient(part) } else { socks[level].takeProxy(part) }
    halves[direction].socksBytes.append(
      (part.withUnsafeBytes { Array($0) }, stamp, isAhead))
    // What the proxy says decides what the client's bytes mean.
    for each in [direction, 1 - direction] where halves[each].mode == .socks && Int(halves[each].passedSOCKS) == level {
      settleSOCKS(each, level)
    }
    return range.upperBound
  }

  private func settleSOCKS(_ direction: Direction, _ level: Int) {
    switch direction == clientDirection ? socks[level].clientProgress() : socks[level].proxyProgress() {
    case .needsMore: break
    case .other, .refused:
      for each in 0..<2 where halves[each].mode == .socks || halves[each].mode == .start { halves[each].mode = .dead }
      giveUp(direction)
    case .done(let count):
      let parts = halves[direction].socksBytes
      halves[direction].socksBytes = []
      halves[direction].mode = .start
      halves[direction].first = nil
      halves[direction].passedSOCKS += 1
      halves[direction].position += count
      var left = count
      var rest: [(bytes: [UInt8], stamp: PacketStamp, isAhead: Bool)] = []
      for part in parts {
        let passed = min(left, part.bytes.count)
        left -= passed
        if passed < part.bytes.count { rest.append((Array(part.bytes[passed...]), part.stamp, part.isAhead)) }
      }
      feed(direction, rest)
    }
  }
}
