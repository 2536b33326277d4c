import FoundationEssentials
package import StrictJSON

/// The folder that holds `vectors/` and the other data of an installation or a checkout.
package struct DataDirectory: Hashable, Sendable {
  /// The path of the folder.
  package let path: String

  /// The folder with the vectors, the catalogue and their schemas.
  package let vectors: String

  /// Takes a folder as it is.
  package init(path: String) {
    self.path = path
    vectors = path + "/vectors"
  }

  /// Takes a folder of vectors that may have another name.
  private init(vectors: String) {
    path = vectors.contains("/") ? Self.parent(of: vectors) : "."
    self.vectors = vectors
  }

  /// The folder with the shipped captures.
  package var captures: String { path + "/captures" }

  /// What makes a folder a data directory.
  private static let marker = "vectors/version.json"

  /// Where to look, each nil or empty where there is nothing.
  package struct Surroundings: Sendable {
    /// What the user named: a data directory, or its `vectors` folder.
    package var explicit: String?

    /// The environment variable `WIREPROOF_DATA`.
    package var environment: String?

    /// The path of the running executable.
    package var executable: String?

    /// The working directory.
    package var workingDirectory: String

    /// Surroundings from their parts.
    package init(explicit: String?, environment: String?, executable: String?, workingDirectory: String) {
      self.explicit = explicit
      self.environment = environment
      self.executable = executable
      self.workingDirectory = workingDirectory
    }

    /// The surroundings of this process.
    package static func ofProcess(explicit: String?) -> Surroundings {
      let process = ProcessInfo.processInfo
      let itself = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return Surroundings(
        explicit: explicit, environment: process.environment["WIREPROOF_DATA"],
        executable: itself ?? process.arguments.first, workingDirectory: FileManager.default.currentDirectoryPath)
    }
  }

  /// Finds the data: what the user named, else `WIREPROOF_DATA`, else `../share/wireproof` beside the executable, else a
  /// folder above the executable, else one above the working directory. What is named and does not hold the data is an
  /// error; nothing else is tried then.
  package static func locate(_ surroundings: Surroundings) throws(DataFaults) -> DataDirectory {
    if let explicit = surroundings.explicit {
      return try named(explicit, remedy: "name a folder that has version.json and the vector files")
    }
    if let environment = surroundings.environment, !environment.isEmpty {
      return try named(environment, remedy: "set WIREPROOF_DATA to a folder that has \(marker), or unset it")
    }
    var candidates: [String] = []
    if let executable = surroundings.executable {
      let folder = parent(of: absolute(executable, from: surroundings.workingDirectory))
      candidates.append(parent(of: folder) + "/share/wireproof")
      candidates += ancestors(of: folder)
    }
    candidates += ancestors(of: surroundings.workingDirectory)
    if let found = candidates.first(where: isDataDirectory) { return DataDirectory(path: found) }
    throw DataFaults([
      DataFault(
        file: marker, place: "", reason: "no such file beside the executable, above it or above the working directory",
        remedy: "name the folder with --vectors, or set WIREPROOF_DATA")
    ])
  }

  private static func named(_ path: String, remedy: String) throws(DataFaults) -> DataDirectory {
    let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if isDataDirectory(folder) { return DataDirectory(path: folder) }
    if FileManager.default.fileExists(atPath: folder + "/version.json") { return DataDirectory(vectors: folder) }
    throw DataFaults([DataFault(file: path, place: "", reason: "there are no vectors here", remedy: remedy)])
  }

  private static func isDataDirectory(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + marker)
  }

  private static func absolute(_ path: String, from directory: String) -> String {
    path.hasPrefix("/") ? path : directory + "/" + path
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// The folder itself and all above it, the nearest first.
  private static func ancestors(of path: String) -> [String] {
    var found = [path]
    while let last = found.last, last != "/", last.hasPrefix("/") { found.append(parent(of: last)) }
    return found
  }
}
