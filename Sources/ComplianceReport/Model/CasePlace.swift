/// Where a case is written.
package struct CasePlace: Hashable, Sendable {
  /// The file, from the folder of the data on.
  package let file: String

  /// The line, from 1.
  package let line: Int

  /// A place.
  package init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// The lines of a vector file on which its tests have their ids, by id.
  package static func lines(ofIdentifiersIn bytes: [UInt8]) -> [(id: String, line: Int)] {
    let key = Array("\"id\":".utf8)
    var found: [(id: String, line: Int)] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard let range = line.firstRange(of: key) else { continue }
      let value = line[range.upperBound...].drop { $0 == UInt8(ascii: " ") }
      guard value.first == UInt8(ascii: "\"") else { continue }
      found.append((String(decoding: value.dropFirst().prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self), index + 1))
    }
    return found
  }
}
