import Specification

/// Text from outside, made fit for a terminal and a log.
package enum TerminalText {
  /// Bytes of any origin as one line of printable ASCII and `\xNN`, at most `limit` bytes of them.
  package static func escaped(_ bytes: some Collection<UInt8>, limit: Int = 200) -> String {
    var text = ""
    for byte in bytes.prefix(limit) {
      switch byte {
      case UInt8(ascii: "\\"): text += "\\\\"
      case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "\n"): text += "\\n"
      case UInt8(ascii: "\r"): text += "\\r"
      case UInt8(ascii: "\t"): text += "\\t"
      default:
        let digits = String(byte, radix: 16)
        text += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return bytes.count > limit ? text + "… (\(bytes.count) bytes)" : text
  }

  /// A text of any origin, in full, with its unseen characters written out (``InertText``).
  package static func printable(_ text: String) -> String {
    InertText.visible(text, limit: .max)
  }

  /// The text, or its beginning and how long it is.
  package static func abridged(_ text: String, to limit: Int) -> String {
    text.count <= limit ? text : "\(text.prefix(limit))… (\(text.count) characters)"
  }
}
