/// A text with references to variables: `hello-$n`, `$(limit + 1)`.
struct ScriptTemplate: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case text(String)
    case reference(ScriptExpression)
  }

  private let parts: [Part]

  /// Where the text stands.
  let place: SourcePlace

  /// Reads a text. `$$` is a dollar sign; one that no name, parenthesis or dollar follows stands for itself.
  init(_ text: String, at place: SourcePlace) throws(ScriptExpression.SyntaxError) {
    self.place = place
    var parts: [Part] = []
    var literal = ""
    var rest = text[...]
    while let first = rest.popFirst() {
      guard first == "$", let next = rest.first else {
        literal.append(first)
        continue
      }
      if next == "$" {
        rest.removeFirst()
        literal.append("$")
        continue
      }
      guard let (expression, length) = try Self.reference(rest, at: place) else {
        literal.append("$")
        continue
      }
      if !literal.isEmpty { parts.append(.text(literal)) }
      literal = ""
      parts.append(.reference(expression))
      rest = rest.dropFirst(length)
    }
    if !literal.isEmpty || parts.isEmpty { parts.append(.text(literal)) }
    self.parts = parts
  }

  /// A text without references.
  init(literal text: String, at place: SourcePlace) {
    parts = [.text(text)]
    self.place = place
  }

  /// The text, when there is no reference in it.
  var literal: String? {
    guard parts.count == 1, case .text(let text) = parts[0] else { return nil }
    return text
  }

  /// The variables that it names.
  var variables: [String] {
    parts.flatMap { part -> [String] in
      if case .reference(let expression) = part { return expression.variables }
      return []
    }
  }

  /// What it comes to. A template that is nothing but one reference keeps the type of that.
  func value(in scope: ScriptScope) throws(ScriptRuntimeError) -> ScriptValue {
    if parts.count == 1 { return try value(of: parts[0], scope) }
    var text = ""
    for part in parts { text += try value(of: part, scope).text }
    return .text(text)
  }

  /// What it comes to, as text.
  func text(in scope: ScriptScope) throws(ScriptRuntimeError) -> String { try value(in: scope).text }

  /// What it comes to, as an integer.
  func integer(in scope: ScriptScope) throws(ScriptRuntimeError) -> Int64 {
    let value = try value(in: scope)
    guard let number = value.integer else {
      throw ScriptRuntimeError("\"\(value.text.prefix(40))\" is no integer", at: place)
    }
    return number
  }

  private func value(of part: Part, _ scope: ScriptScope) throws(ScriptRuntimeError) -> ScriptValue {
    switch part {
    case .text(let text): return .text(text)
    case .reference(let expression):
      if let whole = try expression.wholeVariable(in: scope) { return whole }
      return .integer(try expression.value(in: scope))
    }
  }

  /// The reference behind a dollar sign and how many characters it takes; nil when there is none.
  private static func reference(
    _ rest: Substring, at place: SourcePlace
  ) throws(ScriptExpression.SyntaxError) -> (ScriptExpression, Int)? {
    if rest.first == "(" {
      var depth = 0
      for (offset, character) in rest.enumerated() {
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
        if depth == 0 {
          let inner = rest.dropFirst().prefix(offset - 1)
          return (try ScriptExpression(String(inner), at: place), offset + 1)
        }
      }
      throw ScriptExpression.SyntaxError(reason: "a parenthesis is not closed")
    }
    guard let first = rest.first, first.isASCII, first.isLetter || first == "_" else { return nil }
    var name = rest.prefix { ScriptExpression.isNamePart($0) }
    // A full stop at the end is one of the sentence.
    while name.last == "." { name.removeLast() }
    return (try ScriptExpression(String(name), at: place), name.count)
  }
}
