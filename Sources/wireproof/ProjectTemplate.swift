import ArgumentParser
import GoldenVectors

/// A project to begin with, whose files are data: those that all of its kind have, those of the language, and those of
/// `adapters` that the language's list of sources names.
protocol ProjectTemplate: CaseIterable, ExpressibleByArgument, RawRepresentable where RawValue == String {
  /// What is written, and the folder of the data below `adapters/init`.
  static var kind: String { get }

  /// The language, and the library that people use in it.
  var title: String { get }
}

extension ProjectTemplate {
  /// A language a line, for help.
  static var titles: String {
    allCases.map { "\($0.rawValue): \($0.title)" }.joined(separator: "\n")
  }

  /// Writes the project.
  ///
  /// - Parameters:
  ///   - folder: Where to; made if need be, with the folders above it.
  ///   - data: Where the templates are.
  /// - Returns: The files, by their paths in the folder, in order.
  /// - Throws: ``SetupFault`` where the folder holds something or cannot be written.
  func write(to folder: String, from data: DataDirectory) throws -> [String] {
    let files = try ProjectFiles(of: self, in: data.path + "/adapters")
    try files.write(to: folder)
    return files.paths
  }
}
