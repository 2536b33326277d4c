import GoldenVectors
import Specification
import StrictJSON

/// `charset.json`: text as bytes, UTF-8 and GBK, both ways.
///
/// The pairs of GBK stand here as literals, as the index gives them; none of them is computed.
enum CharsetVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "charset",
      notes: [
        "bom": "U+FEFF at the beginning.",
        "boundary": "At the end of a range of bytes or code points, or next to it.",
        "canonical": "Texts that look alike and are not the same.",
        "cut-off": "The bytes end inside a sequence.",
        "euro": "U+20AC, which GBK has in two places.",
        "four-byte": "A four-byte sequence of GB18030.",
        "hole": "A pair in the rows of GBK that the index does not have.",
        "out-of-place": "A byte that cannot stand where it stands.",
        "overlong": "UTF-8 in more bytes than are needed.",
        "repeated-pair": "A code point with two pairs.",
        "surrogate": "Half of a UTF-16 pair as UTF-8.",
        "unencodable": "A character that GBK does not have.",
      ],
      groups: CharsetUTF8Vectors.groups() + CharsetGBKVectors.groups())
  }

  static func decoded(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    charset: Int64, _ bytes: Bytes, _ text: String
  ) -> VectorTest {
    .valid(
      id: "charset.decode.\(name)", comment: comment, requirements: requirements, flags: flags, capture: capture,
      input: ["charset": .int(charset), "bytes": bytes.json], output: ["text": .string(text)])
  }

  static func malformed(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String], charset: Int64, _ bytes: Bytes,
    offset: Int
  ) -> VectorTest {
    .invalid(
      id: "charset.decode.\(name)", comment: comment, requirements: requirements + ["charset.malformed.offset"],
      flags: flags, input: ["charset": .int(charset), "bytes": bytes.json], error: "malformed", offset: offset)
  }

  static func encoded(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [], charset: Int64,
    _ text: String, _ bytes: Bytes
  ) -> VectorTest {
    .valid(
      id: "charset.encode.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: ["charset": .int(charset), "text": .string(text)], output: ["bytes": bytes.json])
  }

  static func unencodable(
    _ name: String, _ comment: String, flags: [String] = ["unencodable"], _ text: String, offset: Int
  ) -> VectorTest {
    .invalid(
      id: "charset.encode.\(name)", comment: comment,
      requirements: ["charset.unencodable", "charset.unencodable.offset"], flags: flags,
      input: ["charset": 1, "text": .string(text)], error: "unencodable", offset: offset)
  }
}
