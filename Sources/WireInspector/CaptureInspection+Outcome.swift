package import Specification

extension CaptureInspection {
  /// How an inspection ended.
  package struct Outcome: Sendable {
    /// Good, or what could not be read: ``CommandStatus/usage`` for what is no capture, ``CommandStatus/incomplete`` for one that
    /// is cut short or corrupt.
    package var status = CommandStatus.good
    /// What to say on standard error, a line each.
    package var messages: [String] = []

    /// Adds what went wrong.
    mutating func fail(_ fault: CommandStatus, _ message: String) {
      messages.append(message)
      status = CommandStatus([status: true, fault: true])
    }
  }
}
