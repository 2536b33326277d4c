import Negotiation

/// The head of a request as text, for servers that read it wrongly.
extension String {
  /// The value of the first field of a name, which is in lower case here.
  func field(_ name: String) -> String? {
    for line in split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == name { return String(parts[1].drop(while: { $0 == " " })) }
    }
    return nil
  }

  /// Gives a field one value; nil: takes it out.
  mutating func setField(_ name: String, _ value: String?) {
    var lines = split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeAll { line in
      guard let colon = line.firstIndex(of: ":") else { return false }
      return line[..<colon].lowercased() == name.lowercased()
    }
    if let value { lines.insert("\(name): \(value)", at: Swift.min(1, lines.count)) }
    self = lines.joined(separator: "\r\n")
  }

  /// Changes the value of a field, where it is there.
  mutating func changeField(_ name: String, _ change: (String) -> String) {
    if let value = field(name) { setField(name, change(value)) }
  }

  /// Changes the query of the request line, where there is one.
  mutating func changeQuery(_ change: (String) -> String) {
    guard let end = firstRange(of: " HTTP/")?.lowerBound, let mark = self[..<end].firstIndex(of: "?") else { return }
    let start = index(after: mark)
    replaceSubrange(start..<end, with: change(String(self[start..<end])))
  }
}

extension UpgradeResponse {
  /// The same with one value of a field, in the field's place; nil: without the field.
  ///
  /// With the value that it has already it is equal to what it was: a fault that changes nothing has not been shown.
  func with(_ name: String, _ value: String?) -> UpgradeResponse {
    var changed = fields.filter { $0.name.lowercased() != name.lowercased() }
    if let value {
      let place = fields.firstIndex { $0.name.lowercased() == name.lowercased() }
      changed.insert(HTTPField(place.map { fields[$0].name } ?? name, value), at: place ?? changed.endIndex)
    }
    return UpgradeResponse(status: status, fields: changed, body: body)
  }

  /// The same with another body.
  func rewritten(_ change: (String) -> String) -> UpgradeResponse {
    let body = Array(change(String(decoding: body, as: UTF8.self)).utf8)
    return UpgradeResponse(status: status, fields: fields, body: body).with("Content-Length", String(body.count))
  }
}
