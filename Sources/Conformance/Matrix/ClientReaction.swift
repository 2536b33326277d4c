package import Specification

/// What a client made of a server's fault.
package enum ClientReaction: String, CaseIterable, Sendable {
  /// The fault made no difference to what this client saw, or none that anybody can see.
  case untouched

  /// The fault reached the client, which went on as well as before: a clause permits it, or nothing forbids it.
  case tolerated

  /// The client failed the connection, or told its caller that a call had failed.
  case noticed

  /// It handed over what it must not, or went on where it must fail the connection.
  case delivered

  /// It gave one call the answer of another.
  case mixedUp = "mixed up"

  /// It lost a call without saying so, or said that no answer came although it had come.
  case lost

  /// It does nothing any more, and its connection is open.
  case hung

  /// It ended by a signal, or a sanitizer spoke.
  case crashed

  /// It dials again and again without a pause.
  case stormed

  /// Nothing can be said, for the reason given.
  case unknown

  /// Whether it is one that a rule forbids.
  package var isBad: Bool {
    switch self {
    case .untouched, .tolerated, .noticed, .unknown: false
    case .delivered, .mixedUp, .lost, .hung, .crashed, .stormed: true
    }
  }
}

/// A fault, and what a client made of it.
package struct MatrixCell: Sendable {
  /// The fault.
  package let fault: Mutant

  /// What the client made of it.
  package let reaction: ClientReaction

  /// The rule of the catalogue that it broke, or the clause by which it may; nil: there is none.
  package let requirement: RequirementID?

  /// What was observed, in one line.
  package let observation: String

  /// How long it took, in seconds.
  package let seconds: Double
}
