import Conformance
import Specification
import StrictJSON

/// The transcript of a case as rows between two lifelines: who sent what when, with the fields of the bytes, and where the
/// case left what was expected.
struct Ladder: Sendable {
  /// How many rows are made, and how many of them are drawn: those around the place where the case left what was expected.
  private static let maximumRows = 6_000
  private static let drawnBefore = 120
  private static let drawnAfter = 40

  /// How many rows stand open before that place, and behind it.
  private static let openBefore = 6
  private static let openAfter = 3

  /// How many fields are listed for one row.
  private static let maximumFields = 40

  /// How many bytes of one field are shown.
  private static let shownBytes = 64

  /// How many characters of an HTTP head are shown.
  private static let shownText = 1_200

  /// What a row is.
  enum Direction: String, Hashable, Sendable {
    case sent
    case received
    /// It concerns the connection, or the case.
    case note
    case step
  }

  /// A field of a row's bytes.
  struct Field: Hashable, Sendable {
    let kind: WireField.Kind
    /// The offset in the direction's bytes.
    let offset: Int
    /// The bytes as digits, or the lines of an HTTP head.
    let text: String
    let label: String
  }

  /// One thing that happened.
  struct Row: Hashable, Sendable {
    let direction: Direction
    let nanoseconds: Int64
    /// The number of the connection; 0 for what concerns none.
    let connection: Int
    var label: String
    /// What the engine decoded from the bytes, after inflating and joining.
    var decoded: [String] = []
    var fields: [Field] = []
    /// What is not shown of the bytes; nil: all is.
    var omitted: String?
    /// Whether the step was not met.
    var isUnmet = false
    /// Whether this is what came from the peer instead.
    var isDivergent = false
  }

  /// The rows.
  private(set) var rows: [Row] = []

  /// What the implementation wrote on standard error.
  private(set) var diagnostics: String?

  /// How many rows there are before those that are drawn, and behind them.
  private(set) var omittedBefore = 0
  private(set) var omittedRows = 0

  /// The rows that stand open: a few before where the case left what was expected, and a few behind it.
  var visibleRows: Range<Int> {
    let marked = rows.indices.filter { rows[$0].isDivergent || rows[$0].isUnmet }
    guard let first = marked.first, let last = marked.last else { return 0..<rows.count }
    // To fold one or two saves nothing.
    let start = first <= Self.openBefore + 2 ? 0 : first - Self.openBefore
    return start..<(rows.count - last <= Self.openAfter + 2 ? rows.count : last + Self.openAfter)
  }

  /// Whether there is more than one connection.
  var hasConnections: Bool { Set(rows.map(\.connection)).subtracting([0]).count > 1 }

  /// Whether the case waited for something that did not come.
  private(set) var isNothingSeen = false

  /// Draws the transcript of a record.
  init(_ record: CaseRecord) {
    var annotations = Self.annotations(record)
    for entry in record.transcript {
      if let text = entry["stderr"]?.stringValue {
        diagnostics = text
        continue
      }
      if let row = Self.adapterRow(entry) {
        append(row)
        continue
      }
      guard let event = entry["event"]?.stringValue else { continue }
      let connection = Int(truncatingIfNeeded: entry["connection"]?.intValue ?? 0)
      func row(_ direction: Direction, _ label: String) -> Row {
        Row(direction: direction, nanoseconds: entry["time"]?.intValue ?? 0, connection: connection, label: label)
      }
      func text(_ name: String) -> String { entry[name]?.stringValue ?? "" }
      switch event {
      case "opened":
        append(
          row(.note, "TCP \(text("role") == "server" ? "accepted" : "opened"): \(text("local")) – \(text("remote"))"))
      case "sent", "received":
        let direction = event == "sent" ? Direction.sent : .received
        var new = row(direction, "")
        let count = SparseBytes.extent(of: entry).length
        annotations[Key(connection: connection, direction: direction)]?.describe(count, in: &new)
        if new.label.isEmpty { new.label = "\(count) bytes" }
        append(new)
      case "omitted":
        for key in annotations.keys { annotations[key]?.loseTrack() }
        let (entries, bytes) = (entry["entries"]?.intValue ?? 0, entry["bytes"]?.intValue ?? 0)
        append(row(.note, "\(entries) entries with \(bytes) bytes are left out here; capture.pcapng has the traffic"))
      case "decoded": addDecoded(text("text"), connection: connection)
      case "end-sent": append(row(.sent, "FIN"))
      case "reset-sent": append(row(.sent, "RST"))
      case "end-received": append(row(.received, "FIN: the end of TCP"))
      case "reset-received": append(row(.received, "RST or failure: \(text("reason"))"))
      case "step": append(row(.step, "\(text("place"))  \(text("text"))"))
      case "note": append(row(.note, text("text")))
      default: break
      }
    }
    mark(record)
    trim()
  }

  /// Leaves the rows around the place where the case left what was expected.
  private mutating func trim() {
    let marked = rows.lastIndex { $0.isDivergent || $0.isUnmet }
    let start = marked.map { max(0, $0 - Self.drawnBefore) } ?? 0
    let end = min(rows.count, (marked ?? Self.drawnBefore) + Self.drawnAfter)
    omittedBefore = start
    omittedRows += rows.count - end
    rows = Array(rows[start..<end])
  }

  /// What the engine made of the bytes that came last goes beside their own label: it has inflated and joined them.
  private mutating func addDecoded(_ text: String, connection: Int) {
    guard omittedRows == 0,
      let index = rows.lastIndex(where: { $0.direction == .received && $0.connection == connection })
    else { return }
    if rows[index].decoded.count < 4 { rows[index].decoded.append(text) }
  }

  private mutating func append(_ row: Row) {
    if rows.count < Self.maximumRows { rows.append(row) } else { omittedRows += 1 }
  }

  /// Marks the step that was not met, and what came instead: what the record names, else what came first after the step on
  /// a connection that was open then.
  private mutating func mark(_ record: CaseRecord) {
    guard let step = record.step else { return }
    guard
      let index = rows.lastIndex(where: { row in
        guard row.direction == .step, let place = row.label.split(separator: " ").first else { return false }
        return step.contains(":\(place): ")
      })
    else { return }
    rows[index].isUnmet = true
    if let named = named(in: record.actual.stringValue ?? "", step: index) {
      rows[named].isDivergent = true
      return
    }
    let open = Set(rows[..<index].map(\.connection)).subtracting([0])
    // A step that opens a connection is answered on a new one.
    let opens = rows[index].label.split(separator: " ").dropFirst().first?.hasPrefix("connect") == true
    let next = rows[(index + 1)...].firstIndex { row in
      row.direction == .received && open.contains(row.connection) != opens || row.direction == .step
    }
    if let next, rows[next].direction == .received, record.actual.stringValue?.hasPrefix("nothing came") != true {
      rows[next].isDivergent = true
    } else {
      isNothingSeen = true
    }
  }

  /// The row of what the record says came instead: the first after the step that was decoded to it, else the last before.
  private func named(in actual: String, step: Int) -> Int? {
    let opening = "there came "
    guard actual.hasPrefix(opening) else { return nil }
    let news = actual.dropFirst(opening.count)
    func isMeant(_ row: Row) -> Bool {
      row.direction == .received
        && row.decoded.contains { !$0.isEmpty && (news == $0 || news.hasPrefix($0 + ";") || news.hasPrefix($0 + " ")) }
    }
    return rows[step...].firstIndex(where: isMeant) ?? rows[..<step].lastIndex(where: isMeant)
  }

  /// The lines of the adapter protocol.
  private static func adapterRow(_ entry: JSONValue) -> Row? {
    func row(_ direction: Direction, _ label: String) -> Row {
      Row(direction: direction, nanoseconds: 0, connection: 0, label: label)
    }
    if let operation = entry["operation"]?.stringValue, entry["to"] != nil {
      return row(.sent, "\(operation) \(entry["input"]?.line ?? "")")
    }
    return entry["from"] == nil ? nil : row(.received, entry["answer"]?.line ?? "")
  }

  private struct Key: Hashable {
    let connection: Int
    let direction: Direction
  }

  /// The fields of one direction, and how far they were handed out.
  private struct Annotated {
    let annotation: WireAnnotation
    var offset = 0
    /// The first field, and the first line, that may reach into what comes next.
    var field = 0
    var summary = 0
    var isLost = false

    /// From here on nobody knows where in the stream bytes stand.
    mutating func loseTrack() { isLost = true }

    /// Gives a row the fields of the next bytes.
    mutating func describe(_ count: Int, in row: inout Row) {
      let range = offset..<(offset + count)
      offset = range.upperBound
      if isLost || range.lowerBound >= annotation.end { return }
      let fields = annotation.fields
      let summaries = annotation.summaries
      while summary < summaries.count, summaries[summary].offset < range.lowerBound { summary += 1 }
      let begun = summaries[summary...].prefix { $0.offset < range.upperBound }
      row.label = begun.prefix(4).map(\.text).joined(separator: " · ")
      if begun.count > 4 { row.label += " · … \(begun.count - 4) more" }
      if begun.isEmpty, count > 0 { row.label = "\(count) bytes that continue what came before" }
      while field < fields.count, fields[field].range.upperBound <= range.lowerBound { field += 1 }
      let own = fields[field...].prefix { $0.range.lowerBound < range.upperBound }
      for field in own.prefix(Ladder.maximumFields) {
        let part = field.range.clamped(to: range)
        row.fields.append(
          Field(
            kind: field.kind, offset: part.lowerBound, text: Ladder.text(annotation.bytes, part, kind: field.kind),
            label: part.lowerBound > field.range.lowerBound ? "\(field.label), continued" : field.label))
      }
      if own.count > Ladder.maximumFields { row.omitted = "\(own.count - Ladder.maximumFields) more fields" }
      if range.upperBound > annotation.end {
        row.omitted = "\(range.upperBound - annotation.end) further bytes are in the evidence, not here"
      }
    }
  }

  private static func text(_ bytes: SparseBytes, _ range: Range<Int>, kind: WireField.Kind) -> String {
    let limit = kind == .http ? shownText : shownBytes
    let known = bytes.known(from: range.lowerBound, limit: min(limit, range.count))
    let rest = range.count - known.count
    if kind == .http { return String(decoding: known, as: UTF8.self) + (rest > 0 ? "…" : "") }
    let digits = known.map(WireAnnotation.hex).joined(separator: " ")
    return rest > 0 ? "\(digits.isEmpty ? "" : digits + " ")… \(rest) more bytes" : digits
  }

  private static func annotations(_ record: CaseRecord) -> [Key: Annotated] {
    var streams: [Key: SparseBytes] = [:]
    for entry in record.transcript {
      let event = entry["event"]?.stringValue
      if event == "omitted" { for key in streams.keys { streams[key]?.loseTrack() } }
      guard event == "sent" || event == "received" else { continue }
      let key = Key(
        connection: Int(truncatingIfNeeded: entry["connection"]?.intValue ?? 0),
        direction: event == "sent" ? .sent : .received)
      streams[key, default: SparseBytes()].append(entry)
    }
    let isLegacy = record.conformanceClass.rawValue.hasPrefix("Legacy")
    return streams.mapValues { Annotated(annotation: WireAnnotation($0, hasCurrentFrames: !isLegacy)) }
  }
}
