import Specification
import StrictJSON
import Testing

@testable import Conformance
@testable import ReferencePeer

@Suite("What a client made of a broken server")
struct MatrixJudgeTests {
  private let start = ContinuousClock.now

  private func frame(
    _ id: Int64, _ sn: UInt32, _ payload: String, at milliseconds: Int = 0, isIntact: Bool = true
  ) -> MutationWitness.Frame {
    MutationWitness.Frame(
      connection: 1, protocolId: id, sn: sn, payload: Array(payload.utf8), time: start + .milliseconds(milliseconds),
      isIntact: isIntact)
  }

  private func report(_ seq: Int, _ members: String, at milliseconds: Int = 10) -> MutationWitness.Frame {
    frame(21, 0, "{\"seq\":\(seq),\(members)}", at: milliseconds)
  }

  /// A connection on which the client was told to make two calls, which it has made.
  private func conversation(_ change: (inout MatrixObservation) -> Void) -> MatrixObservation {
    var seen = MatrixObservation()
    seen.isConnected = true
    seen.isShown = true
    seen.orders = [("one", 1), ("two", 2)].map { payload, seq in
      MatrixObservation.Order(seq: seq, isCall: true, id: 2, payload: Array(payload.utf8), timeout: 1500)
    }
    seen.heard = [frame(2, 2, "one"), frame(2, 4, "two")]
    seen.closed = start + .seconds(5)
    change(&seen)
    return seen
  }

  private func judged(
    _ mutant: String = "rsv1-without-deflate", _ change: (inout MatrixObservation) -> Void
  ) throws -> MatrixJudge.Finding {
    let fault = try #require(Mutant.named(mutant, of: .server))
    let catalogue = try ProbeSuite.load(Samples.repository).catalogue
    return MatrixJudge(catalogue: catalogue, fault: fault, seen: conversation(change)).finding
  }

  private let right = [#""ok":true,"sn":2,"payload":"6f6e65""#, #""ok":true,"sn":4,"payload":"74776f""#]

  @Test("A call of the server that has the number of a call completes that, as the rule says")
  func sameNumber() throws {
    let finding = try judged("server-sn-even") { seen in
      seen.said = [frame(3, 2, "one"), frame(7, 4, "the server's call")]
      seen.heard += [
        report(1, right[0]),
        report(2, #""ok":true,"sn":4,"payload":"746865207365727665722773206361 6c6c""#.replacing(" ", with: "")),
      ]
    }
    #expect(!finding.reaction.isBad, "\(finding)")
  }

  @Test("Nothing came of it: untouched, or tolerated where the fault was there to be seen")
  func quiet() throws {
    let answers = [frame(3, 2, "one"), frame(3, 4, "two")]
    let reports = [report(1, right[0]), report(2, right[1])]
    let untouched = try judged {
      $0.isShown = false
      $0.said = answers
      $0.heard += reports
    }
    #expect(untouched.reaction == .untouched)
    let tolerated = try judged {
      $0.said = answers
      $0.heard += reports
    }
    #expect(tolerated.reaction == .tolerated)
    #expect(tolerated.requirement == "ws.rsv.fail")
  }

  @Test("A call is not lost whose time was over while this program waited for a processor")
  func ownDelay() throws {
    func finding(_ lost: Duration) throws -> MatrixJudge.Finding {
      try judged { seen in
        seen.said = [frame(3, 2, "one"), frame(3, 4, "two")]
        seen.heard += [report(1, right[0]), report(2, #""ok":false,"error":"timeout""#, at: 2500)]
        let end = start + .milliseconds(2500)
        seen.lost = { $0 < end ? lost : .zero }
      }
    }
    #expect(try finding(.zero).reaction == .lost)
    #expect(try finding(.milliseconds(2400)).reaction != .lost)
  }

  @Test("A call of which nobody hears anything is lost, unless the connection ended or the fault ate the report")
  func lost() throws {
    func seen(_ change: (inout MatrixObservation) -> Void) throws -> MatrixJudge.Finding {
      try judged {
        $0.said = [frame(3, 2, "one"), frame(3, 4, "two")]
        $0.heard.append(report(1, right[0]))
        change(&$0)
      }
    }
    let lost = try seen { _ in }
    #expect(lost.reaction == .lost)
    #expect(lost.requirement == "rpc.dispatch.complete")
    #expect(try seen { $0.said.removeLast() }.requirement == "rpc.timeout")
    #expect(try seen { $0.isDeaf = true }.reaction == .tolerated)
    #expect(try seen { $0.end = .peerClosed(code: 1002) }.reaction == .noticed)
    #expect(try seen { $0.closed = start + .milliseconds(100) }.reaction == .tolerated)
  }

  @Test("A call that was answered in time and reported as timed out is lost; one that was not answered is not")
  func timedOut() throws {
    let reports = [report(1, right[0]), report(2, #""ok":false,"error":"timeout""#, at: 1500)]
    let answered = try judged {
      $0.said = [frame(3, 2, "one"), frame(3, 4, "two")]
      $0.heard += reports
    }
    #expect(answered.reaction == .lost)
    let unanswered = try judged {
      $0.said = [frame(3, 2, "one")]
      $0.heard += reports
    }
    #expect(unanswered.reaction == .noticed)
    let late = try judged {
      $0.said = [frame(3, 2, "one"), frame(3, 4, "two", at: 1400)]
      $0.heard += reports
    }
    #expect(late.reaction == .noticed)
  }

  @Test("The answer of another call is mixed up; a payload that the server itself changed is not")
  func mixedUp() throws {
    let mixed = try judged {
      $0.said = [frame(3, 2, "one"), frame(3, 4, "two")]
      $0.heard += [report(1, #""ok":true,"sn":2,"payload":"74776f""#), report(2, right[1])]
    }
    #expect(mixed.reaction == .mixedUp)
    #expect(mixed.requirement == "rpc.answer.pairing")
    let changed = try judged {
      $0.said = [frame(3, 2, "two"), frame(3, 4, "two")]
      $0.heard += [report(1, #""ok":true,"sn":2,"payload":"74776f""#), report(2, right[1])]
    }
    #expect(changed.reaction == .tolerated)
  }

  @Test("What comes of a frame that has to be refused is delivered against its rule")
  func delivered() throws {
    let answer = try judged("magic-swapped") {
      $0.said = [frame(3, 2, "one", isIntact: false), frame(3, 4, "two")]
      $0.heard += [report(1, right[0]), report(2, right[1])]
    }
    #expect(answer.reaction == .delivered)
    #expect(answer.requirement == "frame.magic.reject")
    let order = try judged("frames-masked") {
      $0.said = [frame(20, 0, #"{"seq":1,"do":"call"}"#, isIntact: false)]
      $0.heard += [1, 2].map { report($0, #""ok":false,"error":"timeout""#, at: 1500) }
    }
    #expect(order.reaction == .delivered)
    #expect(order.requirement == "ws.mask.server.fail")
    let trailing = try judged("byte-behind-frame") {
      $0.said = [frame(3, 2, "one", isIntact: false), frame(3, 4, "two", isIntact: false)]
      $0.heard += [report(1, right[0]), report(2, right[1])]
    }
    #expect(trailing.reaction == .tolerated)
    let twice = try judged {
      $0.said = [frame(3, 2, "one"), frame(3, 2, "one"), frame(3, 4, "two")]
      $0.heard += [report(1, right[0]), report(1, right[0]), report(2, right[1])]
    }
    #expect(twice.requirement == "rpc.answer.second")
  }

  @Test("A signal is a crash, silence on an open connection a hang, many dials a storm")
  func ends() throws {
    #expect(try judged { $0.processEnd = "signal 11" }.reaction == .crashed)
    let ended = try judged { ($0.processEnd, $0.end) = ("exit code 1", .transportEnded) }
    #expect(ended.reaction == .noticed)
    let hung = try judged {
      $0.orders = []
      $0.isAlive = false
    }
    #expect(hung.reaction == .hung)
    let storm = try judged {
      $0.redials = 11
      $0.isDisplaced = true
    }
    #expect(storm.reaction == .stormed)
    #expect(storm.requirement == "hub.displacement.redial")
  }
}
