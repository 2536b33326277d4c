/// Which records are shown: an expression over the fields that ndjson objects have.
///
///     protocolId == 2 and not compressed
///     type == rpc and (latency > 20ms or outcome != answered)
///     uid == 100 and text ~ "paid"
///
/// A comparison with a field that a record lacks is false. The fields of a connection's own record hold for all of its records.
package struct RecordFilter: Sendable {
  let root: Term

  /// A part of an expression.
  indirect enum Term: Sendable {
    case has(FilterField)
    case compare(FilterField, Comparison, FilterLiteral)
    case not(Term)
    case both(Term, Term)
    case either(Term, Term)
  }

  /// How a field is held against a literal.
  enum Comparison: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case atMost = "<="
    case more = ">"
    case atLeast = ">="
    case contains = "~"

    /// Whether it is about the order of numbers.
    var isOrder: Bool {
      switch self {
      case .less, .atMost, .more, .atLeast: true
      case .equal, .unequal, .contains: false
      }
    }
  }

  init(root: Term) { self.root = root }

  /// Parses an expression.
  package init(_ text: String) throws(RecordFilterError) {
    var parser = RecordFilterParser(text)
    root = try parser.parse()
  }

  /// What somebody who wrote the expression may want to know about it, a sentence each.
  var notes: [String] {
    Self.literals(of: root, for: .outcome).contains { $0 == "unanswered" || $0 == "connectionClosed" }
      ? [
        "of calls without an answer, outcome is unanswered where the capture ends first, and connectionClosed where the "
          + "connection does; outcome != answered finds both"
      ] : []
  }

  private static func literals(of term: Term, for field: FilterField) -> [String] {
    switch term {
    case .has: []
    case .compare(let named, _, let literal): named == field ? [literal.text] : []
    case .not(let inner): literals(of: inner, for: field)
    case .both(let first, let second), .either(let first, let second):
      literals(of: first, for: field) + literals(of: second, for: field)
    }
  }

  /// Whether a record passes.
  func passes(_ facts: RecordFacts) -> Bool { Self.holds(root, facts) }

  static func holds(_ term: Term, _ facts: RecordFacts) -> Bool {
    switch term {
    case .has(let field):
      switch facts.value(of: field) {
      case .flag(let value)?: value
      case .text(let value)?: !value.isEmpty
      case .number?: true
      case nil: false
      }
    case .compare(let field, let comparison, let literal):
      facts.value(of: field).map { literal.holds($0, comparison) } ?? false
    case .not(let term): !holds(term, facts)
    case .both(let first, let second): holds(first, facts) && holds(second, facts)
    case .either(let first, let second): holds(first, facts) || holds(second, facts)
    }
  }
}

/// What a field holds.
enum FilterValue {
  case number(Double)
  case text(String)
  case flag(Bool)
}

/// A value that an expression names.
struct FilterLiteral: Sendable {
  /// As it was written, without quotes.
  let text: String

  /// Its number, durations in seconds; nil where it is none, or was in quotes.
  let number: Double?

  /// What stood in its place in the expression, where that is something else.
  var written: String?

  /// Whether a field's value compares to it so.
  func holds(_ value: FilterValue, _ comparison: RecordFilter.Comparison) -> Bool {
    switch (value, comparison) {
    case (.number(let value), _):
      number.map { limit in
        switch comparison {
        case .equal: value == limit
        case .unequal: value != limit
        case .less: value < limit
        case .atMost: value <= limit
        case .more: value > limit
        case .atLeast: value >= limit
        case .contains: false
        }
      } ?? false
    case (.text(let value), .equal): value == text
    case (.text(let value), .unequal): value != text
    case (.text(let value), .contains): value.contains(text)
    case (.text, _): false
    case (.flag(let value), .equal): value == (text == "true")
    case (.flag(let value), .unequal): value != (text == "true")
    case (.flag, _): false
    }
  }
}

/// What is wrong with an expression.
package struct RecordFilterError: Error, Sendable {
  /// The column, from 1.
  package let column: Int

  /// What is wrong, and what would be right.
  package let reason: String
}
