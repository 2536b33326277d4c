/// An integer expression: `$(limit + 1)`.
struct ScriptExpression: Hashable, Sendable {
  /// A part of an expression.
  private indirect enum Term: Hashable, Sendable {
    case integer(Int64)
    case variable(String)
    case length(String)
    case negation(Term)
    case operation(String, Term, Term)
  }

  private let root: Term
  private let place: SourcePlace

  /// Why a text is no expression.
  struct SyntaxError: Error, Hashable, Sendable {
    /// What is wrong.
    let reason: String
  }

  /// The operators, the loosest binding first.
  private static let operators: [[String]] = [
    ["||"], ["&&"], ["==", "!=", "<=", ">=", "<", ">"], ["|"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
  ]

  /// How many characters an expression may have.
  private static let maximumLength = 1000

  /// How deep parentheses may be nested.
  private static let maximumDepth = 32

  /// Reads an expression.
  init(_ text: String, at place: SourcePlace) throws(SyntaxError) {
    guard text.utf8.count <= Self.maximumLength else { throw SyntaxError(reason: "the expression is too long") }
    var tokens = try Self.tokens(of: text)[...]
    self.place = place
    root = try Self.parse(&tokens, level: 0, depth: 0)
    if let rest = tokens.first { throw SyntaxError(reason: "\"\(rest)\" cannot stand here in an expression") }
  }

  /// The variables that it names.
  var variables: [String] { Self.variables(of: root) }

  /// The value of the expression; comparisons give 1 or 0.
  ///
  /// - Throws: An unknown variable, one that is no integer, an overflow, a division by zero.
  func value(in scope: ScriptScope) throws(ScriptRuntimeError) -> Int64 { try evaluate(root, scope) }

  /// What the variable alone holds, when the expression is nothing but one variable.
  func wholeVariable(in scope: ScriptScope) throws(ScriptRuntimeError) -> ScriptValue? {
    guard case .variable(let name) = root else { return nil }
    return try scope.value(of: name, at: place)
  }

  private func evaluate(_ term: Term, _ scope: ScriptScope) throws(ScriptRuntimeError) -> Int64 {
    switch term {
    case .integer(let number): return number
    case .variable(let name):
      let value = try scope.value(of: name, at: place)
      guard let number = value.integer else {
        throw ScriptRuntimeError("$\(name) is \"\(value.text.prefix(40))\", no integer", at: place)
      }
      return number
    case .length(let name): return Int64(try scope.value(of: name, at: place).bytes.count)
    case .negation(let operand): return try apply("-", 0, try evaluate(operand, scope))
    case .operation(let symbol, let left, let right):
      let first = try evaluate(left, scope)
      if symbol == "&&", first == 0 { return 0 }
      if symbol == "||", first != 0 { return 1 }
      return try apply(symbol, first, try evaluate(right, scope))
    }
  }

  private func apply(_ symbol: String, _ left: Int64, _ right: Int64) throws(ScriptRuntimeError) -> Int64 {
    let (value, overflow): (Int64, Bool) =
      switch symbol {
      case "+": left.addingReportingOverflow(right)
      case "-": left.subtractingReportingOverflow(right)
      case "*": left.multipliedReportingOverflow(by: right)
      case "/": left.dividedReportingOverflow(by: right)
      case "%": left.remainderReportingOverflow(dividingBy: right)
      case "<<": (left << right, !(0..<63).contains(right) || (left << right) >> right != left)
      case ">>": (left >> right, right < 0)
      case "&": (left & right, false)
      case "|": (left | right, false)
      case "==": (left == right ? 1 : 0, false)
      case "!=": (left != right ? 1 : 0, false)
      case "<": (left < right ? 1 : 0, false)
      case "<=": (left <= right ? 1 : 0, false)
      case ">": (left > right ? 1 : 0, false)
      case ">=": (left >= right ? 1 : 0, false)
      default: (right != 0 ? 1 : 0, false)
      }
    guard !overflow else {
      throw ScriptRuntimeError("\(left) \(symbol) \(right) does not fit 64 bits, or divides by zero", at: place)
    }
    return value
  }

  private static func variables(of term: Term) -> [String] {
    switch term {
    case .integer: []
    case .variable(let name), .length(let name): [name]
    case .negation(let operand): variables(of: operand)
    case .operation(_, let left, let right): variables(of: left) + variables(of: right)
    }
  }

  private static func parse(
    _ tokens: inout ArraySlice<String>, level: Int, depth: Int
  ) throws(SyntaxError) -> Term {
    guard level < operators.count else { return try parseOperand(&tokens, depth: depth) }
    var term = try parse(&tokens, level: level + 1, depth: depth)
    while let symbol = tokens.first, operators[level].contains(symbol) {
      tokens.removeFirst()
      term = .operation(symbol, term, try parse(&tokens, level: level + 1, depth: depth))
    }
    return term
  }

  private static func parseOperand(_ tokens: inout ArraySlice<String>, depth: Int) throws(SyntaxError) -> Term {
    guard depth < maximumDepth else { throw SyntaxError(reason: "the expression is nested too deep") }
    guard let token = tokens.popFirst() else { throw SyntaxError(reason: "the expression ends too early") }
    if token == "-" { return .negation(try parseOperand(&tokens, depth: depth + 1)) }
    if token == "(" {
      let inner = try parse(&tokens, level: 0, depth: depth + 1)
      guard tokens.popFirst() == ")" else { throw SyntaxError(reason: "a parenthesis is not closed") }
      return inner
    }
    if token.first?.isNumber == true {
      guard let number = ScriptValue.parseInteger(token) else {
        throw SyntaxError(reason: "\"\(token)\" is no integer of 64 bits")
      }
      return .integer(number)
    }
    guard let first = token.first, first.isLetter || first == "_" else {
      throw SyntaxError(reason: "\"\(token)\" cannot stand here in an expression")
    }
    if token == "len", tokens.first == "(" {
      tokens.removeFirst()
      guard let name = tokens.popFirst(), tokens.popFirst() == ")" else {
        throw SyntaxError(reason: "len takes the name of a variable in parentheses")
      }
      return .length(name)
    }
    return .variable(token)
  }

  private static func tokens(of text: String) throws(SyntaxError) -> [String] {
    var tokens: [String] = []
    var rest = text[...]
    while let first = rest.first {
      if first == " " || first == "$" && rest.dropFirst().first.map(isNamePart) == true {
        rest.removeFirst()
      } else if isNamePart(first) {
        let word = rest.prefix { isNamePart($0) }
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      } else {
        let two = String(rest.prefix(2))
        let symbol = operators.joined().contains(two) ? two : String(first)
        guard operators.joined().contains(symbol) || "()".contains(symbol) else {
          throw SyntaxError(reason: "\"\(first)\" cannot stand in an expression")
        }
        tokens.append(symbol)
        rest = rest.dropFirst(symbol.count)
      }
    }
    return tokens
  }

  /// Whether a character can be part of a number or of a variable's name.
  static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == ".")
  }
}
