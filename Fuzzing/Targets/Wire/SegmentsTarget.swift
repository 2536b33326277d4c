import FuzzHarness
import PacketCapture

/// TCP reassembly: an input is a list of segments of three connections, in any order, with any overlaps. What is given is no more
/// than what was sent, and what is kept stays within the limits.
enum SegmentsTarget {
  @Sendable static func run(_ input: [UInt8]) {
    var limits = TrackerLimits()
    limits.heldBytes = 4096
    var tracker = PacketTracker(limits: limits)
    var number = 0
    var sent = 0
    var given = 0
    var last = PacketStamp(number: 0, time: 0)
    var rest = input[...]
    while rest.count >= 6 {
      let head = Array(rest.prefix(6))
      rest = rest.dropFirst(6)
      let payload = Array(rest.prefix(Int(head[4] & 0x3F)))
      rest = rest.dropFirst(payload.count)
      number += 1
      last = PacketStamp(number: number, time: Int64(number) * (head[5] & 0x80 == 0 ? 1_000 : 40_000_000_000))
      let packet = segment(head, payload)
      sent += payload.count
      tracker.process(
        packet.span.bytes, linkType: 101, originalLength: packet.count + (head[5] & 0x40 == 0 ? 0 : 20),
        frameCheckSequenceLength: 0, stamp: last)
      given += count(&tracker)
    }
    tracker.finish(stamp: last)
    given += count(&tracker)
    require(given <= sent, "\(given) bytes of \(sent) were given")
  }

  private static func count(_ tracker: inout PacketTracker) -> Int {
    var given = 0
    for index in 0..<tracker.eventCount {
      guard case .data(let bytes) = tracker.event(index).kind else { continue }
      switch bytes {
      case .packet(let range): given += range.count
      case .held(let bytes): given += bytes.count
      }
    }
    tracker.removeEvents()
    return given
  }

  /// An IPv4 packet with a TCP segment.
  ///
  /// - Parameter head: Connection and direction, flags, sequence number (two bytes), length of the payload, options.
  private static func segment(_ head: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    let fromClient = head[0] & 1 == 0
    let client: UInt16 = 40_000 + UInt16(head[0] >> 1) % 3
    let ports: (UInt16, UInt16) = fromClient ? (client, 8003) : (8003, client)
    // Beside the wrap of 32 bits, where the arithmetic is interesting.
    let base: UInt32 = head[5] & 1 == 0 ? 1 : 0xFFFF_FFE0
    let sequence = base &+ (UInt32(head[2]) | UInt32(head[3] & 3) << 8)
    let acknowledgement = base &+ UInt32(head[3]) &* 4
    func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }
    func big(_ value: UInt32) -> [UInt8] {
      big(UInt16(value >> 16)) + big(UInt16(truncatingIfNeeded: value))
    }
    let address: ([UInt8], [UInt8]) = fromClient ? ([10, 0, 0, 1], [10, 0, 0, 2]) : ([10, 0, 0, 2], [10, 0, 0, 1])
    var packet: [UInt8] = [0x45, 0] + big(UInt16(40 + payload.count))
    packet += [0, 0, head[5] & 0x20 == 0 ? 0x40 : 0x20, 0, 64, 6, 0, 0] + address.0 + address.1
    packet += big(ports.0) + big(ports.1) + big(sequence) + big(acknowledgement)
    packet += [0x50, head[1] & 0x3F, 0xFF, 0xFF, 0, 0, 0, 0]
    return packet + payload
  }
}
