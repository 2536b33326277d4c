import Negotiation

/// The head of an upgrade request or its answer as lines that can be changed, right or wrong.
struct UpgradeHead: Sendable {
  /// The first line.
  var startLine: String

  /// The fields in order.
  var fields: [(name: String, value: String)]

  /// Takes a head apart that was written by the rules, with its empty line.
  init(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
    startLine = lines.first.map(String.init) ?? ""
    fields = lines.dropFirst().compactMap { line in
      line.firstIndex(of: ":").map { colon in
        (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
      }
    }
  }

  /// Sets a field: the first of that name is replaced where it stands, others are removed; a new one comes last.
  ///
  /// - Parameter values: One field each; none removes the field.
  mutating func set(_ name: String, _ values: [String]) {
    func isNamed(_ field: (name: String, value: String)) -> Bool { field.name.lowercased() == name.lowercased() }
    let position = fields.firstIndex(where: isNamed) ?? fields.count
    fields.removeAll(where: isNamed)
    fields.insert(contentsOf: values.map { (name, $0) }, at: min(position, fields.count))
  }

  /// The bytes, with the empty line. Nothing is checked.
  var bytes: [UInt8] {
    var text = startLine + "\r\n"
    for field in fields { text += "\(field.name): \(field.value)\r\n" }
    return Array((text + "\r\n").utf8)
  }
}

/// Makes the query of an upgrade request.
enum UpgradeQuery {
  /// Pairs as a query, escaped.
  static func text(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
  }

  /// A text as a value in a query, as the codec escapes it.
  private static func escaped(_ text: String) -> String {
    // The codec writes whole queries only; the text is its first value.
    let query = ConnectionMetadata(uid: text).query
    return String(decoding: query.dropFirst("uid=".utf8.count).prefix { $0 != UInt8(ascii: "&") }, as: UTF8.self)
  }
}
