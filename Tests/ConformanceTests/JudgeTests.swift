import GoldenVectors
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("How an answer is judged")
struct JudgeTests {
  private static let header: JSONValue = ["protocolId": 2, "sn": 0, "length": 8, "payload": ""]

  private func verdict(_ answer: Answer, _ test: VectorTest, _ operation: Operation = .frameDecode) -> Verdict {
    Judge.judge(answer, to: test, of: operation).verdict
  }

  private func error(_ code: String, offset: Int64? = nil, index: Int64? = nil) -> Answer {
    .error(code: code, offset: offset, index: index)
  }

  @Test("An output has to be the expected one")
  func output() {
    let test = VectorTest.valid(id: "a.b", comment: "", requirements: [], input: [:], output: Self.header)
    #expect(verdict(.output(["payload": "", "length": 8, "sn": 0, "protocolId": 2]), test) == .pass)
    #expect(verdict(.output(["payload": "00", "length": 8, "sn": 0, "protocolId": 2]), test) == .fail)
    #expect(verdict(.output(["payload": "", "length": 8, "sn": nil, "protocolId": 2]), test) == .fail)
    #expect(verdict(.output(["payload": "", "length": 8, "protocolId": 2]), test) == .fail)
    #expect(verdict(.output(["payload": "", "length": 8, "sn": 0, "protocolId": 2, "x": 1]), test) == .fail)
    #expect(verdict(.output(["payload": "", "length": .decimal("8.0"), "sn": 0, "protocolId": 2]), test) == .fail)
    #expect(verdict(error("short"), test) == .fail)
    #expect(verdict(.unsupported("no"), test) == .notApplicable)
  }

  @Test("An error may leave out its location; another location or another code is not strict")
  func errors() {
    let test = VectorTest.invalid(
      id: "a.b", comment: "", requirements: [], input: [:], error: "bad-magic", offset: 1, index: 2)
    #expect(verdict(error("bad-magic", offset: 1, index: 2), test) == .pass)
    #expect(verdict(error("bad-magic"), test) == .pass)
    #expect(verdict(error("bad-magic", offset: 0, index: 2), test) == .nonStrict)
    #expect(verdict(error("bad-magic", offset: 1, index: 0), test) == .nonStrict)
    #expect(verdict(error("short", offset: 1), test) == .nonStrict)
    #expect(verdict(.output(Self.header), test) == .fail)
    let without = VectorTest.invalid(id: "a.b", comment: "", requirements: [], input: [:], error: "bad-magic")
    #expect(verdict(error("bad-magic", offset: 7), without) == .pass)
  }

  @Test("An alternative earns its verdict")
  func alternatives() {
    let test = VectorTest.acceptable(
      id: "a.b", comment: "", requirements: [], input: [:], error: "trailing-bytes", offset: 14,
      alternatives: [
        .nonStrict(output: Self.header), .informational(error: "too-large", offset: 2), .pass(error: "short"),
      ])
    #expect(verdict(error("trailing-bytes", offset: 14), test) == .pass)
    #expect(verdict(.output(Self.header), test) == .nonStrict)
    #expect(verdict(error("too-large", offset: 2), test) == .informational)
    #expect(verdict(error("too-large", offset: 3), test) == .nonStrict)
    #expect(verdict(error("short"), test) == .pass)
    #expect(verdict(error("empty"), test) == .nonStrict)
    #expect(verdict(.output(["protocolId": 3, "sn": 0, "length": 8, "payload": ""]), test) == .fail)
  }

  @Test("A violation in an output is compared like an error")
  func violations() {
    let test = VectorTest.invalid(
      id: "a.b", comment: "", requirements: [], input: [:],
      output: ["events": [], "violation": ["code": "reserved-bits", "offset": 4, "closeCode": 1002]])
    func violation(_ value: JSONValue, events: JSONValue = .array([])) -> Verdict {
      verdict(.output(["events": events, "violation": value]), test, .webSocketDecode)
    }
    #expect(violation(["code": "reserved-bits", "offset": 4, "closeCode": 1002]) == .pass)
    #expect(violation(["code": "reserved-bits"]) == .pass)
    #expect(violation(["code": "reserved-bits", "offset": 5]) == .nonStrict)
    #expect(violation(["code": "reserved-bits", "closeCode": 1007]) == .nonStrict)
    #expect(violation(["code": "reserved-opcode"]) == .nonStrict)
    #expect(violation(["code": "reserved-bits", "extra": 1]) == .fail)
    #expect(violation(["offset": 4]) == .fail)
    #expect(violation(nil) == .fail)
    #expect(violation(["code": "reserved-bits"], events: .array([["type": "ping", "payload": ""]])) == .fail)
    let good = VectorTest.valid(
      id: "a.b", comment: "", requirements: [], input: [:], output: ["events": [], "violation": nil])
    #expect(verdict(.output(["events": [], "violation": nil]), good, .webSocketDecode) == .pass)
    #expect(verdict(.output(["events": [], "violation": ["code": "x"]]), good, .webSocketDecode) == .fail)
    #expect(verdict(.output(["events": []]), good, .webSocketDecode) == .fail)
  }

  @Test("A response may have more headers and any reason, not another value; another refusal is less than strict")
  func responses() {
    func response(
      _ status: JSONValue, _ headers: JSONValue, _ reject: JSONValue = nil, flags: [String] = []
    ) -> Verdict {
      let test = VectorTest.valid(
        id: "a.b", comment: "", requirements: [], flags: flags, input: [:],
        output: ["status": 426, "headers": ["upgrade": "websocket"], "reject": "missing-version"])
      return verdict(.output(["status": status, "headers": headers, "reject": reject]), test, .handshakeRespond)
    }
    #expect(response(426, ["upgrade": "websocket", "date": "today"], "other") == .pass)
    #expect(response(400, ["upgrade": "websocket"]) == .nonStrict)
    #expect(response(400, ["upgrade": "websocket"], flags: ["fixed-status"]) == .fail)
    #expect(response(101, ["upgrade": "websocket"]) == .fail)
    #expect(response(426, [:]) == .fail)
    #expect(response(426, ["upgrade": "h2c"]) == .fail)
    #expect(response(426, nil) == .fail)
  }

  @Test("Compressed data is judged by what it inflates to, and by its tail and window")
  func compression() {
    let test = VectorTest.valid(
      id: "a.b", comment: "", requirements: [], input: ["messages": ["48656c6c6f", "48656c6c6f"]],
      output: ["messages": ["00", "00"]])
    func messages(_ values: JSONValue...) -> Verdict {
      verdict(.output(["messages": .array(values)]), test, .deflateCompress)
    }
    #expect(messages("f248cdc9c90700", "f200110000") == .pass)
    #expect(messages("f248cdc9c90700", "000500faff48656c6c6f00") == .pass)
    #expect(messages("f248cdc9c90700000000ffff", "f200110000") == .fail)
    #expect(messages("f248cdc9c90700") == .fail)
    #expect(messages("f248cdc9c90700", "f248cdc9c907") == .fail)
    #expect(messages("f248cdc9c90700", "00") == .fail)
    #expect(messages("f248cdc9c90700", "XX") == .fail)
    let separate = VectorTest.valid(
      id: "a.b", comment: "", requirements: [],
      input: ["messages": ["48656c6c6f", "48656c6c6f"], "contextTakeover": false], output: ["messages": []])
    let answer = Answer.output(["messages": ["f248cdc9c90700", "f200110000"]])
    #expect(verdict(answer, separate, .deflateCompress) == .fail)
  }

  @Test(
    "An answer to offers is judged by what follows from them",
    arguments: [
      ("permessage-deflate; server_max_window_bits=10", Verdict.pass), ("", .fail),
      ("permessage-deflate; server_max_window_bits=9", .nonStrict),
      ("permessage-deflate; server_max_window_bits=10; server_no_context_takeover", .nonStrict),
      ("permessage-deflate; server_max_window_bits=11", .fail), ("permessage-deflate", .fail),
      ("permessage-deflate; server_max_window_bits=10; client_max_window_bits=10", .fail), ("x-other", .fail),
      ("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", .fail),
    ])
  func offers(response: String, expected: Verdict) {
    let test = VectorTest.valid(
      id: "a.b", comment: "", requirements: [],
      input: ["side": "server", "offers": "permessage-deflate; server_max_window_bits=10", "config": [:]],
      output: ["response": "permessage-deflate; server_max_window_bits=10"])
    #expect(verdict(.output(["response": .string(response)]), test, .deflateNegotiate) == expected)
    #expect(verdict(.output(["response": nil]), test, .deflateNegotiate) == .nonStrict)
  }

  @Test("What follows only from an offer that must be declined does not follow")
  func declinedOffers() {
    let test = VectorTest.invalid(
      id: "a.b", comment: "", requirements: [],
      input: ["side": "server", "offers": "permessage-deflate; server_max_window_bits=16", "config": [:]],
      output: ["response": nil])
    #expect(verdict(.output(["response": nil]), test, .deflateNegotiate) == .pass)
    #expect(verdict(.output(["response": "permessage-deflate"]), test, .deflateNegotiate) == .fail)
  }

  @Test("The level of the strictest requirement bounds the verdict")
  func levels() {
    let failed = Judgement(verdict: .fail, reason: "why")
    #expect(failed.bounded(by: .must) == failed)
    #expect(failed.bounded(by: .should) == Judgement(verdict: .nonStrict, reason: "why"))
    #expect(failed.bounded(by: .may) == Judgement(verdict: .informational, reason: "why"))
    #expect(Judgement(verdict: .nonStrict, reason: "why").bounded(by: .may).verdict == .informational)
    for verdict: Verdict in [.pass, .errored, .couldNotRun, .notApplicable] {
      #expect(Judgement(verdict: verdict, reason: nil).bounded(by: .may).verdict == verdict)
    }
  }

  @Test("What a vector shows of the other side binds nobody who is asked")
  func otherSide() throws {
    let suite = try Samples.suite()
    func level(_ id: String) throws -> RequirementLevel {
      try #require(suite.cases.first { $0.test.id == id }, "\(id)").strictestLevel(in: suite.catalogue)
    }
    #expect(try level("handshake.parse.request.no-host") == .should)
    #expect(try level("handshake.parse.request.no-upgrade") == .must)
    #expect(try level("frame.decode.v1_3_3.magic-swapped") == .must)
  }

  @Test("A refusal with another status is weaker, unless the status is laid down")
  func otherStatus() {
    func refusal(_ status: Int64) -> JSONValue { ["status": .int(status), "headers": [:], "reject": "why"] }
    func test(_ flags: [String]) -> VectorTest {
      .invalid(id: "a.b", comment: "", requirements: [], flags: flags, input: [:], output: refusal(400))
    }
    #expect(verdict(.output(refusal(426)), test([]), .handshakeRespond) == .nonStrict)
    #expect(verdict(.output(refusal(426)), test(["fixed-status"]), .handshakeRespond) == .fail)
    #expect(verdict(.output(refusal(101)), test([]), .handshakeRespond) == .fail)
  }

  @Test("Integers that can need all of 64 bits are strings; numbers are taken where they are exact")
  func wideIntegers() {
    let output: JSONValue = ["oldIp": "", "newIp": "", "ts": "9223372036854775807"]
    let test = VectorTest.valid(id: "a.b", comment: "", requirements: [], input: [:], output: output)
    #expect(verdict(.output(output), test, .displacementDecode) == .pass)
    #expect(verdict(.output(["oldIp": "", "newIp": "", "ts": .int(.max)]), test, .displacementDecode) == .pass)
    #expect(verdict(.output(["oldIp": "", "newIp": "", "ts": .decimal("9.2e18")]), test, .displacementDecode) == .fail)
  }

  @Test("Protobuf in another form than proto3's is weaker, other fields are wrong")
  func protobufForms() {
    func displacement(_ payload: JSONValue) -> Verdict {
      let test = VectorTest.valid(
        id: "a.b", comment: "", requirements: [], input: [:], output: ["payload": "0a01611201621805"])
      return verdict(.output(["payload": payload]), test, .displacementEncode)
    }
    #expect(displacement("0a01611201621805") == .pass)
    #expect(displacement("12016218050a0161") == .nonStrict)
    #expect(displacement("0a0161120162188500") == .nonStrict)
    #expect(displacement("0a01611201621806") == .fail)
    #expect(displacement("0a0161120162") == .fail)
    #expect(displacement("ff") == .fail)
    let test = VectorTest.valid(
      id: "a.b", comment: "", requirements: [], input: ["revision": "1.1", "protocolId": 0, "payload": "61"],
      output: ["message": "120161"])
    #expect(verdict(.output(["message": "0800120161"]), test, .frameEncode) == .nonStrict)
    #expect(verdict(.output(["message": "0801120161"]), test, .frameEncode) == .fail)
  }
}
