import Negotiation
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the negotiation of version and charset.
  static let negotiation: [Mutant] = [
    granted(
      "version-repeated", "the version that was asked for is answered, whatever it is", "X-Ws-Version", "2147483647",
      breaks: "negotiation.version.select", check: "negotiation.version.selected"),
    granted(
      "version-not-answered", "the selected version is not told", "X-Ws-Version", nil,
      breaks: "negotiation.response.version", check: "negotiation.version.missing"),
    granted(
      "charset-not-answered", "the selected charset is not told", "X-Ws-Charset", nil,
      breaks: "negotiation.response.charset", check: "negotiation.charset.selected"),
    granted(
      "charset-always-0", "charset 0 is selected, whatever was asked for", "X-Ws-Charset", "0",
      breaks: "negotiation.charset.select", check: "negotiation.charset.gbk"),
    granted(
      "protocol-not-answered", "the selected subprotocol is not told", "Sec-WebSocket-Protocol", nil,
      breaks: "negotiation.protocol.select", check: "negotiation.protocol.selected"),
    Mutant(
      "low-versions-taken", "versions below the lowest are taken", breaks: "negotiation.version.minimum",
      "negotiation.before-accept",
      check: "negotiation.version.below"
    ) {
      $0.configuration = { $0.policy.negotiation = .init(versions: .init(min: -100, max: 3), charsets: [0, 1]) }
    },
    refused(
      "status-400", "a version that is too low is answered with 400", breaks: "negotiation.version.upgrade",
      check: "negotiation.version.below"
    ) {
      UpgradeResponse(status: 400, fields: $0.fields, body: $0.body)
    },
    refused(
      "refusal-without-body", "a refusal has no body", breaks: "negotiation.refusal.body",
      check: "negotiation.version.below"
    ) {
      UpgradeResponse(status: $0.status, fields: $0.fields).with("Content-Length", "0")
    },
    refused(
      "supported-not-told", "a refusal does not say what is supported", breaks: "negotiation.refusal.supported",
      check: "negotiation.version.below"
    ) {
      $0.rewritten { $0.replacing("supported", with: "supporting") }
    },
    refused(
      "parameter-not-told", "a refusal does not name the parameter", breaks: "negotiation.refusal.parameter",
      check: "negotiation.parameter.version.word"
    ) {
      $0.rewritten { $0.replacing("version", with: "release") }
    },
    query(
      "charset-77-taken", "an unknown charset is taken for 0", breaks: "negotiation.charset.unsupported",
      check: "negotiation.charset.unsupported.77"
    ) { $0.replacing("charset=77", with: "charset=0") },
    query(
      "version-word-taken", "a version that is no number is taken for none", breaks: "negotiation.parameter.invalid",
      check: "negotiation.parameter.version.word"
    ) { $0.replacing("version=abc", with: "") },
    query("charset-2-for-1", "the code of GBK is 2", breaks: "charset.codes", check: "negotiation.charset.gbk") {
      $0.replacing("charset=1", with: "charset=2")
    },
    refusing(
      "version-demanded", "a request has to name a version", breaks: "negotiation.version.missing",
      check: "negotiation.version.missing"
    ) { head in
      !head.prefix { $0 != "\r\n" }.contains("version=")
    },
    Mutant(
      "tokens-without-case", "the case of a subprotocol is not looked at", breaks: "negotiation.protocol.token",
      check: "negotiation.protocol.none.capitals"
    ) {
      $0.requestHead = { head in head.changeField("sec-websocket-protocol") { $0.lowercased() } }
    },
    Mutant(
      "protocols-ignored", "subprotocols of which none fits are ignored", breaks: "negotiation.protocol.none",
      check: "negotiation.protocol.none.other"
    ) {
      $0.requestHead = { head in
        if head.field("sec-websocket-protocol")?.contains("ws.v") != true {
          head.setField("Sec-WebSocket-Protocol", nil)
        }
      }
    },
    Mutant(
      "query-before-protocol", "the query goes before the subprotocol", breaks: "negotiation.protocol.precedence",
      check: "negotiation.protocol.precedence"
    ) {
      $0.requestHead = { head in
        if head.prefix(while: { $0 != "\r\n" }).contains("version=") { head.setField("Sec-WebSocket-Protocol", nil) }
      }
    },
  ]

  private static func granted(
    _ name: String, _ fault: String, _ field: String, _ value: String?, breaks requirement: RequirementID,
    check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.response = { response, isGranted in
        if isGranted, response.value(of: field) != nil { response = response.with(field, value) }
      }
    }
  }

  private static func refused(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (UpgradeResponse) -> UpgradeResponse
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.response = { response, isGranted in if !isGranted { response = change(response) } }
    }
  }
}
