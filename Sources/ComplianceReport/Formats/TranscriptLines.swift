import Conformance
import Specification
import StrictJSON

/// The transcript of a record as plain lines, for formats that have no pictures.
enum TranscriptLines {
  /// How many bytes of one entry are shown.
  private static let shownBytes = 64

  /// How many characters of other texts.
  private static let shownText = 1_000

  /// The lines; none for a record without a transcript.
  ///
  /// - Parameter limit: How many entries are told before the rest is only counted.
  static func lines(_ transcript: [JSONValue], limit: Int = 400) -> [String] {
    var lines = transcript.prefix(limit).map(line)
    if transcript.count > limit { lines.append("… and \(transcript.count - limit) more entries") }
    return lines
  }

  private static func line(_ entry: JSONValue) -> String {
    if let text = entry["stderr"]?.stringValue { return "stderr: \(shown(text))" }
    if entry["to"] != nil {
      return "to the adapter: \(shown(entry["operation"]?.stringValue ?? "")) \(shown(entry["input"]?.line ?? ""))"
    }
    if entry["from"] != nil { return "from the adapter: \(shown(entry["answer"]?.line ?? ""))" }
    guard let event = entry["event"]?.stringValue else { return shown(entry.line) }
    let head = head(of: entry)
    func text(_ name: String) -> String { shown(entry[name]?.stringValue ?? "") }
    switch event {
    case "opened": return "\(head) \(text("local")) to \(text("remote"))"
    case "named": return "\(head) is called \(text("name"))"
    case "sent": return "\(head) > \(bytes(entry))"
    case "received": return "\(head) < \(bytes(entry))"
    case "omitted":
      return
        "\(head) (\(entry["entries"]?.intValue ?? 0) entries with \(entry["bytes"]?.intValue ?? 0) bytes are left out)"
    case "end-sent": return "\(head) > FIN"
    case "reset-sent": return "\(head) > RST"
    case "end-received": return "\(head) < FIN"
    case "reset-received": return "\(head) < RST or failure: \(text("reason"))"
    case "decoded": return "\(head) = \(text("text"))"
    case "step": return "\(head) step \(text("place")): \(text("text"))"
    case "note": return "\(head) note: \(text("text"))"
    default: return "\(head) \(shown(entry.line))"
    }
  }

  private static func head(of entry: JSONValue) -> String {
    let microseconds = max(0, entry["time"]?.intValue ?? 0) / 1_000
    let fraction = String(microseconds % 1_000_000)
    let time = "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    let connection = entry["connection"]?.intValue ?? 0
    return "\(ColumnText.right(time, 10)) \(connection == 0 ? "  " : "#\(connection)")"
  }

  private static func bytes(_ entry: JSONValue) -> String {
    let hex = entry["bytes"]?.stringValue ?? ""
    let count = SparseBytes.extent(of: entry).length
    guard count > shownBytes else { return "\(count) bytes \(shown(hex))" }
    return "\(count) bytes \(shown(String(hex.prefix(shownBytes * 2))))…"
  }

  private static func shown(_ text: String) -> String { InertText.visible(text, limit: shownText) }
}
