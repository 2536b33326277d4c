import StrictJSON
import SystemFiles

/// Files that a command reads, which its output must not be: what they hold would be lost before it is read, or behind it.
enum SparedFiles {
  /// Before anything is read or written: says so where an output is one of them, also by another name.
  ///
  /// - Parameters:
  ///   - output: Where is to be written; nil: nowhere, or to standard output.
  ///   - option: What the user calls that.
  ///   - inputs: What is read; names that are no files, or nil, count for nothing.
  static func ensure(_ output: String?, option: String = "--output", spares inputs: [String?]) throws {
    // A device or a pipe keeps nothing that could be written over.
    guard let output, let target = FileIdentity(output: output), target.isRegular else { return }
    for input in inputs {
      guard let input, let identity = try? FileIdentity(input: input), identity == target else { continue }
      throw DataFaults(
        FileFault(path: output, reason: "is one of the files that are read"), remedy: "name another one with \(option)")
    }
  }
}
