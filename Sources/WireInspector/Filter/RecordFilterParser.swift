/// Parses filter expressions: `or` binds weakest, then `and`, then `not`; parentheses group.
struct RecordFilterParser {
  private struct Token {
    enum Kind: Equatable {
      case word(String)
      case quoted(String)
      case comparison(RecordFilter.Comparison)
      case not, and, or, open, close, end
    }

    var kind: Kind
    var column: Int
  }

  private let characters: [Character]
  private var tokens: [Token] = []
  private var next = 0
  private var depth = 0

  /// Expressions nested deeper than this are refused: nobody writes them, and they would use up the stack.
  private static let maximumDepth = 100

  init(_ text: String) { characters = Array(text) }

  mutating func parse() throws(RecordFilterError) -> RecordFilter.Term {
    try scan()
    let term = try either()
    if token.kind != .end { throw fault("an operator is missing here; write and, or") }
    return term
  }

  // MARK: Grammar

  private var token: Token { tokens[next] }

  private mutating func either() throws(RecordFilterError) -> RecordFilter.Term {
    var term = try both()
    while token.kind == .or {
      next += 1
      term = .either(term, try both())
    }
    return term
  }

  private mutating func both() throws(RecordFilterError) -> RecordFilter.Term {
    var term = try single()
    while token.kind == .and {
      next += 1
      term = .both(term, try single())
    }
    return term
  }

  private mutating func single() throws(RecordFilterError) -> RecordFilter.Term {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw fault("this is nested more than \(Self.maximumDepth) deep") }
    switch token.kind {
    case .not:
      next += 1
      return .not(try single())
    case .open:
      next += 1
      let term = try either()
      guard token.kind == .close else { throw fault("a closing parenthesis is missing") }
      next += 1
      return term
    case .word(let name):
      guard let field = FilterField(rawValue: name) else {
        throw fault(
          "there is no field \"\(name)\"; the fields are \(FilterField.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      next += 1
      guard case .comparison(let comparison) = token.kind else { return .has(field) }
      return try compare(field, comparison)
    case .quoted, .comparison, .and, .or, .close, .end: throw fault("a field is missing here, such as protocolId")
    }
  }

  private mutating func compare(
    _ field: FilterField, _ comparison: RecordFilter.Comparison
  ) throws(RecordFilterError) -> RecordFilter.Term {
    next += 1
    let literal: FilterLiteral
    switch token.kind {
    case .word(let text): literal = FilterLiteral(text: text, number: Self.number(text))
    case .quoted(let text): literal = FilterLiteral(text: text, number: nil)
    default: throw fault("a value is missing here")
    }
    switch field.form {
    case .number where comparison == .contains:
      throw fault("~ looks into texts, and \(field.rawValue) is a number")
    case .number where literal.number == nil:
      throw fault("\(field.rawValue) is a number; \"\(literal.text)\" is none")
    case .text where comparison.isOrder, .flag where comparison.isOrder, .words where comparison.isOrder:
      throw fault("\(comparison.rawValue) compares numbers, and \(field.rawValue) is none; use ==, != or ~")
    case .flag where !["true", "false"].contains(literal.text):
      throw fault("\(field.rawValue) is true or false, or stands alone")
    case .words(let words) where comparison != .contains && !words.contains(literal.text):
      throw fault("\(field.rawValue) is one of \(words.joined(separator: ", "))")
    default: break
    }
    next += 1
    return .compare(field, comparison, literal)
  }

  private func fault(_ reason: String) -> RecordFilterError { RecordFilterError(column: token.column, reason: reason) }

  // MARK: Tokens

  private mutating func scan() throws(RecordFilterError) {
    var index = 0
    while index < characters.count {
      let character = characters[index]
      let column = index + 1
      if character.isWhitespace {
        index += 1
      } else if character == "\"" || character == "'" {
        tokens.append(Token(kind: .quoted(try quoted(&index, column)), column: column))
      } else if let (kind, size) = symbol(at: index) {
        tokens.append(Token(kind: kind, column: column))
        index += size
      } else {
        let start = index
        while index < characters.count, !characters[index].isWhitespace, symbol(at: index) == nil,
          !["\"", "'"].contains(characters[index])
        {
          index += 1
        }
        let word = String(characters[start..<index])
        tokens.append(Token(kind: Self.operators[word] ?? .word(word), column: column))
      }
    }
    tokens.append(Token(kind: .end, column: characters.count + 1))
  }

  private static let operators: [String: Token.Kind] = ["and": .and, "or": .or, "not": .not]

  private func symbol(at index: Int) -> (Token.Kind, Int)? {
    let following = index + 1 < characters.count ? characters[index + 1] : " "
    switch (characters[index], following) {
    case ("=", "="): return (.comparison(.equal), 2)
    case ("=", _): return (.comparison(.equal), 1)
    case ("!", "="): return (.comparison(.unequal), 2)
    case ("!", _): return (.not, 1)
    case ("<", "="): return (.comparison(.atMost), 2)
    case ("<", _): return (.comparison(.less), 1)
    case (">", "="): return (.comparison(.atLeast), 2)
    case (">", _): return (.comparison(.more), 1)
    case ("~", _): return (.comparison(.contains), 1)
    case ("&", "&"): return (.and, 2)
    case ("|", "|"): return (.or, 2)
    case ("(", _): return (.open, 1)
    case (")", _): return (.close, 1)
    default: return nil
    }
  }

  /// A text in quotes; a backslash takes the next character as it is.
  private func quoted(_ index: inout Int, _ column: Int) throws(RecordFilterError) -> String {
    let quote = characters[index]
    var text = ""
    index += 1
    while index < characters.count, characters[index] != quote {
      if characters[index] == "\\", index + 1 < characters.count { index += 1 }
      text.append(characters[index])
      index += 1
    }
    guard index < characters.count else { throw RecordFilterError(column: column, reason: "the quote has no end") }
    index += 1
    return text
  }

  /// A decimal or hexadecimal number, or a duration in s, ms or us as seconds.
  private static func number(_ text: String) -> Double? {
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { Double($0) } }
    for (unit, scale) in [("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("s", 1.0)] where text.hasSuffix(unit) {
      return Double(text.dropLast(unit.count)).map { $0 * scale }
    }
    return Double(text)
  }
}
