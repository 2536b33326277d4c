@testable import PacketCapture

/// Packets put together byte by byte.
enum PacketBytes {
  static let client4: [UInt8] = [10, 0, 0, 1]
  static let server4: [UInt8] = [10, 0, 0, 200]
  static let client6: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
  static let server6: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]

  static func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
  static func four(_ value: UInt32) -> [UInt8] { two(Int(value >> 16)) + two(Int(value & 0xFFFF)) }

  /// A segment from port 40001 to 8080, without a checksum.
  static func tcp(_ data: [UInt8], sequence: UInt32 = 1, flags: UInt8 = 0x18, options: [UInt8] = []) -> [UInt8] {
    two(40_001) + two(8080) + four(sequence) + four(1) + [UInt8(((20 + options.count) / 4) << 4), flags] + two(1000)
      + [0, 0, 0, 0] + options + data
  }

  static func ipv4(
    _ payload: [UInt8], options: [UInt8] = [], totalLength: Int? = nil, identification: Int = 7, fragment: Int = 0,
    transport: UInt8 = 6
  ) -> [UInt8] {
    let header = 20 + options.count
    return [UInt8(0x40 | header / 4), 0] + two(totalLength ?? header + payload.count) + two(identification)
      + two(fragment) + [64, transport, 0, 0] + client4 + server4 + options + payload
  }

  static func ipv6(_ payload: [UInt8], next: UInt8 = 6, payloadLength: Int? = nil) -> [UInt8] {
    [0x60, 0, 0, 0] + two(payloadLength ?? payload.count) + [next, 64] + client6 + server6 + payload
  }

  static func ethernet(_ payload: [UInt8], type: Int = 0x0800) -> [UInt8] {
    [UInt8](repeating: 2, count: 12) + two(type) + payload
  }

  /// A SYN of the flow, so that data that follow come out at once.
  static func syn(_ wrap: ([UInt8]) -> [UInt8]) -> [UInt8] { wrap(tcp([], sequence: 0, flags: 0x02)) }
}

/// Follows packets and puts together what comes of them.
struct PacketFollower {
  var tracker: PacketTracker
  var number = 0
  var data: [Direction: [UInt8]] = [:]
  var findings: [PacketFindingCode] = []
  var openings: [TransportOpening] = []

  init(ports: [UInt16] = [], limits: TrackerLimits = TrackerLimits()) {
    tracker = PacketTracker(limits: limits, ports: ports)
  }

  mutating func feed(
    _ packet: [UInt8], linkType: UInt16 = 1, originalLength: Int? = nil, frameCheckSequenceLength: Int = 0,
    origin: Int = -1
  ) {
    number += 1
    tracker.process(
      packet.span.bytes, linkType: linkType, originalLength: originalLength ?? packet.count,
      frameCheckSequenceLength: frameCheckSequenceLength, stamp: PacketStamp(number: number, time: Int64(number)),
      origin: origin)
    collect(packet)
  }

  mutating func finish() {
    tracker.finish(stamp: PacketStamp(number: number, time: nil))
    collect([])
  }

  private mutating func collect(_ packet: [UInt8]) {
    for event in tracker.events {
      switch event.kind {
      case .opened(let opening): openings.append(opening)
      case .data(.packet(let range)): data[event.direction, default: []] += packet[range]
      case .data(.held(let bytes)): data[event.direction, default: []] += bytes
      case .finding(let finding): findings.append(finding.code)
      default: break
      }
    }
    tracker.removeEvents()
  }
}
