/// What one case came to.
///
/// The order of the cases is no order of severity.
public enum Verdict: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// As the strict expectation says.
  case pass

  /// A permitted but weaker outcome, for example an unmet SHOULD.
  case nonStrict

  /// Observed and reported, but nothing is required either way.
  case informational

  /// A MUST is not met. An expected frame that does not arrive is a failure.
  case fail

  /// The implementation under test crashed, or no longer serves a new connection.
  case errored

  /// The case does not bind this implementation: it lacks the capability, or its adapter answered `unsupported`.
  case notApplicable

  /// The case was not judged for a reason that lies outside of the implementation under test.
  case couldNotRun

  /// Whether the verdict makes a run fail by itself: ``fail`` and ``errored``.
  public var isFailure: Bool { self == .fail || self == .errored }

  /// The name used in vectors and result files.
  public var description: String { rawValue }
}
