import ArgumentParser
import Conformance
import Specification

/// A word in the place of a subcommand that is none, and the one that was probably meant.
struct UnknownCommand: Error, Equatable, CustomStringConvertible {
  /// The word, as it was written.
  let word: String

  /// The command that it was looked for in, such as `wireproof probe`.
  let parent: String

  /// The nearest subcommand; nil: none is near.
  let suggestion: String?

  /// How many letters may be wrong: about a third of the word.
  private static func tolerance(_ word: String) -> Int { max(1, word.count / 3) }

  /// Looks for a wrong word where subcommands stand.
  ///
  /// - Parameter arguments: The words behind the name of the program.
  /// - Returns: The first wrong one; nil: there is none.
  static func first(in arguments: [String], of root: any ParsableCommand.Type = Wireproof.self) -> UnknownCommand? {
    var command = root
    var path = [root._commandName]
    for word in arguments {
      let subcommands = command.configuration.subcommands
      // Behind an option, or where a command takes words of its own, no word has to be a subcommand.
      guard !word.hasPrefix("-"), !subcommands.isEmpty, command.configuration.defaultSubcommand == nil else {
        return nil
      }
      if word == "help" { return nil }
      if let next = subcommands.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) }) {
        command = next
        path.append(word)
        continue
      }
      let near = subcommands.map { ($0._commandName, EditDistance.between(word, $0._commandName)) }.min { $0.1 < $1.1 }
      return UnknownCommand(
        word: word, parent: path.joined(separator: " "),
        suggestion: near.flatMap { $0.1 <= tolerance(word) ? $0.0 : nil })
    }
    return nil
  }

  /// One line: what is wrong, and what to write.
  var description: String {
    let name = InertText.abridged(InertText.whole(word), to: 40)
    return suggestion.map { "\(parent) has no command \(name); did you mean \($0)?" }
      ?? "\(parent) has no command \(name); see \(parent) --help"
  }
}
