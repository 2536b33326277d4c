/// Values as scripts write them.
enum ScriptText {
  /// Bytes: as text where they are one, otherwise in hexadecimal.
  static func value(_ bytes: [UInt8], _ charset: TextCharset) -> String {
    if bytes.count > 64, let first = bytes.first, bytes.allSatisfy({ $0 == first }) {
      return "{size: \(bytes.count), fill: \(first)}"
    }
    switch charset {
    case .utf8 where PayloadText.isPlainUTF8(bytes.span.bytes): return quoted(String(decoding: bytes, as: UTF8.self))
    case .gbk:
      if let text = PayloadText.plainGBK(bytes.span.bytes) { return "{text: \(quoted(text)), charset: gbk}" }
    default: break
    }
    let digits = Array("0123456789abcdef".utf8)
    let hex = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return "{hex: \"\(String(decoding: hex, as: UTF8.self))\"}"
  }

  /// A text as YAML in double quotes, in which nothing is a variable.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "$": result += "$$"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value >= 0x20 && scalar.value < 0x7F || scalar.properties.isAlphabetic {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }

  static func mapping(_ fields: [String]) -> String { "{" + fields.joined(separator: ", ") + "}" }
}
