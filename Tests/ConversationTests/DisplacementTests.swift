import FrameCodec
import Specification
import Testing

@testable import Conversation

@Suite struct DisplacementTests {
  /// `P_DISPLACE { old_ip = "a:1", new_ip = "b:2", ts = 5 }`.
  private static let payload: [UInt8] = [0x0A, 3, 0x61, 0x3A, 0x31, 0x12, 3, 0x62, 0x3A, 0x32, 0x18, 5]

  @Test("A displaced client is told and stays open") func aClientIsToldAndStaysOpen() {
    var timeline = Timeline(.client, ConversationConfiguration(handlers: HandlerTable([0x7FFF_FFFF])))
    #expect(timeline.conversation.receivedDisplacement == nil)
    timeline.receive(0x7FFF_FFFF, sn: 0, Self.payload, at: 3)
    timeline.send(at: 4)
    #expect(timeline.said() == ["3 displaced", "4 sendFrame 2 sn 0"])
    #expect(
      timeline.conversation.receivedDisplacement
        == Displacement(oldAddress: Array("a:1".utf8), newAddress: Array("b:2".utf8), timestampNanoseconds: 5))
    timeline.peerClosed(nil, at: 5)
    #expect(timeline.said() == ["5 sendClose empty"])
  }

  @Test("A broken displacement is dropped") func aBrokenOneIsDropped() {
    var timeline = Timeline(.client)
    timeline.receive(0x7FFF_FFFF, sn: 0, [0xFF], at: 0)
    #expect(timeline.said() == [])
    #expect(timeline.conversation.receivedDisplacement == nil)
    #expect(timeline.conversation.isOpen)
  }

  @Test("A server drops a displacement") func aServerDropsIt() {
    var timeline = Timeline(.server)
    timeline.receive(0x7FFF_FFFF, sn: 0, Self.payload, at: 0)
    timeline.receive(0x7FFF_FFFF, sn: 0, [0xFF], at: 0)
    #expect(timeline.said() == [])
    #expect(timeline.conversation.receivedDisplacement == nil)
  }

  @Test("A server displaces with its last frame") func aServerDisplacesWithItsLastFrame() {
    var timeline = Timeline(.server)
    timeline.call(at: 0)
    timeline.send(at: 0)
    timeline.send(at: 0)
    timeline.written(1, at: 1)
    _ = timeline.said()
    timeline.displace(at: 2)
    #expect(
      timeline.said() == [
        "2 discardQueue 2", "2 sendFrame 2147483647 sn 0", "2 sendClose empty", "2 failCall #0 closed",
        "2 closeTransport",
      ])
    timeline.displace(at: 3)
    timeline.kick(at: 3)
    timeline.send(at: 3)
    #expect(timeline.said() == ["3 refuse stopped"])
  }

  @Test("A full queue does not stop a displacement") func aFullQueueDoesNotStopIt() {
    var timeline = Timeline(.server, ConversationConfiguration(queueLimit: 0))
    timeline.displace(at: 0)
    #expect(timeline.said() == ["0 sendFrame 2147483647 sn 0", "0 sendClose empty", "0 closeTransport"])
  }

  @Test("A kick has no displacement") func aKickHasNoDisplacement() {
    var timeline = Timeline(.server)
    timeline.send(at: 0)
    _ = timeline.said()
    timeline.kick(at: 1)
    #expect(timeline.said() == ["1 discardQueue 1", "1 sendClose empty", "1 closeTransport"])
  }

  @Test("A client neither displaces nor kicks") func aClientNeitherDisplacesNorKicks() {
    var timeline = Timeline(.client)
    timeline.displace(at: 0)
    timeline.kick(at: 0)
    #expect(timeline.said() == [])
    #expect(timeline.conversation.isOpen)
  }

  @Test("Old revisions have an id of their own") func oldRevisionsHaveAnIdOfTheirOwn() {
    var timeline = Timeline(.client, ConversationConfiguration(displacementProtocolId: -1))
    timeline.receive(-1, sn: 0, Self.payload, at: 0)
    timeline.receive(0x7FFF_FFFF, sn: 0, Self.payload, at: 1)
    #expect(timeline.said() == ["0 displaced"])
  }
}
