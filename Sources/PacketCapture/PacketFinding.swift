/// The ids of the findings of the packet layers. The raw values are a promise to users.
package enum PacketFindingCode: String, CaseIterable, Sendable {
  case duplicatePacket = "capture.duplicate-packet"
  case badLength = "capture.bad-length"
  case timeBackwards = "capture.time-backwards"
  case flowLimit = "capture.flow-limit"
  case fragmentLost = "ip.fragment-lost"
  case fragmentOverlap = "ip.fragment-overlap"
  case gap = "tcp.gap"
  case midstream = "tcp.midstream"
  case retransmission = "tcp.retransmission"
  case outOfOrder = "tcp.out-of-order"
  case overlap = "tcp.overlap"
  case overlapConflict = "tcp.overlap-conflict"
  case duplicateSyn = "tcp.dup-syn"
  case portReuse = "tcp.port-reuse"
  case reset = "tcp.rst"
  case resetOutOfWindow = "tcp.rst-out-of-window"
  case outOfWindow = "tcp.out-of-window"
  case dataAfterFin = "tcp.data-after-fin"
  case zeroWindow = "tcp.zero-window"
  case keepAlive = "tcp.keep-alive"
  case badChecksum = "tcp.bad-checksum"
  case ackBeforeData = "tcp.ack-before-data"
}

/// Something about packets that a reader of the capture should know. It holds numbers only; its text is computed.
package struct PacketFinding: Hashable, Sendable {
  /// Which finding.
  package var code: PacketFindingCode
  /// A position in the direction's byte stream (0 is its first byte), or nil where the finding is not about one.
  package var streamOffset: Int?
  /// The number of bytes (or of packets, for limits) concerned.
  package var count: Int

  init(_ code: PacketFindingCode, at streamOffset: Int? = nil, count: Int = 0) {
    self.code = code
    self.streamOffset = streamOffset
    self.count = count
  }

  /// One sentence for people.
  package var reason: String {
    switch code {
    case .duplicatePacket: "the same packet was captured twice (\(count) bytes of data)"
    case .badLength: "a packet's IP or TCP lengths contradict its size (\(count) bytes)"
    case .timeBackwards: "the time goes back by \(Self.seconds(count)) s from one record to the next"
    case .flowLimit: "more than \(count) TCP connections at once; the one that was silent longest is given up"
    case .fragmentLost: "an IP datagram lacks fragments (\(count) bytes were there)"
    case .fragmentOverlap: "fragments of an IP datagram overlap by \(count) bytes; the first to arrive is used"
    case .gap: "\(count) bytes are missing in the capture"
    case .midstream: "the connection began before the capture did"
    case .retransmission: "\(count) bytes were sent again"
    case .outOfOrder: "a segment of \(count) bytes came late"
    case .overlap: "a segment repeats \(count) bytes and goes on with new ones"
    case .overlapConflict: "a segment repeats \(count) bytes with other content; the first to arrive is used"
    case .duplicateSyn: "the SYN was captured more than once"
    case .portReuse: "a new connection between the same addresses and ports"
    case .reset:
      count == 0
        ? "the connection was reset" : "the connection was reset (with \(count) bytes of text, which are no data)"
    case .resetOutOfWindow: "a reset outside the window, which a receiver ignores"
    case .outOfWindow: "a segment of \(count) bytes far outside the window is left out"
    case .dataAfterFin: "\(count) bytes after the end of the stream (FIN) are left out"
    case .zeroWindow: "the receiver's window is closed"
    case .keepAlive: "a TCP keep-alive probe"
    case .badChecksum: "a segment of \(count) bytes has a bad checksum where others are good; it is left out"
    case .ackBeforeData: "\(count) bytes are acknowledged that have not been captured (yet)"
    }
  }

  private static func seconds(_ nanoseconds: Int) -> String {
    let micros = nanoseconds / 1000
    let fraction = String(micros % 1_000_000)
    return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }
}
