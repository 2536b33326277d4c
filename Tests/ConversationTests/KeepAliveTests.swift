import Specification
import Testing

@testable import Conversation

@Suite struct KeepAliveTests {
  @Test(
    "A ping is due every 0.4 of the write wait",
    arguments: [
      (Int64(60_000), Int64(24_000)), (10_000, 4_000), (1_000, 400), (999, 399), (7, 2), (5, 2), (4, 1), (2, 1), (0, 1),
      (-5, 1),
    ])
  func aPingIsDueEveryPointFourOfTheWriteWait(wait: Int64, interval: Int64) {
    #expect(KeepAlive.pingInterval(writeWait: wait.ms) == interval.ms)
  }

  @Test("Pings come whatever the traffic") func pingsComeWhateverTheTraffic() {
    var timeline = Timeline(.client, ConversationConfiguration(writeWait: Int64(1000).ms))
    timeline.send(at: 399)
    timeline.receive(sn: 0, at: 400)
    timeline.advance(to: 1250)
    #expect(timeline.said() == ["399 sendFrame 2 sn 0", "400 sendPing", "800 sendPing", "1200 sendPing"])
    #expect(timeline.conversation.nextDeadline == Int64(1600).ms)
    timeline.close(1000, at: 1300)
    timeline.advance(to: 2200)
    #expect(timeline.said() == ["1300 sendClose 1000"])
  }

  @Test("A silent peer is given up") func aSilentPeerIsGivenUp() {
    var timeline = Timeline(.server, ConversationConfiguration(readWait: Int64(500).ms))
    timeline.call(at: 100)
    _ = timeline.said()
    timeline.advance(to: 499)
    #expect(timeline.said() == [])
    timeline.receive(sn: 3, at: 500)
    #expect(timeline.said() == ["500 sendClose 1001", "500 failCall #0 closed", "500 closeTransport"])
    #expect(timeline.conversation.nextDeadline == nil)
  }

  @Test("Each sign of life restarts the deadline", arguments: ["message", "messageStart", "ping", "pong", "dropped"])
  func eachSignOfLifeRestartsTheDeadline(sign: String) {
    var timeline = Timeline(.client, ConversationConfiguration(readWait: Int64(500).ms))
    switch sign {
    case "message": timeline.receive(sn: 0, at: 400)
    case "messageStart": timeline.messageStarted(at: 400)
    case "ping": timeline.pingReceived(at: 400)
    case "pong": timeline.pongReceived(at: 400)
    default: timeline.receive(0, sn: 0, at: 400)
    }
    timeline.advance(to: 899)
    #expect(timeline.said() == (sign == "ping" ? ["400 sendPong"] : []))
    timeline.advance(to: 900)
    #expect(timeline.said() == ["900 sendClose 1001", "900 closeTransport"])
  }

  @Test("What comes within a message does not restart the deadline") func whatComesWithinAMessageDoesNot() {
    var timeline = Timeline(
      .server, ConversationConfiguration(handlers: HandlerTable([2]), readWait: Int64(500).ms))
    timeline.messageStarted(at: 100)
    for time in stride(from: Int64(150), to: 500, by: 50) { timeline.fragmentReceived(at: time) }
    timeline.receive(2, sn: 0, endsFragmentedMessage: true, at: 550)
    timeline.send(at: 560)
    #expect(timeline.said() == ["550 deliver 2 sn 0 message", "560 sendFrame 2 sn 0"])
    timeline.advance(to: 1000)
    #expect(timeline.said() == ["600 sendClose 1001", "600 closeTransport"])
  }

  @Test("At one time calls then the read deadline then the ping") func atOneTimeCallsThenTheReadDeadlineThenThePing() {
    var timeline = Timeline(
      .client, ConversationConfiguration(readWait: Int64(400).ms, writeWait: Int64(1000).ms))
    timeline.call(timeout: 400, at: 0)
    timeline.call(timeout: nil, at: 0)
    _ = timeline.said()
    timeline.advance(to: 400)
    #expect(
      timeline.said() == [
        "400 failCall #0 timeout", "400 sendClose 1001", "400 failCall #1 closed", "400 closeTransport",
      ])
  }

  @Test("A pong is owed only while open") func aPongIsOwedOnlyWhileOpen() {
    var timeline = Timeline(.server)
    timeline.pingReceived(at: 0)
    timeline.close(nil, at: 1)
    timeline.pingReceived(at: 2)
    #expect(timeline.said() == ["0 sendPong", "1 sendClose empty"])
  }
}
