/// The exit codes of every command.
package enum CommandStatus: Int32, CaseIterable, Sendable {
  /// All is well.
  case good = 0
  /// A case failed, or something is not as it was checked to be.
  case failures = 1
  /// The command, its configuration or its input is wrong.
  case usage = 2
  /// Not everything could be judged or read.
  case incomplete = 3
  /// Something that was expected to fail does not.
  case staleExpectations = 4
  /// A fault of wireproof itself.
  case ownFault = 70

  /// Which of several that apply counts.
  private static let precedence: [CommandStatus] = [.ownFault, .usage, .incomplete, .staleExpectations, .failures]

  /// The one that counts of those that apply; ``good`` where none does.
  package init(_ applying: KeyValuePairs<CommandStatus, Bool>) {
    self = Self.precedence.first { status in applying.contains { $0.key == status && $0.value } } ?? .good
  }
}
