import Foundation
import FrameCodec
import Specification
import Testing
import WebSocketCodec

@testable import WireInspector

/// The rules that findings name: each violation its own, of the revision that is spoken, and as binding as the catalogue says.
@Suite struct RuleNamingTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var rule: String
    var finding: String
    var isCompressing = false
    var revision: Revision?
    /// What a side sends last.
    var bytes: @Sendable (inout ConversationScript, Bool) -> [UInt8]
    var testDescription: String { rule }
  }

  static let good = ConversationScript.message(9, 0, Array("inside".utf8))

  static let faults: [Fault] = [
    Fault(rule: "close.code", finding: "ws.bad-control") { $0.frame($1, first: 0x88, [0x03, 0xED]) },
    Fault(rule: "close.body.one", finding: "ws.bad-control") { $0.frame($1, first: 0x88, [3]) },
    Fault(rule: "close.reason.utf8", finding: "ws.bad-utf8") { $0.frame($1, first: 0x88, [0x03, 0xE8, 0xFF]) },
    Fault(rule: "ws.control.length", finding: "ws.bad-control") {
      $0.frame($1, first: 0x89, Array(repeating: 1, count: 200))
    },
    Fault(rule: "ws.control.fragmented", finding: "ws.bad-control") { $0.frame($1, first: 0x09, [1]) },
    Fault(rule: "ws.text.utf8", finding: "ws.bad-utf8") { $0.frame($1, first: 0x81, [0xC0, 0x80]) },
    Fault(rule: "deflate.rsv1.control", finding: "ws.reserved-bits", isCompressing: true) {
      $0.frame($1, first: 0xC9, [1])
    },
    Fault(rule: "deflate.rsv1.continuation", finding: "ws.reserved-bits", isCompressing: true) {
      $0.frame($1, first: 0x02, Array(good[..<5])) + $0.frame($1, first: 0xC0, Array(good[5...]))
    },
    Fault(rule: "legacy.1_2.magic", finding: "app.bad-magic", revision: .v1_2) { $0.frame($1, first: 0x82, good) },
    Fault(rule: "legacy.1_3_0.magic", finding: "app.bad-magic", revision: .v1_3_0) { $0.frame($1, first: 0x82, good) },
    Fault(rule: "legacy.1_2.length", finding: "app.length-mismatch", revision: .v1_2) {
      $0.frame($1, first: 0x82, [0xFE, 0xEE, 9, 0, 0, 0, 8, 1])
    },
    Fault(rule: "frame.magic", finding: "app.bad-magic", revision: .v1_3_3) {
      $0.frame($1, first: 0x82, [0xFE, 0xEE] + good[2...])
    },
  ]

  @Test("A violation names its rule, and the check judges it", arguments: faults, [true, false])
  func violationNamesRule(_ fault: Fault, _ isFromClient: Bool) throws {
    var script = ConversationScript()
    let deflate = fault.isCompressing ? "permessage-deflate" : nil
    script.upgrade(offer: deflate, answer: deflate)
    script.send(isFromClient, fault.bytes(&script, isFromClient))
    var options = InspectionOptions()
    options.revision = fault.revision
    let role: PeerRole = isFromClient ? .client : .server

    let finding = try #require(
      script.inspected(options).findings.first { $0.requirement == fault.rule }, "no finding names the rule")
    #expect(finding.id == fault.finding)
    #expect(finding.level == "MUST")
    #expect(finding.role == role)

    let conformance = CaptureConformance()
    script.inspect(into: conformance, options)
    let broken = conformance.results.filter { $0.violations > 0 }
    // A text message is no frame, whatever it holds.
    #expect(broken.map(\.requirement.rawValue).filter { $0 != "frame.message.binary" } == [fault.rule])
    #expect(broken.allSatisfy { $0.role == role && $0.isProven && $0.violations == 1 })
  }

  @Test("What keeps those rules is judged to keep them") func keepsThoseRules() {
    var script = ConversationScript()
    script.upgrade(offer: "permessage-deflate", answer: "permessage-deflate")
    for isFromClient in [true, false] {
      // With a frame, so that it is no conversation of another protocol.
      script.say(isFromClient, 1, 0, [1])
      script.send(isFromClient, script.frame(isFromClient, first: 0x81, Array("text".utf8)))
      script.send(isFromClient, script.frame(isFromClient, first: 0x89, [1]))
      script.send(isFromClient, script.frame(isFromClient, first: 0x88, [0x03, 0xE8] + Array("bye".utf8)))
    }
    let conformance = CaptureConformance()
    script.inspect(into: conformance)
    let kept = conformance.results.filter { $0.violations == 0 }
    for rule in [
      "close.code", "close.body.one", "close.reason.utf8", "ws.control.length", "ws.control.fragmented",
      "ws.text.utf8", "deflate.rsv1.control",
    ] {
      let judged = kept.filter { $0.requirement.rawValue == rule && $0.occasions > 0 }
      #expect(judged.map(\.role) == [.client, .server], "\(rule)")
    }
  }

  @Test("Findings name rules of senders, as binding as the catalogue says") func findingsNameRules() throws {
    let catalogue = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "vectors/requirements.json")
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: catalogue)) as? [String: Any]
    let entries = try #require(document?["requirements"] as? [[String: Any]])
    let known = Dictionary(uniqueKeysWithValues: entries.map { ($0["id"] as? String ?? "", $0) })
    var rules = InspectionFindingCode.allCases.compactMap(\.requirement)
    rules += WebSocketViolation.Code.allCases.compactMap { WebSocketViolation($0, offset: 0).requirement }
    for revision in Revision.allCases {
      rules += FrameViolation.Code.allCases.compactMap { FrameViolation($0, offset: 0).requirement(in: revision) }
    }
    for rule in rules {
      let entry = try #require(known[rule.rawValue], "\(rule) is not in the catalogue")
      #expect(entry["level"] as? String == FindingRecord.level(of: rule).rawValue, "\(rule)")
      #expect(entry["role"] as? String != "receiver", "\(rule)")
    }
  }
}
