import StrictJSON

/// What was expected or answered, as one text: the words of a probe as they are, the JSON of a vector on one line.
enum AnswerText {
  /// The text; nil where there is nothing.
  static func text(_ value: JSONValue) -> String? {
    switch value {
    case .null: nil
    case .string(let text): text.isEmpty ? nil : text
    default: value.line
    }
  }

  /// A step without the folders above those of the probes, which differ from machine to machine.
  static func step(_ step: String) -> String {
    step.firstRange(of: "/probes/").map { "probes/" + step[$0.upperBound...] } ?? step
  }

  /// The place of the first difference of two values: the names on the way to it, and the two values there; nil: they are
  /// equal.
  static func firstDifference(
    _ expected: JSONValue, _ actual: JSONValue, path: String = ""
  ) -> (path: String, expected: JSONValue?, actual: JSONValue?)? {
    if expected == actual { return nil }
    switch (expected, actual) {
    case (.object(let left), .object(let right)):
      for member in left.members {
        let place = path.isEmpty ? member.name : "\(path).\(member.name)"
        guard let other = right[member.name] else { return (place, member.value, nil) }
        if let found = firstDifference(member.value, other, path: place) { return found }
      }
      for member in right.members where left[member.name] == nil {
        return (path.isEmpty ? member.name : "\(path).\(member.name)", nil, member.value)
      }
      return (path, expected, actual)
    case (.array(let left), .array(let right)):
      for (index, pair) in zip(left, right).enumerated() {
        if let found = firstDifference(pair.0, pair.1, path: "\(path)[\(index)]") { return found }
      }
      let count = min(left.count, right.count)
      return (
        "\(path)[\(count)]", left.count > count ? left[count] : nil, right.count > count ? right[count] : nil
      )
    default: return (path, expected, actual)
    }
  }
}
