import Specification
import Testing

@testable import Conversation

@Suite struct CallTests {
  @Test("Calls take the numbers of their side", arguments: [(PeerRole.client, UInt32(2)), (.server, 3)])
  func callsTakeTheNumbersOfTheirSide(role: PeerRole, first: UInt32) {
    var timeline = Timeline(role)
    for time in 0..<3 as Range<Int64> { timeline.call(at: time) }
    #expect(
      timeline.said() == [
        "0 sendFrame 2 sn \(first)", "1 sendFrame 2 sn \(first + 2)", "2 sendFrame 2 sn \(first + 4)",
      ])
    #expect(timeline.conversation.pendingCallCount == 3)
  }

  @Test("Answers pair by sn alone in any order") func answersPairBySnAloneInAnyOrder() {
    var timeline = Timeline(.client)
    timeline.call(2, at: 0)
    timeline.call(2, at: 0)
    _ = timeline.said()
    timeline.receive(77, sn: 4, at: 5)
    timeline.receive(78, sn: 2, at: 6)
    #expect(timeline.said() == ["5 complete #1 with 77", "6 complete #0 with 78"])
    #expect(timeline.conversation.pendingCallCount == 0)
  }

  @Test("A second, an unknown and a late answer complete nothing") func aSecondAnUnknownAndALateAnswerCompleteNothing()
  {
    var timeline = Timeline(.client)
    timeline.call(timeout: 100, at: 0)
    timeline.call(timeout: 10, at: 0)
    _ = timeline.said()
    timeline.receive(sn: 2, at: 1)
    timeline.receive(sn: 2, at: 2)
    timeline.receive(sn: 1000, at: 3)
    timeline.receive(sn: 4, at: 11)
    #expect(timeline.said() == ["1 complete #0 with 3", "10 failCall #1 timeout"])
    #expect(timeline.conversation.isOpen)
  }

  @Test("An answer at the very deadline is late") func anAnswerAtTheVeryDeadlineIsLate() {
    var timeline = Timeline(.server)
    timeline.call(timeout: 10, at: 5)
    timeline.call(timeout: 11, at: 5)
    _ = timeline.said()
    timeline.receive(sn: 3, at: 15)
    timeline.receive(sn: 5, at: 15)
    #expect(timeline.said() == ["15 failCall #0 timeout", "15 complete #1 with 3"])
  }

  @Test("A timeout of zero ends the call at the next event") func aTimeoutOfZeroEndsTheCallAtTheNextEvent() {
    var timeline = Timeline(.client)
    timeline.call(timeout: 0, at: 7)
    #expect(timeline.said() == ["7 sendFrame 2 sn 2"])
    timeline.advance(to: 7)
    #expect(timeline.said() == ["7 failCall #0 timeout"])
  }

  @Test("Both sides call at once") func bothSidesCallAtOnce() {
    var timeline = Timeline(.server, ConversationConfiguration(handlers: HandlerTable([2, 3])))
    timeline.call(7, at: 0)
    timeline.receive(2, sn: 2, at: 1)
    timeline.receive(3, sn: 3, at: 2)
    timeline.answer(sn: 2, at: 3)
    #expect(
      timeline.said() == [
        "0 sendFrame 7 sn 3", "1 deliver 2 sn 2 request", "2 complete #0 with 3", "2 deliver 3 sn 3 response",
        "3 sendFrame 3 sn 2",
      ])
  }

  @Test("A cancel ends that very call only") func cancelEndsThatVeryCallOnly() {
    var timeline = Timeline(.client, ConversationConfiguration(nextSn: 0xFFFF_FFFE))
    let first = timeline.call(at: 0)
    timeline.cancel(first, at: 1)
    timeline.cancel(first, at: 2)
    for _ in 0..<3 { timeline.receive(sn: 0, at: 2) }
    #expect(timeline.said() == ["0 sendFrame 2 sn 4294967294", "1 failCall #0 cancelled"])

    // The number comes back; the old name must not cancel the new call.
    timeline.continueNumbering(from: 0xFFFF_FFFE, at: 3)
    let second = timeline.call(at: 3)
    #expect(second.sn == first.sn)
    timeline.cancel(first, at: 4)
    #expect(timeline.said() == ["3 sendFrame 2 sn 4294967294"])
    timeline.cancel(second, at: 5)
    #expect(timeline.said() == ["5 failCall #1 cancelled"])
  }

  @Test("Timeouts fire in order of time then of the calls") func timeoutsFireInOrderOfTimeThenOfTheCalls() {
    var timeline = Timeline(.client)
    timeline.call(timeout: 20, at: 0)
    timeline.call(timeout: 10, at: 0)
    timeline.call(timeout: 10, at: 0)
    timeline.call(timeout: 5, at: 5)
    _ = timeline.said()
    #expect(timeline.conversation.nextDeadline == Int64(10).ms)
    timeline.advance(to: 1000)
    #expect(
      timeline.said() == [
        "10 failCall #1 timeout", "10 failCall #2 timeout", "10 failCall #3 timeout", "20 failCall #0 timeout",
      ])
    #expect(timeline.conversation.nextDeadline == nil)
  }

  @Test("Times that go back count as the latest") func timesThatGoBackCountAsTheLatest() {
    var timeline = Timeline(.client)
    timeline.send(at: 10)
    timeline.send(at: 5)
    #expect(timeline.said() == ["10 sendFrame 2 sn 0", "10 sendFrame 2 sn 0"])
  }

  @Test("A timeout beyond the clock never fires") func aTimeoutBeyondTheClockNeverFires() {
    var actions: [TimedAction] = []
    var conversation = Conversation(role: .client)
    conversation.call(protocolId: 2, timeout: .max, at: 100, into: &actions)
    #expect(conversation.nextDeadline == nil)
    conversation.advance(to: .max, into: &actions)
    #expect(actions == [TimedAction(at: 100, .sendFrame(protocolId: 2, sn: 2))])
  }
}
