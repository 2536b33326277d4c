import Specification
import Testing

@testable import Conversation

@Suite struct ClosingTests {
  @Test("Closing first awaits the peer's close", arguments: [PeerRole.client, .server])
  func closingFirstAwaitsThePeersClose(role: PeerRole) {
    var timeline = Timeline(role)
    timeline.call(at: 0)
    _ = timeline.said()
    timeline.close(1000, at: 1)
    timeline.close(1001, at: 2)
    timeline.receive(sn: 2, at: 3)
    timeline.peerClosed(1000, at: 4)
    timeline.peerClosed(1000, at: 5)
    timeline.transportClosed(at: 6)
    timeline.advance(to: 5000)
    #expect(timeline.said() == ["1 sendClose 1000", "1 failCall #0 closed", "4 closeTransport"])
  }

  @Test("The peer's close is awaited for the close wait", arguments: [PeerRole.client, .server])
  func thePeersCloseIsAwaitedForTheCloseWait(role: PeerRole) {
    var timeline = Timeline(role, ConversationConfiguration(closeWait: Int64(200).ms))
    timeline.close(nil, at: 100)
    #expect(timeline.conversation.nextDeadline == Int64(300).ms)
    timeline.peerClosed(1000, at: 300)
    #expect(timeline.said() == ["100 sendClose empty", "300 closeTransport"])
    #expect(timeline.conversation.closing.state == .ended)
  }

  @Test("A server answers a close and ends the transport", arguments: [UInt16?.none, 1000, 4999])
  func aServerAnswersACloseAndEndsTheTransport(code: UInt16?) {
    var timeline = Timeline(.server)
    timeline.call(at: 0)
    _ = timeline.said()
    timeline.peerClosed(code, at: 1)
    let said = code.map { String($0) } ?? "empty"
    #expect(timeline.said() == ["1 sendClose \(said)", "1 failCall #0 closed", "1 closeTransport"])
  }

  @Test("A client answers a close and waits for the transport") func aClientAnswersACloseAndWaitsForTheTransport() {
    var timeline = Timeline(.client)
    timeline.call(at: 0)
    _ = timeline.said()
    timeline.peerClosed(1001, at: 1)
    timeline.peerClosed(1001, at: 2)
    #expect(timeline.said() == ["1 sendClose 1001", "1 failCall #0 closed"])
    timeline.transportClosed(at: 500)
    timeline.advance(to: 5000)
    #expect(timeline.said() == [])

    var patient = Timeline(.client)
    patient.peerClosed(nil, at: 1)
    patient.advance(to: 5000)
    #expect(patient.said() == ["1 sendClose empty", "1001 closeTransport"])
  }

  @Test("A violation fails the connection") func aViolationFailsTheConnection() {
    var timeline = Timeline(.client)
    timeline.call(at: 0)
    _ = timeline.said()
    timeline.violationFound(1007, at: 1)
    timeline.violationFound(1002, at: 2)
    #expect(timeline.said() == ["1 sendClose 1007", "1 failCall #0 closed", "1 closeTransport"])
  }

  @Test("A violation while closing ends the transport") func aViolationWhileClosingEndsTheTransport() {
    var timeline = Timeline(.server)
    timeline.close(1000, at: 0)
    timeline.violationFound(1002, at: 1)
    timeline.violationFound(1002, at: 2)
    timeline.advance(to: 5000)
    #expect(timeline.said() == ["0 sendClose 1000", "1 closeTransport"])
  }

  @Test("After the end nothing happens but refusals", arguments: [PeerRole.client, .server])
  func afterTheEndNothingHappensButRefusals(role: PeerRole) {
    var timeline = Timeline(
      role,
      ConversationConfiguration(handlers: HandlerTable([3]), readWait: Int64(50).ms, writeWait: Int64(50).ms))
    let call = timeline.call(at: 0)
    timeline.transportClosed(at: 1)
    _ = timeline.said()
    timeline.receive(sn: 0, at: 2)
    timeline.receive(sn: call.sn, at: 2)
    timeline.messageStarted(at: 2)
    timeline.fragmentReceived(at: 2)
    timeline.pingReceived(at: 2)
    timeline.pongReceived(at: 2)
    timeline.close(1000, at: 2)
    timeline.peerClosed(1000, at: 2)
    timeline.violationFound(1002, at: 2)
    timeline.displace(at: 2)
    timeline.kick(at: 2)
    timeline.written(1, at: 2)
    timeline.cancel(call, at: 2)
    timeline.transportClosed(at: 2)
    timeline.advance(to: 1000)
    #expect(timeline.said() == [])
    let stopped = timeline.call(at: 1001)
    timeline.send(at: 1002)
    timeline.answer(sn: 8, at: 1003)
    #expect(
      timeline.said() == ["1001 failCall #\(stopped.order) stopped", "1002 refuse stopped", "1003 refuse stopped"])
  }

  @Test("Calls while closing are stopped") func callsWhileClosingAreStopped() {
    var timeline = Timeline(.client)
    timeline.close(nil, at: 0)
    timeline.call(at: 1)
    timeline.send(at: 1)
    #expect(timeline.said() == ["0 sendClose empty", "1 failCall #0 stopped", "1 refuse stopped"])
  }
}
