import FoundationEssentials

/// Paths that mean the same in every folder.
enum AbsolutePath {
  /// The folder in which the command was given.
  static var folder: String { FileManager.default.currentDirectoryPath }

  /// This program.
  static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? of(CommandLine.arguments[0])
  }

  /// A path as seen from the root.
  static func of(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }

  /// A path as seen from the root where there is such a file, else the word as it is.
  static func ifPresent(_ word: String) -> String { FileManager.default.fileExists(atPath: word) ? of(word) : word }
}
