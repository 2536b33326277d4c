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

  /// The characters that people know by a name keep it; the others show their number.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}
