/// How binding a requirement is: the key words of RFC 2119, as RFC 8174 reads them.
///
/// "MUST NOT" has the level ``must``, "SHOULD NOT" the level ``should``.
public enum RequirementLevel: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Not met is a failure.
  case must = "MUST"

  /// Not met is permitted but weaker; it is reported as ``Verdict/nonStrict``, never as a failure.
  case should = "SHOULD"

  /// Either way is right.
  case may = "MAY"

  /// The key word.
  public var description: String { rawValue }
}
