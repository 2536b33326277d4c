import Glibc

/// A file that cannot be read or written.
package struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  package let path: String

  /// What is wrong with it, for people.
  package let reason: String

  /// The system's error number; 0 where it is not the system that refuses.
  package let errorNumber: Int32

  /// The file and what is wrong with it.
  package var description: String { "\(path.isEmpty ? "\"\"" : path): \(reason)" }

  /// A fault that the product finds itself.
  package init(path: String, reason: String, errorNumber: Int32 = 0) {
    self.path = path
    self.reason = reason
    self.errorNumber = errorNumber
  }

  /// A fault that the system names.
  ///
  /// - Parameters:
  ///   - verb: What cannot be done, as in "cannot be written".
  ///   - number: The error number.
  static func system(_ path: String, _ verb: String, _ number: Int32) -> FileFault {
    FileFault(path: path, reason: "\(verb): \(String(cString: strerror(number)))", errorNumber: number)
  }
}
