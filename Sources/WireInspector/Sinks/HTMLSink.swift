import FrameCodec
import Negotiation
import Specification

/// Writes records as one page that needs nothing else: a row a record, the client's to the left, the server's to the right. It can be
/// searched where scripts run, and read where they do not.
///
/// Everything from the capture is escaped twice over: what could act on a terminal becomes visible, and then what HTML gives a meaning.
package final class HTMLSink: InspectionSink {
  private let output: OutputBuffer
  private let clock: ShownClock
  private var hasHead = false
  private var rows = 0
  private var digest = HTMLDigest()

  /// Characters of a payload that are shown.
  private static let excerptColumns = 160

  init(output: OutputBuffer, clock: ShownClock = .utc) {
    self.output = output
    self.clock = clock
  }

  package func flush() { output.flush() }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    var parts = ["\(record.client) > \(record.server)"]
    if let handshake = record.handshake {
      let withSource = record.revision == nil || record.revision == .v1_3_3
      parts.append(handshake.path)
      parts.append("identity \(String(decoding: handshake.metadata.identity(withSource: withSource), as: UTF8.self))")
    }
    if let status = record.status { parts.append("status \(status)") }
    if let revision = record.revision { parts.append("revision \(revision.rawValue)") }
    if let compression = record.compression { parts.append(compression) }
    if let statedClient = record.statedClient { parts.append("client stated by a proxy: \(statedClient)") }
    if record.isMidstream { parts.append("began before the capture") }
    row("connection", nil, place, what: "connection", parts.joined(separator: ", "))
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let sn = record.header.sn.map { $0 == 0 ? "" : " sn \($0)" } ?? ""
    let notes =
      (record.isCompressed ? ", compressed" : "") + (record.fragments > 1 ? ", \(record.fragments) fragments" : "")
      + (record.isTruncated ? ", cut when captured" : "")
    row(
      "frame", record.role, place, what: RecordText.name(record.kind),
      "id \(record.header.protocolId)\(sn), \(record.payloadLength) B\(notes)",
      code: RecordText.excerpt(payload, record.charset, columns: Self.excerptColumns))
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    let shown = record.opcode == .close ? record.reason : record.payload
    row(
      "control", record.role, place, what: record.opcode.rawValue, record.code.map(String.init) ?? "",
      code: RecordText.excerpt(shown.span.bytes, .utf8, columns: Self.excerptColumns))
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    let outcome =
      switch record.outcome {
      case .answered: "answered after \(record.latency.map { DurationText.of(nanoseconds: $0) } ?? "no time")"
      case .unanswered: "no answer in the capture; began \(clock.timeOfDay(record.began))"
      case .connectionClosed: "the connection ended first; began \(clock.timeOfDay(record.began))"
      }
    let text = "call sn \(record.sn), id \(record.requestId): \(outcome)"
    row(
      "call", record.role, place, what: "=", text,
      code: RecordText.excerpt(record.payload.span.bytes, record.charset, columns: Self.excerptColumns))
    digest.count(
      record, "#\(place.connection ?? 0), " + (record.role == .client ? "client, " : "server, ") + text, row: rows)
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    row(
      record.level == "MUST" ? "finding violation" : "finding", record.role, place, what: "!",
      "\(record.id): \(record.message)" + (record.requirement.map { " (\($0))" } ?? ""))
    digest.count(record, row: rows)
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    begin()
    output.text("</tbody></table><p id=\"summary\">")
    output.text(
      [
        CountText.of(record.packets, "packet"), CountText.of(record.bytes, "byte"),
        CountText.of(record.connections, "connection"), CountText.of(record.frames, "frame"),
        CountText.of(record.calls, "call"), CountText.of(record.findings, "finding"),
      ].joined(separator: ", "))
    output.text("</p>")
    // At the end, because only then it is known; the style shows it first.
    output.text(digest.markup { Self.inert(TerminalText.escaped($0)) })
    output.text(HTMLPage.foot)
  }

  private func row(
    _ type: String, _ role: PeerRole?, _ place: RecordPlace, what: String, _ text: String, code: String = ""
  ) {
    begin()
    rows += 1
    let name = type.hasPrefix("finding") || type == "call" ? " id=\"r\(rows)\"" : ""
    output.text("<tr\(name) class=\"\(type) \(role?.rawValue ?? "none")\"><td>\(clock.timeOfDay(place.time))</td><td>")
    output.text(place.connection.map { "#\($0)" } ?? "")
    output.text("</td><td>")
    output.text(role.map { $0 == .client ? "client" : "server" } ?? "")
    output.text("</td><td><b>\(Self.inert(what))</b> \(Self.inert(TerminalText.escaped(text)))")
    if !code.isEmpty { output.text(" <code>\(Self.inert(code))</code>") }
    output.text("</td></tr>\n")
  }

  private func begin() {
    guard !hasHead else { return }
    hasHead = true
    output.text(HTMLPage.head(zone: clock.name))
  }

  /// A text without what HTML gives a meaning.
  private static func inert(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
