import Negotiation
import Specification

/// Statistics for people, in 80 columns.
struct StatisticsText {
  let connections: BusiestFigures<Int>
  let protocolIds: BusiestFigures<Int64>
  let total: TrafficFigures
  let overTime: TrafficOverTime
  let findings: [String: Int]
  let summary: SummaryRecord

  /// How many are shown; the ones with the most bytes.
  private static let shownConnections = 20
  private static let shownIds = 50

  var text: String {
    var lines = [Self.row("protocolId", Self.titles)]
    let ids = protocolIds.busiest(Self.shownIds)
    for entry in ids.shown.sorted(by: { $0.key < $1.key }) { lines.append(Self.row(String(entry.key), entry.figures)) }
    if ids.others.frames + ids.others.calls > 0 { lines.append(Self.row("others", ids.others)) }
    lines += [Self.row("all", total), ""]
    let (busiest, others) = connections.busiest(Self.shownConnections)
    if !busiest.isEmpty {
      lines.append(Self.row("connection", Self.titles))
      for entry in busiest {
        lines.append(Self.row("#\(entry.key)", entry.figures))
        if let record = entry.record { lines.append(TerminalText.cut("  " + Self.description(record), to: 80)) }
      }
      if summary.connections > busiest.count {
        lines.append(Self.row("others", others))
        lines.append("  … \(summary.connections - busiest.count) more connections")
      }
      lines.append("")
    }
    lines += chart
    if !findings.isEmpty {
      lines.append("findings")
      for (id, count) in findings.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        lines.append("  " + ColumnText.right(String(count), 8) + "  " + id)
      }
      lines.append("")
    }
    lines.append(
      [
        CountText.of(summary.packets, "packet") + summary.lossText, CountText.of(summary.connections, "connection"),
        CountText.of(summary.frames, "frame"), CountText.of(summary.calls, "call"),
        CountText.of(summary.findings, "finding"),
      ].joined(separator: ", "))
    return lines.map { $0 + "\n" }.joined()
  }

  private static func description(_ record: ConnectionRecord) -> String {
    var text = "\(record.client) > \(record.server)"
    if let handshake = record.handshake {
      text += "  \(String(decoding: handshake.metadata.identity(), as: UTF8.self))"
    }
    return TerminalText.escaped(text)
  }

  // MARK: - The chart

  private var chart: [String] {
    guard overTime.used > 0 else { return [] }
    let width = Self.duration(overTime.width)
    return [
      "frames over time, \(width) a column, at most \(Self.count(overTime.frames.max() ?? 0))",
      "  " + Self.bars(overTime.frames.prefix(overTime.used)),
      "bytes over time, at most \(Self.count(overTime.bytes.max() ?? 0))",
      "  " + Self.bars(overTime.bytes.prefix(overTime.used)), "",
    ]
  }

  private static func bars(_ values: ArraySlice<Int>) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let most = values.max() ?? 0
    return String(
      values.map { value in
        guard value > 0, most > 0 else { return " " }
        return blocks[min(blocks.count - 1, Int(Double(value) / Double(most) * Double(blocks.count)))]
      })
  }

  // MARK: - Rows

  private static let titles = ["frames", "wire", "plain", "ratio", "calls", "lost", "p50", "p99", "max"]
  private static let widths = [8, 8, 8, 6, 8, 6, 8, 8, 8]

  private static func row(_ name: String, _ cells: [String]) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count))
      + zip(cells, widths).map { ColumnText.right($0, $1) }.joined()
  }

  private static func row(_ name: String, _ figures: TrafficFigures) -> String {
    let tenths = Int((figures.ratio * 10).rounded())
    return row(
      name,
      [
        count(figures.frames), count(figures.wireBytes), count(figures.plainBytes), "\(tenths / 10).\(tenths % 10)",
        figures.calls == 0 ? "." : count(figures.calls), figures.unanswered == 0 ? "." : count(figures.unanswered),
      ] + [50, 99].map { figures.latency(percentile: $0).map(duration) ?? "." }
        + [figures.latency(percentile: 100) == nil ? "." : duration(figures.longest)])
  }

  /// A count in at most six characters: 999, 12.3k, 4.5M.
  private static func count(_ value: Int) -> String {
    var scaled = Double(value)
    for unit in ["", "k", "M", "G", "T"] {
      if scaled < 999.95 || unit == "T" {
        guard !unit.isEmpty else { return String(value) }
        let tenths = Int((scaled * 10).rounded())
        return tenths >= 1000 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
      }
      scaled /= 1000
    }
    return String(value)
  }

  /// A duration in at most seven characters: 412us, 2.0ms, 31.5s, 11574d.
  private static func duration(_ nanoseconds: Int64) -> String {
    if nanoseconds < 1_000_000 { return "\(nanoseconds / 1_000)us" }
    let (scale, unit): (Int64, String) =
      nanoseconds < 1_000_000_000 ? (1_000_000, "ms") : (1_000_000_000, "s")
    if nanoseconds / 1_000_000_000 >= 100_000 { return "\(nanoseconds / 86_400_000_000_000)d" }
    let tenths = nanoseconds / (scale / 10)
    return tenths >= 1000 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
  }
}
