import Specification

/// The slowest and the largest calls for people, in 80 columns.
struct TopCallsText {
  /// The greatest first.
  let slowest: [TopCall]
  let largest: [TopCall]
  /// How many calls there were, and how many of them had no answer.
  let calls: Int
  let unanswered: Int
  let clock: ShownClock

  private static let columns = 80

  var text: String {
    guard calls > 0 else { return "no calls\n\n" }
    var lines: [String] = []
    for (title, top) in [("slowest calls", slowest), ("largest calls", largest)] where !top.isEmpty {
      lines += [title, Self.row("latency", "request", "answer") + "  began            call"]
      for call in top { lines += row(call) }
      lines.append("")
    }
    if unanswered > 0 {
      lines += [CountText.of(unanswered, "call") + " without an answer, whose latency nobody knows", ""]
    }
    lines += connections
    return lines.map { $0 + "\n" }.joined()
  }

  private func row(_ call: TopCall) -> [String] {
    let record = call.record
    let figures =
      Self.row(
        record.latency.map { DurationText.of(nanoseconds: $0) } ?? ".", "\(record.requestLength) B",
        record.responseLength.map { "\($0) B" } ?? ".") + "  " + clock.timeOfDay(record.began)
    let text =
      "#\(call.place.connection ?? 0) \(record.role == .client ? "C>S" : "S>C") sn \(record.sn), id \(record.requestId)"
      + (record.responseId.map { " -> \($0)" } ?? "")
    if figures.count + 2 + text.count <= Self.columns { return [figures + "  " + text] }
    return [figures, ColumnText.right(text, Self.columns)]
  }

  /// The cells with a space before each, however wide they are.
  private static func row(_ cells: String...) -> String { cells.map { " " + ColumnText.right($0, 10) }.joined() }

  /// Whose calls they are.
  private var connections: [String] {
    var known: [Int: TopCall.Connection] = [:]
    for call in slowest + largest {
      if let number = call.place.connection, let connection = call.connection { known[number] = connection }
    }
    guard !known.isEmpty else { return [] }
    let rows = known.sorted { $0.key < $1.key }.map { number, connection in
      let text = "#\(number) \(connection.client) > \(connection.server)  \(connection.identity ?? "")"
      return TerminalText.cut("  " + TerminalText.escaped(text), to: Self.columns)
    }
    return ["connections"] + rows + [""]
  }
}
