package import StrictJSON

/// Where something stands in a file. Lines and columns count from 1, columns in Unicode scalars.
package struct SourcePlace: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The line.
  package let line: Int

  /// The column.
  package let column: Int

  /// A place.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The beginning of a file.
  package static let start = SourcePlace(line: 1, column: 1)

  /// `line:column`.
  package var description: String { "\(line):\(column)" }

  /// Orders places from the beginning of the file to its end.
  package static func < (left: SourcePlace, right: SourcePlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// One thing that is wrong with a script: where, what, and what to do.
package struct ScriptFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  package let file: String

  /// Where in it.
  package let place: SourcePlace

  /// What is wrong.
  package let reason: String

  /// What to do.
  package let remedy: String

  /// A fault from its parts.
  package init(file: String, place: SourcePlace, reason: String, remedy: String) {
    self.file = file
    self.place = place
    self.reason = reason
    self.remedy = remedy
  }

  /// One line: `file:line:column: reason; remedy`.
  package var description: String { "\(file):\(place): \(reason); \(remedy)" }
}

/// Everything that is wrong with a script, in the order of the file; never empty.
package struct ScriptFaults: Error, Hashable, Sendable, CustomStringConvertible {
  /// The faults.
  package let faults: [ScriptFault]

  /// Wraps faults and sorts them by place.
  package init(_ faults: [ScriptFault]) {
    self.faults = faults.sorted { ($0.file, $0.place) < ($1.file, $1.place) }
  }

  /// The same as faults of data: the place is part of the file's name, as editors like it.
  package var asDataFaults: DataFaults {
    DataFaults(
      faults.map { DataFault(file: "\($0.file):\($0.place)", place: "", reason: $0.reason, remedy: $0.remedy) })
  }

  /// One line a fault, at most twenty and the number of the others.
  package var description: String { asDataFaults.description }
}
