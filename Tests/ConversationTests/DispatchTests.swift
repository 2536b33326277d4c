import FrameCodec
import Specification
import Testing

@testable import Conversation

@Suite struct DispatchTests {
  private static let handlers = ConversationConfiguration(handlers: HandlerTable([2, 3, 0, 0x7FFF_FFFF]))

  @Test(
    "Parity tells what a frame is",
    arguments: [
      (PeerRole.client, UInt32(0), DeliveryKind.message), (.client, 3, .request), (.client, 4, .response),
      (.client, .max, .request), (.client, 0x8000_0000, .response), (.server, 0, .message), (.server, 2, .request),
      (.server, 3, .response), (.server, .max, .response), (.server, 1, .response),
    ])
  func parityTellsWhatAFrameIs(role: PeerRole, sn: UInt32, kind: DeliveryKind) {
    var timeline = Timeline(role, Self.handlers)
    timeline.receive(2, sn: sn, at: 1)
    #expect(timeline.said() == ["1 deliver 2 sn \(sn) \(kind.rawValue)"])
  }

  @Test("Completion comes before the handler") func completionComesBeforeTheHandler() {
    var timeline = Timeline(.client, Self.handlers)
    timeline.call(at: 0)
    timeline.receive(3, sn: 2, at: 1)
    timeline.receive(3, sn: 2, at: 2)
    #expect(
      timeline.said() == [
        "0 sendFrame 2 sn 2", "1 complete #0 with 3", "1 deliver 3 sn 2 response", "2 deliver 3 sn 2 response",
      ])
  }

  @Test("What has no handler is dropped") func whatHasNoHandlerIsDropped() {
    var timeline = Timeline(.server, Self.handlers)
    timeline.receive(99, sn: 2, at: 1)
    timeline.receive(99, sn: 0, at: 1)
    timeline.receive(0, sn: 2, at: 1)
    timeline.receive(0x7FFF_FFFF, sn: 0, at: 1)
    #expect(timeline.said() == [])
    #expect(timeline.conversation.isOpen)
  }

  @Test("A dropped frame completes nothing") func aDroppedFrameCompletesNothing() {
    var timeline = Timeline(.client, Self.handlers)
    timeline.call(at: 0)
    _ = timeline.said()
    timeline.receive(0, sn: 2, at: 1)
    timeline.receive(0x7FFF_FFFF, sn: 2, [0xFF], at: 1)
    #expect(timeline.said() == [])
    timeline.receive(sn: 2, at: 2)
    #expect(timeline.said() == ["2 complete #0 with 3", "2 deliver 3 sn 2 response"])
  }

  @Test("Handlers come and go") func handlersComeAndGo() {
    var timeline = Timeline(.server)
    timeline.conversation.handlers.insert(5)
    timeline.conversation.handlers.insert(5)
    timeline.conversation.handlers.insert(-1)
    timeline.receive(5, sn: 0, at: 0)
    timeline.conversation.handlers.remove(5)
    timeline.conversation.handlers.remove(4)
    timeline.receive(5, sn: 0, at: 1)
    timeline.receive(-1, sn: 0, at: 2)
    #expect(timeline.said() == ["0 deliver 5 sn 0 message", "2 deliver -1 sn 0 message"])
  }

  @Test("The table finds each of its ids") func theTableFindsEachOfItsIds() {
    let ids: [Int64] = [9, 2, 0xFFFF_FFFF, 2, -1, 4]
    let table = HandlerTable(ids)
    for id in ids { #expect(table.contains(id)) }
    for id in [Int64.min, -2, 0, 3, 5, 10, .max] { #expect(!table.contains(id)) }
    #expect(table == HandlerTable([-1, 2, 4, 9, 0xFFFF_FFFF]))
  }
}
