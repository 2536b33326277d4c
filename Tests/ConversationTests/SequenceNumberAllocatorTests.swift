import Specification
import Testing

@testable import Conversation

@Suite struct SequenceNumberAllocatorTests {
  @Test(
    "Wraps without zero and one",
    arguments: [
      (PeerRole.client, [UInt32](arrayLiteral: 0xFFFF_FFFC, 0xFFFF_FFFE, 2, 4)),
      (.server, [0xFFFF_FFFD, 0xFFFF_FFFF, 3, 5]),
    ])
  func wrapsWithoutZeroAndOne(role: PeerRole, numbers: [UInt32]) {
    var allocator = SequenceNumberAllocator(role: role, next: numbers[0])
    let pending = PendingCalls()
    for number in numbers { #expect(allocator.allocate(skipping: pending) == number) }
  }

  @Test("Skips numbers that are pending") func skipsNumbersThatArePending() {
    var timeline = Timeline(.client)
    for _ in 0..<3 { timeline.call(at: 0) }
    timeline.receive(sn: 4, at: 1)
    timeline.continueNumbering(from: 0xFFFF_FFFE, at: 2)
    _ = timeline.said()
    for time in 2..<6 as Range<Int64> { timeline.call(at: time) }
    #expect(
      timeline.said() == [
        "2 sendFrame 2 sn 4294967294", "3 sendFrame 2 sn 4", "4 sendFrame 2 sn 8", "5 sendFrame 2 sn 10",
      ])
  }

  @Test(
    "Starts at a number of its parity",
    arguments: [
      (PeerRole.client, UInt32(0), UInt32(2)), (.client, 1, 2), (.client, 7, 8), (.client, .max, 2), (.server, 0, 3),
      (.server, 1, 3), (.server, 2, 3), (.server, 8, 9), (.server, .max, .max), (.server, .max - 1, .max),
    ])
  func startsAtANumberOfItsParity(role: PeerRole, asked: UInt32, started: UInt32) {
    #expect(SequenceNumberAllocator(role: role, next: asked).next == started)
  }

  @Test("Zero is nobody's number") func zeroIsNobodysNumber() {
    #expect(!SequenceNumberAllocator(role: .client).isOwn(0))
    #expect(!SequenceNumberAllocator(role: .server).isOwn(0))
    #expect(SequenceNumberAllocator(role: .client).isOwn(0xFFFF_FFFE))
    #expect(SequenceNumberAllocator(role: .server).isOwn(1))
  }
}
