import FrameCodec
import Negotiation
import Specification

/// Writes records as one page that needs nothing else: a row a record, the client's to the left, the server's to the right. It can be
/// searched where scripts run, and read where they do not.
///
/// Everything from the capture is escaped twice over: what could act on a terminal becomes visible, and then what HTML gives a meaning.
package final class HTMLSink: InspectionSink {
  private let output: OutputBuffer
  private var hasHead = false

  /// Characters of a payload that are shown.
  private static let excerptColumns = 160

  init(output: OutputBuffer) { self.output = output }

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
    if record.isMidstream { parts.append("began before the capture") }
    row("connection", nil, place, what: "connection", parts.joined(separator: ", "))
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let sn = record.header.sn.map { $0 == 0 ? "" : " sn \($0)" } ?? ""
    let notes =
      (record.isCompressed ? ", compressed" : "") + (record.fragments > 1 ? ", \(record.fragments) fragments" : "")
    row(
      "frame", record.role, place, what: RecordText.name(record.kind),
      "id \(record.header.protocolId)\(sn), \(payload.byteCount) B\(notes)",
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
      case .unanswered: "no answer in the capture"
      case .connectionClosed: "the connection ended first"
      }
    row("call", record.role, place, what: "=", "call sn \(record.sn), id \(record.requestId): \(outcome)")
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    row(
      record.level == "MUST" ? "finding violation" : "finding", record.role, place, what: "!",
      "\(record.id): \(record.message)" + (record.requirement.map { " (\($0))" } ?? ""))
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    begin()
    output.text("</tbody></table><p id=summary>")
    output.text(
      "\(record.packets) packets, \(record.bytes) bytes, \(record.connections) connections, \(record.frames) frames, "
        + "\(record.calls) calls, \(record.findings) findings")
    output.text("</p></main>")
    output.text(Self.script)
    output.text("</body></html>\n")
  }

  private func row(
    _ type: String, _ role: PeerRole?, _ place: RecordPlace, what: String, _ text: String, code: String = ""
  ) {
    begin()
    output.text("<tr class=\"\(type) \(role?.rawValue ?? "none")\"><td>\(RecordText.clock(place.time))</td><td>")
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
    output.text(Self.head)
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

  private static let head = """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>Inspected capture</title>
    <style>
    :root { color-scheme: light dark; --client: #1a6b2f; --server: #1f5a99; --found: #8a5a00; --broken: #b3201e; --line: #8884; }
    @media (prefers-color-scheme: dark) { :root { --client: #7fcf8f; --server: #86b8ee; --found: #e0b050; --broken: #ff8a80; } }
    body { font: 14px/1.45 system-ui, sans-serif; margin: 0; }
    main { max-width: 1100px; margin: 0 auto; padding: 1.5rem; }
    h1 { font-size: 1.5rem; margin: 0 0 1rem; }
    input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem; margin-bottom: 1rem; }
    table { border-collapse: collapse; width: 100%; }
    th { text-align: left; font-weight: normal; opacity: .7; }
    td, th { padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
    td:nth-child(-n+3) { white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
    td:first-child { opacity: .7; }
    tr.client td:nth-child(n+3) { color: var(--client); }
    tr.server td:nth-child(n+3) { color: var(--server); }
    tr.server td:last-child { padding-left: 3rem; }
    tr.connection td { border-top: 2px solid; font-weight: 600; }
    tr.control, tr.call { opacity: .75; }
    tr.finding td:last-child { color: var(--found); }
    tr.violation td:last-child { color: var(--broken); }
    code { font: 13px/1.4 ui-monospace, monospace; }
    @media (max-width: 600px) { td:first-child, th:first-child, tr td:nth-child(3), th:nth-child(3) { display: none; } tr.server td:last-child { padding-left: 1.2rem; } }
    @media print { input { display: none; } }
    </style></head><body><main><h1>Inspected capture</h1>
    <noscript><style>input { display: none; }</style></noscript>
    <input type="search" placeholder="Show only rows with this text" aria-label="Show only rows with this text">
    <table><thead><tr><th>time (UTC)</th><th>no.</th><th>from</th><th>what</th></tr></thead><tbody>

    """

  private static let script = """
    <script>
    const box = document.querySelector("input"), rows = [...document.querySelectorAll("tbody tr")];
    box.addEventListener("input", () => {
      const wanted = box.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    </script>
    """
}
