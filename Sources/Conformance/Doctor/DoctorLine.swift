import Specification

/// One thing that `wireproof doctor` looked at: what it found, and what to do.
package struct DoctorLine: Hashable, Sendable {
  /// How it is.
  package enum State: String, Sendable {
    /// As it should be.
    case good = "ok"
    /// Something that works without, or that the profile has to say.
    case remark = "note"
    /// Not as it should be.
    case wrong = "NO"
    /// Nothing that could be told.
    case unseen = "?"
  }

  private static let stateWidth = 6
  private static let subjectWidth = 13

  /// How it is.
  package let state: State

  /// What was looked at, in a word or two.
  package let subject: String

  /// What was found.
  package let finding: String

  /// What to do about it; nil: nothing.
  package let remedy: String?

  /// A line from its parts.
  package init(_ state: State, _ subject: String, _ finding: String, remedy: String? = nil) {
    self.state = state
    self.subject = subject
    self.finding = finding
    self.remedy = remedy
  }

  /// The line, folded to a terminal's width; what a server sent is inert.
  package func text(columns: Int) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    let head = padded(state.rawValue, Self.stateWidth) + padded(subject, Self.subjectWidth)
    let text = finding + (remedy.map { "; \($0)" } ?? "")
    return LineFolding.fold(head + InertText.whole(text), hanging: Self.stateWidth + Self.subjectWidth, to: columns)
  }
}
