/// A template of the page, in the part of Mustache (mustache(5)) that it needs: `{{name}}` escaped for HTML, `{{{name}}}` as it
/// is, `{{#name}}…{{/name}}` for what is there, once for each where it is a list, `{{^name}}…{{/name}}` for what is not,
/// `{{>name}}` for another template, and `{{.}}` for the thing itself.
struct PageTemplate: Sendable {
  /// What is wrong with a template.
  struct Fault: Error {
    let reason: String
  }

  private indirect enum Piece: Sendable {
    case text(String)
    case value(String)
    case markup(String)
    case section(String, [Piece])
    case inverted(String, [Piece])
    case partial(String)
  }

  private let pieces: [Piece]

  /// Parses a text.
  init(_ text: String) throws(Fault) {
    var reader = Reader(rest: text[...])
    pieces = try reader.pieces(until: nil)
  }

  /// The markup of a view.
  ///
  /// - Parameters:
  ///   - view: The values.
  ///   - templates: The templates that may be named in it.
  func render(_ view: View, _ templates: [String: PageTemplate]) -> String {
    var output = ""
    Self.render(pieces, [view], templates, into: &output)
    return output
  }

  // MARK: Reading

  private struct Reader {
    var rest: Substring
    /// Whether nothing but spaces stands before, on the same line.
    var isLineStart = true

    /// The pieces until the end of the section of a name; nil: until the end of the text.
    mutating func pieces(until section: String?) throws(Fault) -> [Piece] {
      var pieces: [Piece] = []
      while let opening = rest.firstRange(of: "{{") {
        var text = rest[..<opening.lowerBound]
        if let lineEnd = text.lastIndex(of: "\n") {
          isLineStart = text[text.index(after: lineEnd)...].allSatisfy { $0 == " " }
        } else {
          isLineStart = isLineStart && text.allSatisfy { $0 == " " }
        }
        rest = rest[opening.upperBound...]
        let closing = rest.first == "{" ? "}}}" : "}}"
        guard let end = rest.firstRange(of: closing) else { throw Fault(reason: "a tag is not closed") }
        let tag = rest[..<end.lowerBound]
        rest = rest[end.upperBound...]
        let sign = tag.first.flatMap { "{#^/>".contains($0) ? $0 : nil }
        let name = String(sign == nil ? tag : tag.dropFirst())
        if let sign, sign != "{" {
          endLine(after: &text)
        } else {
          isLineStart = false
        }
        if !text.isEmpty { pieces.append(.text(String(text))) }
        switch sign {
        case "{": pieces.append(.markup(name))
        case "#": pieces.append(.section(name, try self.pieces(until: name)))
        case "^": pieces.append(.inverted(name, try self.pieces(until: name)))
        case ">": pieces.append(.partial(name))
        case "/":
          guard name == section else {
            throw Fault(reason: "the end of \(name) is not that of \(section ?? "nothing")")
          }
          return pieces
        default: pieces.append(.value(name))
        }
      }
      guard section == nil else { throw Fault(reason: "the section \(section ?? "") has no end") }
      if !rest.isEmpty { pieces.append(.text(String(rest))) }
      rest = ""
      return pieces
    }

    /// A tag that renders nothing and is alone on its line takes the line with it.
    private mutating func endLine(after text: inout Substring) {
      let behind = rest.prefix { $0 != "\n" }
      guard isLineStart, behind.allSatisfy({ $0 == " " }) else {
        isLineStart = false
        return
      }
      rest = rest[behind.endIndex...].dropFirst()
      while text.last == " " { text.removeLast() }
    }
  }

  // MARK: Rendering

  private static func render(
    _ pieces: [Piece], _ context: [Any], _ templates: [String: PageTemplate], into output: inout String
  ) {
    for piece in pieces {
      switch piece {
      case .text(let text): output += text
      case .value(let name): output += value(name, context).map { XMLEscaping.escaped(text(of: $0)) } ?? ""
      case .markup(let name): output += value(name, context).map(text(of:)) ?? ""
      case .section(let name, let inner):
        for item in items(of: value(name, context)) {
          render(inner, item.map { context + [$0] } ?? context, templates, into: &output)
        }
      case .inverted(let name, let inner):
        if items(of: value(name, context)).isEmpty { render(inner, context, templates, into: &output) }
      case .partial(let name):
        if let template = templates[name] { render(template.pieces, context, templates, into: &output) }
      }
    }
  }

  /// The innermost value of a name.
  private static func value(_ name: String, _ context: [Any]) -> Any? {
    if name == "." { return context.last }
    for frame in context.reversed() {
      if let found = (frame as? View)?[name] { return found }
    }
    return nil
  }

  /// What a section is rendered for; nil in it: for what is around it.
  private static func items(of value: Any?) -> [Any?] {
    switch value {
    case nil: []
    case let condition as Bool: condition ? [nil] : []
    case let views as [View]: views
    case let texts as [String]: texts
    case let value?: [value]
    }
  }

  private static func text(of value: Any) -> String { value as? String ?? String(describing: value) }
}
