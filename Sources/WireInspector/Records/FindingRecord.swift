import PacketCapture
package import Specification

/// A finding as it is written.
package struct FindingRecord: Sendable {
  /// The stable id.
  package var id: String
  /// The id of the requirement that it speaks about, if there is one.
  package var requirement: String?
  /// MUST, SHOULD or MAY.
  package var level: String?
  /// Who sent what it is about, as far as that is known.
  package var role: PeerRole?
  /// Where: for `file.` a byte of the file, for `app.` a byte of the (inflated) message, otherwise a byte of the sender's stream.
  package var offset: Int?
  /// One sentence for people.
  package var message: String

  /// A finding of this module.
  ///
  /// - Parameters:
  ///   - rule: The rule that was broken; nil: the one that the code names, if it does.
  ///   - isProof: Whether it is certain that a rule was broken; if not, none is named.
  init(
    _ code: InspectionFindingCode, _ rule: RequirementID? = nil, role: PeerRole?, offset: Int?, message: String,
    isProof: Bool = true
  ) {
    let rule = isProof ? rule ?? code.requirement : nil
    id = code.rawValue
    requirement = rule?.rawValue
    level = rule.map { Self.level(of: $0).rawValue }
    self.role = role
    self.offset = offset
    self.message = message
  }

  init(_ finding: PacketFinding, role: PeerRole?) {
    id = finding.code.rawValue
    self.role = role
    offset = finding.streamOffset
    message = finding.reason
  }

  init(id: String, offset: Int?, message: String) {
    self.id = id
    self.offset = offset
    self.message = message
  }

  /// How binding a rule is that findings name, as `vectors/requirements.json` has it; a test holds the two together.
  static func level(of rule: RequirementID) -> RequirementLevel { rule == "frame.length.limit.send" ? .should : .must }
}
