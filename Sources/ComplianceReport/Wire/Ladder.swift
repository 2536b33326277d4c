import Conformance
import GoldenVectors
import Specification

/// The transcript of a case as rows between two lifelines: who sent what when, with the fields of the bytes, and where the
/// case left what was expected.
struct Ladder: Sendable {
  /// How many rows are drawn.
  private static let maximumRows = 160

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

  /// How many further rows there are.
  private(set) var omittedRows = 0

  /// How many rows stand open: those up to where the case left what was expected, and a few behind it.
  var visibleRows: Int {
    guard let last = rows.lastIndex(where: { $0.isDivergent || $0.isUnmet }) else { return rows.count }
    // To fold one or two saves nothing.
    return rows.count - last <= 5 ? rows.count : last + 3
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
      let connection = Int(entry["connection"]?.intValue ?? 0)
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
        let count = text("bytes").utf8.count / 2
        if let annotation = annotations[Key(connection: connection, direction: direction)] {
          annotation.describe(count, in: &new)
          annotations[Key(connection: connection, direction: direction)]?.offset += count
        }
        if new.label.isEmpty { new.label = "\(count) bytes" }
        append(new)
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
    let next = rows[(index + 1)...].firstIndex { row in
      row.direction == .received && open.contains(row.connection) || row.direction == .step
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
    let bytes: [UInt8]
    var offset = 0

    /// Gives a row the fields of its bytes.
    func describe(_ count: Int, in row: inout Row) {
      let range = offset..<(offset + count)
      row.label = annotation.summaries.filter { range.contains($0.offset) }.prefix(4).map(\.text)
        .joined(separator: " · ")
      let begun = annotation.summaries.count { range.contains($0.offset) }
      if begun > 4 { row.label += " · … \(begun - 4) more" }
      if begun == 0, count > 0 { row.label = "\(count) bytes that continue what came before" }
      var shown = 0
      for field in annotation.fields where field.range.overlaps(range) {
        guard shown < Ladder.maximumFields else { break }
        shown += 1
        let own = field.range.clamped(to: range)
        row.fields.append(
          Field(
            kind: field.kind, offset: own.lowerBound,
            text: Ladder.text(bytes[own], kind: field.kind, total: own.count),
            label: own.lowerBound > field.range.lowerBound ? "\(field.label), continued" : field.label))
      }
      let fields = annotation.fields.count { $0.range.overlaps(range) }
      if fields > shown { row.omitted = "\(fields - shown) more fields" }
      if range.upperBound > bytes.count {
        row.omitted = "\(range.upperBound - max(bytes.count, range.lowerBound)) further bytes are in transcript.json"
      }
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>, kind: WireField.Kind, total: Int) -> String {
    if kind == .http {
      let text = String(decoding: bytes.prefix(shownText), as: UTF8.self)
      return total > shownText ? text + "…" : text
    }
    let digits = bytes.prefix(shownBytes).map(WireAnnotation.hex).joined(separator: " ")
    return total > shownBytes ? "\(digits) … and \(total - shownBytes) more bytes" : digits
  }

  private static func annotations(_ record: CaseRecord) -> [Key: Annotated] {
    var streams: [Key: [UInt8]] = [:]
    for entry in record.transcript {
      guard let event = entry["event"]?.stringValue, event == "sent" || event == "received",
        let hex = entry["bytes"]?.stringValue
      else { continue }
      let key = Key(
        connection: Int(entry["connection"]?.intValue ?? 0), direction: event == "sent" ? .sent : .received)
      let room = WireAnnotation.limit - (streams[key]?.count ?? 0)
      guard room > 0, let bytes = Bytes(hex: String(hex.prefix(room * 2))) else { continue }
      streams[key, default: []] += bytes.array
    }
    let isLegacy = record.conformanceClass.rawValue.hasPrefix("Legacy")
    return streams.mapValues { bytes in
      Annotated(annotation: WireAnnotation(bytes, hasCurrentFrames: !isLegacy), bytes: bytes)
    }
  }
}
