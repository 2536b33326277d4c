import Specification

/// Where the two sides of a dialogue stand: times at the left, then the client, and the server further to the right.
struct DialogueLayout {
  /// Who a line is of; nil: of neither.
  typealias Side = PeerRole?

  private let lines: ColouredLines
  private let columns: Int
  private let clock: ShownClock
  /// Columns of a time and the space behind it, and what the server stands further to the right.
  private let timeWidth: Int
  private let indentation: Int

  init(lines: ColouredLines, columns: Int, clock: ShownClock) {
    self.lines = lines
    self.columns = max(columns, 40)
    self.clock = clock
    let isNarrow = self.columns < 60
    timeWidth = isNarrow ? 9 : 16
    indentation = isNarrow ? 4 : min(40, (self.columns - 16) / 5)
  }

  /// The columns that are left for what stands under a heading.
  func room(of side: Side) -> Int { columns - left(of: side) - 2 }

  /// Writes a turn: what is done, and under it what belongs to it.
  ///
  /// - Parameters:
  ///   - time: When; nil: where nobody knows, or it is that of the turn before.
  ///   - mark: A character before the heading.
  ///   - heading: In one paragraph, made inert already.
  ///   - body: Lines of at most ``room(of:)`` columns, made inert already.
  func turn(
    _ side: Side, time: Int64?, mark: Character, _ heading: String, _ colour: ColouredLines.Colour, body: [String] = []
  ) {
    let margin = String(repeating: " ", count: left(of: side))
    for (index, text) in TerminalText.wrap(heading, to: room(of: side)).enumerated() {
      guard index == 0 else {
        lines.line(margin + "  " + text, colour)
        continue
      }
      let shown = time.map { String(clock.timeOfDay($0).prefix(timeWidth - 1)) } ?? ""
      lines.line(ColumnText.left(shown, margin.count) + "\(mark) " + text, colour)
    }
    for text in body { lines.line(margin + "  " + text, colour) }
  }

  /// Writes a line over the whole width, such as a title.
  func title(_ text: String, _ colour: ColouredLines.Colour) {
    for part in TerminalText.wrap(text, to: columns) { lines.line(part, colour) }
  }

  private func left(of side: Side) -> Int { timeWidth + (side == .server ? indentation : 0) }
}
