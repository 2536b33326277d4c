import FoundationEssentials
package import StrictJSON
import SystemFiles

/// Writing of vector files.
package enum VectorStore {
  /// Names of the files that every copy holds besides the generated ones.
  private static let handWritten = [RequirementCatalogue.fileName, "msg.proto"]

  /// Writes the generated files into a folder, and removes none.
  ///
  /// - Parameters:
  ///   - contents: The files by name.
  ///   - folder: The `vectors` folder.
  /// - Returns: The names of the files that changed.
  package static func write(
    _ contents: [(name: String, text: String)], to folder: String
  ) throws(DataFaults) -> [String] {
    var changed: [String] = []
    for (name, text) in contents {
      let url = URL(filePath: folder + "/" + name)
      if let old = try? Data(contentsOf: url), Array(old) == Array(text.utf8) { continue }
      try write(Array(text.utf8), to: folder + "/" + name)
      changed.append(name)
    }
    return changed
  }

  /// The names of the generated files that a folder lacks or has in another form.
  package static func stale(_ contents: [(name: String, text: String)], in folder: String) -> [String] {
    contents.filter { name, text in
      (try? Data(contentsOf: URL(filePath: folder + "/" + name))).map(Array.init) != Array(text.utf8)
    }.map(\.name)
  }

  /// Copies the vectors, the catalogue, the schemas and `msg.proto` into a folder, which is made if it is not there.
  ///
  /// - Returns: How many files were copied.
  package static func copy(_ suite: VectorSuite, from directory: DataDirectory, to folder: String) throws(DataFaults)
    -> Int
  {
    do throws(FileFault) { try OutputFolder.make(folder) } catch {
      throw DataFaults(error, remedy: "name one that you may write")
    }
    let names =
      [SuiteManifest.fileName, Checksums.fileName] + suite.contents.map(\.name)
      + PublishedSchema.allCases.map(\.rawValue) + handWritten
    for name in names {
      let bytes = try VectorSuite.read(directory, name)
      try write(bytes, to: folder + "/" + name)
    }
    return names.count
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(DataFaults) {
    do throws(FileFault) { try OutputFile.write(bytes, to: path) } catch {
      throw DataFaults(error, remedy: "name a folder that you may write")
    }
  }
}
