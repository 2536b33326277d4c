import Specification
import StrictJSON

/// That a case was expected to fail, and why: what a line of a file of expected failures says about it.
package struct ExpectedFailure: Hashable, Sendable {
  /// The reason, or a link; empty where nobody said.
  package let reason: String

  /// Whether the case fails now and then only, so that a pass is as good.
  package let mayPass: Bool

  /// An expectation.
  package init(reason: String, mayPass: Bool = false) {
    self.reason = reason
    self.mayPass = mayPass
  }

  /// The member `expectedFailure` of a record.
  var json: JSONValue { ["reason": .string(reason), "mayPass": .bool(mayPass)] }

  /// What a member `expectedFailure` says; nil if it makes no sense.
  init?(_ value: JSONValue) {
    guard let reason = value["reason"]?.stringValue, case .bool(let mayPass)? = value["mayPass"],
      value.objectValue?.names.count == 2
    else { return nil }
    self.init(reason: reason, mayPass: mayPass)
  }
}

extension CaseRecord {
  /// Whether the record counts against a peer.
  ///
  /// - Parameter isStrict: Whether a `nonStrict` verdict does, too.
  package func isFailure(isStrict: Bool) -> Bool { verdict.isFailure || isStrict && verdict == .nonStrict }

  /// Whether it counts against a peer, and nobody expected that.
  package func isUnexpectedFailure(isStrict: Bool) -> Bool {
    expectedFailure == nil && isFailure(isStrict: isStrict)
  }

  /// Whether it counts against a peer as was expected.
  package func isExpectedFailure(isStrict: Bool) -> Bool {
    expectedFailure != nil && isFailure(isStrict: isStrict)
  }

  /// Whether it was expected to fail always, was judged, and does not fail. What was not run, or does not apply to the
  /// peer, says nothing.
  package func hasStaleExpectation(isStrict: Bool) -> Bool {
    guard let expectedFailure, !expectedFailure.mayPass else { return false }
    return !isFailure(isStrict: isStrict) && verdict != .notApplicable && verdict != .couldNotRun
  }
}
