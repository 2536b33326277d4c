/// Text from outside, made fit to be shown: what it cannot do any more is move a cursor, change the direction of what
/// stands around it, hide, or fill a page.
package enum InertText {
  /// How many characters of one text are shown where nothing else is said.
  package static let limit = 4096

  /// The text with every unseen character (``Swift/Unicode/Scalar/isUnseen``) written as `\u{…}`, line breaks and tabs as
  /// `\n`, `\r` and `\t`. What is longer than the limit is cut, and the text says so.
  ///
  /// - Parameters:
  ///   - text: The text, of any origin and length.
  ///   - limit: How many Unicode scalars are kept.
  ///   - keepsLines: Whether line feeds and tabs stay as they are.
  package static func visible(_ text: String, limit: Int = limit, keepsLines: Bool = false) -> String {
    let scalars = text.unicodeScalars
    var shown = ""
    shown.reserveCapacity(min(text.utf8.count, limit))
    var count = 0
    for scalar in scalars {
      guard count < limit else { return shown + "… (cut here: \(text.utf8.count) bytes in all)" }
      count += 1
      if keepsLines, scalar == "\n" || scalar == "\t" {
        shown.unicodeScalars.append(scalar)
      } else if scalar.isUnseen {
        shown += escape(scalar)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// A text of any origin in full, its unseen characters written out.
  package static func whole(_ text: String) -> String { visible(text, limit: .max) }

  /// Bytes of any origin as one line of printable ASCII and `\xNN`, at most `limit` bytes of them. A backslash is doubled, so that
  /// what was sent can be told from what is written for it.
  package static func ascii(_ bytes: some Collection<UInt8>, limit: Int = 200) -> String {
    var text = ""
    for byte in bytes.prefix(limit) {
      switch byte {
      case UInt8(ascii: "\\"): text += "\\\\"
      case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): text += escape(Unicode.Scalar(byte))
      default: text += "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return bytes.count > limit ? text + "… (\(bytes.count) bytes)" : text
  }

  /// The text, or its beginning and how long it is.
  package static func abridged(_ text: String, to limit: Int) -> String {
    text.count <= limit ? text : "\(text.prefix(limit))… (\(text.count) characters)"
  }

  /// An unseen character written out: those that people know by a name keep it, the others show their number.
  package static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}
