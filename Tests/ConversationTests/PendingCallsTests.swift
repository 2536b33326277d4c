import Specification
import Testing

@testable import Conversation

@Suite struct PendingCallsTests {
  @Test("Ten thousand calls pend each with its deadline") func tenThousandCallsPendEachWithItsDeadline() {
    var actions: [TimedAction] = []
    var conversation = Conversation(role: .server)
    let count: Int64 = 10_000
    var calls: [CallID] = []
    // Deadlines that neither ascend nor descend: 7919 is prime, so each of 0..<count comes up once.
    for index in 0..<count {
      calls.append(
        conversation.call(protocolId: 2, timeout: 1_000_000 + index * 7_919 % count, at: 0, into: &actions))
    }
    #expect(conversation.pendingCallCount == 10_000)
    #expect(Set(calls.map(\.sn)).count == 10_000)
    actions.removeAll()

    // Every third is answered, in an order of its own; every third is cancelled; the rest times out.
    for index in stride(from: Int64(0), to: count, by: 3).reversed() {
      conversation.receive(
        protocolId: 3, sn: calls[Int(index)].sn, payload: [UInt8]().span.bytes, at: 1, into: &actions)
    }
    #expect(actions.count == 3334)
    #expect(actions.first?.action == .complete(calls[9999], protocolId: 3))
    actions.removeAll()
    for index in stride(from: 1, to: Int(count), by: 3) { conversation.cancel(calls[index], at: 2, into: &actions) }
    #expect(actions.count == 3333)
    actions.removeAll()
    conversation.advance(to: 2_000_000, into: &actions)
    let expected = stride(from: Int64(2), to: count, by: 3)
      .map { TimedAction(at: 1_000_000 + $0 * 7_919 % count, .failCall(calls[Int($0)], .timeout)) }
      .sorted { $0.at < $1.at }
    #expect(actions == expected)
    #expect(conversation.pendingCallCount == 0)
    #expect(conversation.nextDeadline == nil)
  }

  @Test("The end fails every call in order") func theEndFailsEveryCallInOrder() {
    var timeline = Timeline(.client)
    var calls: [CallID] = []
    for index in 0..<50 as Range<Int64> { calls.append(timeline.call(timeout: 1000 - index, at: 0)) }
    for index in [49, 0, 20] { timeline.cancel(calls[index], at: 1) }
    _ = timeline.said()
    timeline.transportClosed(at: 2)
    #expect(timeline.said() == (1..<49).filter { $0 != 20 }.map { "2 failCall #\($0) closed" })
    timeline.advance(to: 5000)
    #expect(timeline.said() == [])
  }

  @Test("The heap gives back what is left in order") func theHeapGivesBackWhatIsLeftInOrder() {
    var heap = DeadlineHeap()
    // A pseudo-random but fixed set of deadlines, many of them equal.
    var state: UInt64 = 1
    var entries: [DeadlineHeap.Entry] = []
    for slot in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let entry = DeadlineHeap.Entry(deadline: Int64(state >> 58), order: UInt64(slot), slot: slot)
      entries.append(entry)
      heap.insert(entry)
    }
    for slot in stride(from: 0, to: 500, by: 3) { heap.remove(slot: slot) }
    heap.remove(slot: 0)
    heap.remove(slot: 10_000)
    var out: [Int] = []
    while let first = heap.first {
      out.append(first.slot)
      heap.remove(slot: first.slot)
    }
    let expected = entries.filter { $0.slot % 3 != 0 }
      .sorted { ($0.deadline, $0.order) < ($1.deadline, $1.order) }.map(\.slot)
    #expect(out == expected)
    #expect(heap.count == 0)
  }
}
