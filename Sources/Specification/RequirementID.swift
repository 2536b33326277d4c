/// The name of one requirement of the specification, for example `frame.magic`.
///
/// An id is a slug of the form `area.topic.detail`: it never changes its meaning and is never used again for another
/// requirement. Vectors, probes and findings name the requirements that they exercise by it. The ids in use are those of
/// `vectors/requirements.json`; this type does not know them.
public struct RequirementID: RawRepresentable, Hashable, Sendable, Comparable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The slug.
  public let rawValue: String

  /// Takes any text as an id; `isWellFormed` says whether it has the form of one.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Makes an id from a literal, so that code can name a requirement as `"frame.magic"`.
  public init(stringLiteral value: String) {
    self.init(rawValue: value)
  }

  /// The slug.
  public var description: String { rawValue }

  /// Whether the id has the form of one: two or more parts separated by dots, each of lowercase letters, digits and
  /// underscores, with single hyphens inside.
  public var isWellFormed: Bool {
    var parts = 1
    var previous = UInt8(ascii: ".")
    for byte in rawValue.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): break
      case UInt8(ascii: "."), UInt8(ascii: "-"):
        if previous == UInt8(ascii: ".") || previous == UInt8(ascii: "-") { return false }
        if byte == UInt8(ascii: ".") { parts += 1 }
      default: return false
      }
      previous = byte
    }
    return parts >= 2 && previous != UInt8(ascii: ".") && previous != UInt8(ascii: "-")
  }

  /// Orders ids by their slugs, byte by byte.
  public static func < (left: RequirementID, right: RequirementID) -> Bool {
    left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
  }
}
