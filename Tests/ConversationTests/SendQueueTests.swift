import Specification
import Testing

@testable import Conversation

@Suite struct SendQueueTests {
  @Test("A full queue refuses and uses no number") func aFullQueueRefusesAndUsesNoNumber() {
    var timeline = Timeline(.client, ConversationConfiguration(queueLimit: 2))
    timeline.send(at: 0)
    timeline.call(at: 1)
    timeline.send(at: 2)
    timeline.answer(sn: 3, at: 3)
    timeline.call(at: 4)
    timeline.written(1, at: 5)
    timeline.call(at: 6)
    #expect(
      timeline.said() == [
        "0 sendFrame 2 sn 0", "1 sendFrame 2 sn 2", "2 refuse queue-full", "3 refuse queue-full",
        "4 failCall #1 queue-full",
        "6 sendFrame 2 sn 4",
      ])
  }

  @Test("Control frames need no room") func controlFramesNeedNoRoom() {
    var timeline = Timeline(.client, ConversationConfiguration(writeWait: Int64(10).ms, queueLimit: 0))
    timeline.pingReceived(at: 1)
    timeline.advance(to: 4)
    timeline.close(1000, at: 5)
    #expect(timeline.said() == ["1 sendPong", "4 sendPing", "5 sendClose 1000"])
  }

  @Test("A full queue still receives") func aFullQueueStillReceives() {
    var timeline = Timeline(.client, ConversationConfiguration(queueLimit: 1))
    timeline.call(at: 0)
    timeline.receive(sn: 2, at: 1)
    #expect(timeline.said() == ["0 sendFrame 2 sn 2", "1 complete #0 with 3"])
  }

  @Test("Writing more than is queued empties the queue") func writingMoreThanIsQueuedEmptiesTheQueue() {
    var queue = SendQueue(limit: 1)
    queue.enqueue()
    queue.dequeue(.max)
    #expect(queue.count == 0)
    queue.dequeue(-1)
    queue.enqueue()
    #expect(queue.isFull)
    #expect(queue.discard() == 1)
    #expect(!queue.isFull)
  }

  @Test("Stopped comes before full") func stoppedComesBeforeFull() {
    var timeline = Timeline(.server, ConversationConfiguration(queueLimit: 0))
    timeline.kick(at: 0)
    _ = timeline.said()
    timeline.send(at: 1)
    timeline.call(at: 1)
    #expect(timeline.said() == ["1 refuse stopped", "1 failCall #0 stopped"])
  }
}
