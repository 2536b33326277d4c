/// Writes the lines of a text for people, in colour on what shows colours.
struct ColouredLines {
  let output: OutputBuffer
  let usesColour: Bool

  enum Colour: String {
    case plain = "0"
    case bold = "1"
    case dim = "2"
    case client = "32"
    case server = "36"
    case finding = "33"
    case violation = "31"
  }

  func line(_ text: String, _ colour: Colour = .plain) {
    let isPlain = !usesColour || colour == .plain
    if !isPlain { output.text("\u{1B}[\(colour.rawValue)m") }
    output.text(text)
    output.text(isPlain ? "\n" : "\u{1B}[0m\n")
  }
}
