/// Reading of data files: JSON that has to have a shape.
extension JSONValue {
  /// Parses the text and holds it against the shape.
  ///
  /// - Parameters:
  ///   - bytes: The content of the file.
  ///   - shape: What it has to look like.
  ///   - file: How messages name the file.
  package static func strict(_ bytes: [UInt8], shape: Shape, file: String) throws(DataFaults) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONParser.parse(bytes)
    } catch {
      throw DataFaults([
        DataFault(
          file: file, place: "\(error.line):\(error.column)", reason: error.reason, remedy: "mend the JSON there")
      ])
    }
    let mismatches = shape.mismatches(of: value, at: "")
    guard mismatches.isEmpty else {
      throw DataFaults(
        mismatches.map { DataFault(file: file, place: $0.place, reason: $0.reason, remedy: $0.remedy) })
    }
    return value
  }
}
