import Conformance
import Specification
import StrictJSON

/// Badges: the conformance classes that an implementation meets, by name.
package struct BadgeReport: Sendable {
  /// What stands on the left.
  package let label: String

  /// What stands on the right.
  package let message: String

  /// How the right side is coloured, by a name that shields.io knows.
  private let colour: Colour

  private enum Colour: String {
    case brightgreen
    case yellow
    case red
    case lightgrey

    var fill: String {
      switch self {
      case .brightgreen: "#2a7d3f"
      case .yellow: "#8a6100"
      case .red: "#b3261e"
      case .lightgrey: "#5d646b"
      }
    }
  }

  /// The badge of an implementation; of both sides when it was tested as both.
  package init(_ subject: ReportSubject) {
    let sides = subject.roles.map { role in (role, subject.classes(as: role)) }
    let all = sides.flatMap(\.1)
    let texts = sides.compactMap { role, statuses -> String? in
      let met = statuses.filter { $0.state == .met }.map(\.figures)
      guard !met.isEmpty else { return nil }
      return (sides.count > 1 ? "\(role.map(\.rawValue) ?? ""): " : "") + met.joined(separator: " · ")
    }
    label = sides.count == 1 ? "wireproof" + (sides[0].0.map { " \($0)" } ?? " vectors") : "wireproof"
    let failed = all.filter { $0.state == .notMet }
    let hasMet = all.contains { $0.state == .met }
    if hasMet {
      message = texts.joined(separator: " | ")
      colour = failed.isEmpty && !all.contains { $0.state == .notKnown } ? .brightgreen : .yellow
    } else if !failed.isEmpty {
      message = "no class met"
      colour = .red
    } else {
      let shown = all.filter { $0.state == .notShown && $0.cases > 0 }
      message = shown.isEmpty ? "not known" : "not shown: " + shown.map(\.figures).joined(separator: " · ")
      colour = .lightgrey
    }
  }

  /// The document that shields.io asks an endpoint for.
  package var endpoint: String {
    let value: JSONValue = [
      "schemaVersion": 1, "label": .string(label), "message": .string(message), "color": .string(colour.rawValue),
    ]
    return value.line + "\n"
  }

  /// The picture.
  package var svg: String {
    let left = Self.width(label) + 12
    let right = Self.width(message) + 12
    let title = XMLEscaping.escaped(InertText.visible("\(label): \(message)", limit: 300))
    func text(_ content: String, from x: Int, width: Int) -> String {
      "<text x=\"\(x + width / 2)\" y=\"14\" textLength=\"\(width - 12)\">"
        + XMLEscaping.escaped(InertText.visible(content, limit: 300)) + "</text>"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" aria-label="\(title)">
      <title>\(title)</title>
      <clipPath id="r"><rect width="\(left + right)" height="20" rx="3"/></clipPath>
      <g clip-path="url(#r)"><rect width="\(left)" height="20" fill="#33383d"/>\
      <rect x="\(left)" width="\(right)" height="20" fill="\(colour.fill)"/></g>
      <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
      \(text(label, from: 0, width: left))
      \(text(message, from: left, width: right))
      </g>
      </svg>

      """
  }

  /// How wide a text is in Verdana of 11 pixels, about.
  private static func width(_ text: String) -> Int {
    let tenths = text.unicodeScalars.prefix(300).reduce(0) { sum, scalar in
      switch scalar {
      case "i", "l", "j", ".", ":", "|", "·", "I": sum + 40
      case "t", "f", "r", " ", "-": sum + 46
      case "m", "w", "M", "W": sum + 105
      case "A"..."Z": sum + 77
      default: sum + 67
      }
    }
    return (tenths + 9) / 10
  }
}
