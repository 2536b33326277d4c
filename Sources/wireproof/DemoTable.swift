import WireInspector

/// The table of captures that the demo prints: 79 columns.
struct DemoTable {
  private var connections = 0
  private var frames = 0
  private var calls = 0
  private var findings: [String: Int] = [:]

  static let header = row("capture", "conn.", "frames", "calls", "median", "unanswered", "findings")

  /// One line of the table.
  static func row(_ name: String, _ overview: CaptureOverview) -> String {
    let count = overview.findings.values.reduce(0, +)
    return row(
      name, "\(overview.summary.connections)", "\(overview.summary.frames)", "\(overview.answeredCalls)",
      overview.medianLatency.map(latency) ?? "-", "\(overview.unansweredCalls)", "\(count)")
  }

  private static func row(_ name: String, _ columns: String...) -> String {
    let widths = [6, 8, 7, 10, 12, 10]
    let cells = zip(columns, widths).map { column, width in
      String(repeating: " ", count: max(1, width - column.count)) + column
    }
    // The longest name of a shipped capture is wider than its column.
    let shown = name.count > 26 ? name.prefix(23) + "..." : name[...]
    return shown + String(repeating: " ", count: max(0, 26 - shown.count)) + cells.joined()
  }

  private static func latency(_ nanoseconds: Int64) -> String {
    let microseconds = (nanoseconds + 500) / 1_000
    return microseconds < 10_000 ? "\(microseconds) us" : "\(microseconds / 1_000) ms"
  }

  mutating func add(_ overview: CaptureOverview) {
    connections += overview.summary.connections
    frames += overview.summary.frames
    calls += overview.answeredCalls
    findings.merge(overview.findings) { $0 + $1 }
  }

  /// What all captures come to.
  func text(captures: Int) -> String {
    let list = findings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value) \($0.key)" }
    return """

      \(captures) captures: \(connections) connections, \(frames) frames, \(calls) calls answered. Findings:
      \(list.joined(separator: "\n"))
      """
  }
}
