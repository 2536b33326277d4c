import GoldenVectors
import Specification

/// What is said about a requirement.
extension Explanation {
  func text(of requirement: Requirement) -> String {
    var lines = [
      "\(requirement.id)",
      "\(requirement.level) · clause \(requirement.clause) of docs/specification.md · binds the \(requirement.role)"
        + " · class \(requirement.conformanceClass) · source: \(requirement.source)",
      "", requirement.text,
    ]
    if let capability = requirement.capability {
      lines += ["", "Binds an implementation only if it claims the capability \(capability)."]
    }
    for (title, text) in [("Why", requirement.why), ("Right", requirement.right), ("Wrong", requirement.wrong)]
    where !text.isEmpty {
      lines += ["", title, indented(text)]
    }
    lines += ["", "Exercised by"] + exercising(requirement)
    if !hidden.isEmpty {
      let reason = hidden[requirement.id].map { "not to be seen: \($0)" }
      lines += ["", "In a capture", "  \(reason ?? "inspect --check judges it")"]
    }
    return lines.map { LineFolding.fold($0, hanging: 2) }.joined(separator: "\n")
  }

  private func exercising(_ requirement: Requirement) -> [String] {
    let cases = cases.filter { $0.test.requirements.contains(requirement.id) }
    var lines: [String] = []
    for (title, kind) in [
      ("accepting", cases.filter { !$0.test.violates }), ("violating", cases.filter(\.test.violates)),
    ] where !kind.isEmpty {
      lines.append("  \(kind.count) \(title) \(kind.count == 1 ? "vector" : "vectors"), for example")
      lines += kind.prefix(Self.examples).map { "    \($0.test.id): \(InertText.whole($0.test.comment))" }
    }
    lines += related(to: [requirement.id], including: .probesMutantsFindings)
    if let excluded = requirement.excluded { lines.append("  nothing: \(excluded)") }
    return lines.isEmpty ? ["  nothing yet"] : lines
  }
}
