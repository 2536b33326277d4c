import Specification
package import SystemFiles

/// One thing that is wrong with a data file: where, what, and what to do.
package struct DataFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as the user knows it.
  package let file: String

  /// The place in it: a path such as `groups[2].tests[5].flags[0]`, a line and column, or "" for the whole file.
  package let place: String

  /// What is wrong.
  package let reason: String

  /// What to do.
  package let remedy: String

  /// A fault from its parts.
  package init(file: String, place: String, reason: String, remedy: String) {
    self.file = file
    self.place = place
    self.reason = reason
    self.remedy = remedy
  }

  /// One line: `file: place: reason; remedy`. What the file itself wrote, such as the name of a member, is inert.
  package var description: String {
    let location = place.isEmpty ? file : "\(file): \(place)"
    return InertText.whole("\(location): \(reason); \(remedy)")
  }
}

/// Everything that is wrong with what was to be loaded; never empty.
package struct DataFaults: Error, Hashable, Sendable, CustomStringConvertible {
  /// How many faults are told before the rest is only counted.
  private static let told = 20

  /// How many are looked for where more would only cost time: a file of a million wrong keys costs no more than one of a thousand.
  package static let maximum = 1000

  /// The faults, in the order of the files.
  package let faults: [DataFault]

  /// Wraps faults.
  package init(_ faults: [DataFault]) {
    self.faults = faults
  }

  /// One line a fault, at most twenty and the number of the others.
  package var description: String {
    var lines = faults.prefix(Self.told).map(\.description)
    if faults.count > Self.told {
      lines.append("and \(faults.count >= Self.maximum ? "at least " : "")\(faults.count - Self.told) more faults")
    }
    return lines.joined(separator: "\n")
  }
}

extension DataFaults {
  /// A file that cannot be read or written.
  ///
  /// - Parameter remedy: What to do.
  package init(_ fault: FileFault, remedy: String) {
    self.init([DataFault(file: fault.path, place: "", reason: fault.reason, remedy: remedy)])
  }
}
