/// Counts how often each part of a filter holds, so that a filter that nothing passes can say why.
struct FilterTally {
  /// A field that stands alone, or a comparison.
  private struct Part {
    let term: RecordFilter.Term
    let field: FilterField
    let text: String
    /// Records that have the field, and those for which the part holds.
    var having = 0
    var holding = 0
    /// What the field holds, as long as it is little.
    var values: [String] = []
    var hasMoreValues = false
    var lowest = Double.infinity
    var highest = -Double.infinity
  }

  /// Values that are named.
  private static let valueLimit = 4
  /// Characters of a value, and parts of an expression, that are named.
  private static let valueLength = 40
  private static let partLimit = 6

  private var parts: [Part] = []
  /// Records that were counted.
  private(set) var records = 0

  init(_ filter: RecordFilter) { collect(filter.root) }

  private mutating func collect(_ term: RecordFilter.Term) {
    switch term {
    case .has(let field): parts.append(Part(term: term, field: field, text: field.rawValue))
    case .compare(let field, let comparison, let literal):
      parts.append(
        Part(term: term, field: field, text: "\(field.rawValue) \(comparison.rawValue) \(Self.written(literal))"))
    case .not(let inner): collect(inner)
    case .both(let first, let second), .either(let first, let second):
      collect(first)
      collect(second)
    }
  }

  /// A literal as it can stand in an expression.
  private static func written(_ literal: FilterLiteral) -> String {
    let text = literal.written ?? literal.text
    let isWord = text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return literal.number != nil || (isWord && !text.isEmpty) ? text : "\"\(text)\""
  }

  mutating func count(_ facts: RecordFacts) {
    records += 1
    for index in parts.indices {
      guard let value = facts.value(of: parts[index].field) else { continue }
      parts[index].having += 1
      if RecordFilter.holds(parts[index].term, facts) { parts[index].holding += 1 }
      switch value {
      case .number(let number):
        parts[index].lowest = min(parts[index].lowest, number)
        parts[index].highest = max(parts[index].highest, number)
      case .text(let text): note(text, of: index)
      case .flag(let flag): note(flag ? "true" : "false", of: index)
      }
    }
  }

  private mutating func note(_ value: String, of index: Int) {
    guard !parts[index].hasMoreValues else { return }
    var cut = String(String.UnicodeScalarView(value.unicodeScalars.prefix(Self.valueLength)))
    if cut.utf8.count < value.utf8.count { cut += "…" }
    guard !parts[index].values.contains(cut) else { return }
    if parts[index].values.count == Self.valueLimit {
      parts[index].hasMoreValues = true
    } else {
      parts[index].values.append(cut)
    }
  }

  /// Why no record passes: the parts that hold for none; where each holds for some, how many.
  var text: String {
    let failing = parts.filter { $0.holding == 0 }
    let total = "\(records) \(records == 1 ? "record" : "records")"
    if !failing.isEmpty {
      return "of \(total), " + Self.list(failing.map { Self.reason($0) })
    }
    let counts = Self.list(parts.map { "\($0.text) for \($0.holding)" })
    return "of \(total), each part holds for some, but the whole for none: \(counts)"
  }

  private static func list(_ texts: [String]) -> String {
    let rest = texts.count - partLimit
    return texts.prefix(partLimit).joined(separator: "; ") + (rest > 0 ? "; and \(rest) parts more" : "")
  }

  private static func reason(_ part: Part) -> String {
    guard part.having > 0 else { return "none has \(part.field.rawValue)" }
    let range: String
    if part.lowest <= part.highest {
      let (low, high) = (shown(part.lowest, part.field), shown(part.highest, part.field))
      range = low == high ? "is \(low)" : "is \(low) to \(high)"
    } else if part.hasMoreValues {
      return "\(part.text) holds for none of \(part.having)"
    } else {
      range = "is " + part.values.map { $0.isEmpty ? "empty" : $0 }.joined(separator: ", ")
    }
    return "\(part.text) holds for none of \(part.having); there \(part.field.rawValue) \(range)"
  }

  private static func shown(_ number: Double, _ field: FilterField) -> String {
    // The field is in seconds; what can be no duration stands as it is.
    if field == .latency, let nanoseconds = Int64(exactly: (number * 1e9).rounded()) {
      return DurationText.of(nanoseconds: nanoseconds)
    }
    if let whole = Int64(exactly: number) { return String(whole) }
    return "\(number)"
  }
}
