import Testing

@testable import PacketCapture

/// Fragments of IP datagrams.
@Suite struct FragmentReassemblyTests {
  private static let data = (0..<100).map { UInt8($0) }

  /// The fragments of a segment, 24 bytes each.
  private static func fragments(identification: Int = 7, version6: Bool = false) -> [[UInt8]] {
    let segment = PacketBytes.tcp(data)
    return stride(from: 0, to: segment.count, by: 24).map { offset in
      let part = Array(segment[offset..<min(offset + 24, segment.count)])
      let more = offset + 24 < segment.count
      if version6 {
        let header = [6, 0] + PacketBytes.two(offset | (more ? 1 : 0)) + PacketBytes.four(UInt32(identification))
        return PacketBytes.ethernet(PacketBytes.ipv6(header + part, next: 44), type: 0x86DD)
      }
      return PacketBytes.ethernet(
        PacketBytes.ipv4(part, identification: identification, fragment: offset / 8 | (more ? 0x2000 : 0)))
    }
  }

  private func follow(_ packets: [[UInt8]], version6: Bool = false) -> PacketFollower {
    var follower = PacketFollower()
    follower.feed(
      PacketBytes.syn {
        version6 ? PacketBytes.ethernet(PacketBytes.ipv6($0), type: 0x86DD) : PacketBytes.ethernet(PacketBytes.ipv4($0))
      })
    for packet in packets { follower.feed(packet) }
    follower.finish()
    return follower
  }

  @Test("Fragments in any order make the segment", arguments: [true, false])
  func fragmentsAnyOrder(_ version6: Bool) {
    let fragments = Self.fragments(version6: version6)
    for order in [fragments, fragments.reversed(), Array(fragments[2...] + fragments[..<2])] {
      let follower = follow(order, version6: version6)
      #expect(follower.data[0] == Self.data)
      #expect(follower.findings == [])
    }
  }

  @Test("Extension headers in the fragmented part are followed", arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
  func extensionHeadersFragmented(_ order: [Int]) {
    // Destination options (60) behind the header of the fragment: only the first fragment holds them.
    let options: [UInt8] = [6, 1, 1, 12] + [UInt8](repeating: 0, count: 12)
    let part = options + PacketBytes.tcp(Self.data)
    let fragments = stride(from: 0, to: part.count, by: 48).map { offset in
      let end = min(offset + 48, part.count)
      let header = [60, 0] + PacketBytes.two(offset | (end < part.count ? 1 : 0)) + PacketBytes.four(9)
      return PacketBytes.ethernet(PacketBytes.ipv6(header + part[offset..<end], next: 44), type: 0x86DD)
    }
    #expect(fragments.count == 3)
    #expect(follow(order.map { fragments[$0] }, version6: true).data[0] == Self.data)
  }

  @Test("Fragments that come twice make the segment once")
  func fragmentsComeTwice() {
    let fragments = Self.fragments()
    #expect(follow(fragments + fragments).data[0] == Self.data)
    #expect(follow(fragments.flatMap { [$0, $0] }).findings == [])
  }

  @Test("The first of overlapping fragments counts, and the overlap is reported")
  func firstOverlappingFragments() {
    var fragments = Self.fragments()
    // 16 bytes of the second, with other content, 8 bytes further to the front.
    let wrong = PacketBytes.ethernet(PacketBytes.ipv4([UInt8](repeating: 0xEE, count: 24), fragment: 16 / 8 | 0x2000))
    fragments.insert(wrong, at: 2)
    let follower = follow(fragments)
    #expect(follower.data[0] == Self.data)
    #expect(follower.findings == [.fragmentOverlap])
  }

  @Test("A datagram that stays incomplete is reported")
  func datagramStaysIncomplete() {
    let follower = follow(Array(Self.fragments().dropLast()))
    #expect(follower.data == [:])
    #expect(follower.findings == [.fragmentLost])
  }

  @Test("Datagrams are told apart, and more than the limit are given up")
  func datagramsToldApart() {
    let first = Self.fragments(identification: 1)
    let second = Self.fragments(identification: 2)
    #expect(follow(zip(first, second).flatMap { [$0, $1] }).data[0]?.count == Self.data.count)
    let many = (0..<FragmentReassembly.maximumDatagrams + 10).map { Self.fragments(identification: $0)[0] }
    #expect(follow(many).findings.filter { $0 == .fragmentLost }.count == many.count)
  }

  @Test("A fragment beyond the largest datagram is refused")
  func fragmentBeyondLargest() {
    let packet = PacketBytes.ethernet(PacketBytes.ipv4([UInt8](repeating: 0, count: 64), fragment: 0x1FFF))
    #expect(follow([packet]).findings.contains(.badLength))
  }
}
