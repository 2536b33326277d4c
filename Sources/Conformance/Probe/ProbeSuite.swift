import FoundationEssentials
package import GoldenVectors
package import StrictJSON
import SystemCrypto

/// The probes of servers, with the catalogue that they exercise.
package struct ProbeSuite: Sendable {
  /// The case that says whether a server serves at all; it is run first and last.
  package static let sanityID = "sanity.service"

  /// Tags that keep a case out of the default run: what it does is not safe for, or takes too long on, a shared server.
  package static let reservedTags: Set<String> = ["resource", "slow"]

  /// The folder of the probe files below the folder of the vectors.
  private static let folder = "probes/server"

  /// The version of the suite, from `version.json`.
  package let version: String

  /// The catalogue.
  package let catalogue: RequirementCatalogue

  /// The files, in the order of their names.
  package let files: [ProbeFile]

  /// The hash that says which probes were run: SHA-256 over the catalogue and each probe file in order of its name: name, a
  /// zero byte, the length of the content as eight bytes with the lowest first, the content. In hexadecimal digits.
  package let hash: String

  /// Every case, its level and class resolved, in the order of the files, the sanity case first.
  package let cases: [ScriptCase]

  /// The sanity case.
  package var sanity: ScriptCase { cases[0] }

  /// Loads the probe files of a data directory, `vectors/probes/server/**.yaml`.
  ///
  /// - Throws: Everything that is wrong with them, with lines and columns; also ids that are there twice, requirements that
  ///   the catalogue lacks, and a missing sanity case.
  package static func load(_ directory: DataDirectory) throws(DataFaults) -> ProbeSuite {
    let root = directory.vectors + "/" + folder
    let names = ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).filter { $0.hasSuffix(".yaml") }
    guard !names.isEmpty else {
      throw DataFaults([
        DataFault(
          file: root, place: "", reason: "there are no probe files",
          remedy: "restore them, or name another folder with --vectors")
      ])
    }
    return try load(directory, files: names.sorted().map { (folder + "/" + $0, root + "/" + $0) })
  }

  /// Loads certain probe files with the catalogue of a data directory.
  ///
  /// - Parameters:
  ///   - directory: Where the catalogue is.
  ///   - files: The name that goes into the hash, and the path, of each.
  package static func load(
    _ directory: DataDirectory, files: [(name: String, path: String)]
  ) throws(DataFaults) -> ProbeSuite {
    let catalogueBytes = try VectorSuite.read(directory, RequirementCatalogue.fileName)
    var catalogue = try RequirementCatalogue.load(catalogueBytes, file: RequirementCatalogue.fileName)
    catalogue.minimums = try VectorSuite.minimums(directory, catalogue: catalogue)
    let manifestBytes = try VectorSuite.read(directory, SuiteManifest.fileName)
    let manifest = try SuiteManifest.load(manifestBytes, file: SuiteManifest.fileName)
    var contents = [(name: RequirementCatalogue.fileName, bytes: catalogueBytes)]
    var texts: [(path: String, text: String)] = []
    for file in files {
      do throws(ScriptFaults) {
        let text = try ScriptFile.content(of: file.path)
        texts.append((file.path, text))
        contents.append((file.name, Array(text.utf8)))
      } catch {
        throw error.asDataFaults
      }
    }
    return try ProbeSuite(version: manifest.suite, catalogue: catalogue, texts: texts, hash: hash(of: contents))
  }

  /// Reads probe files.
  ///
  /// - Parameters:
  ///   - version: The version of the suite.
  ///   - catalogue: The requirements that the cases may name.
  ///   - texts: Path and content of each file.
  ///   - hash: What ``hash`` says.
  package init(
    version: String, catalogue: RequirementCatalogue, texts: [(path: String, text: String)], hash: String
  ) throws(DataFaults) {
    var faults: [DataFault] = []
    var files: [ProbeFile] = []
    var cases: [ScriptCase] = []
    var places: [String: String] = [:]
    for (path, text) in texts {
      do throws(ScriptFaults) {
        guard case .probes(let file) = try ScriptFile.parse(text, file: path) else {
          faults.append(
            DataFault(file: path, place: "", reason: "this is no probe file", remedy: "write a list of cases"))
          continue
        }
        files.append(file)
        for script in file.cases {
          let place = "\(path):\(script.place)"
          if let first = places[script.id] {
            faults.append(
              DataFault(
                file: place, place: "", reason: "the id \(script.id) is there twice, first at \(first)",
                remedy: "give each case an id of its own"))
            continue
          }
          places[script.id] = place
          do throws(ScriptFaults) { cases.append(try script.resolved(in: catalogue)) } catch {
            faults += error.asDataFaults.faults
          }
        }
      } catch {
        faults += error.asDataFaults.faults
      }
    }
    let sanity = cases.firstIndex { $0.id == Self.sanityID }
    if let sanity {
      cases.insert(cases.remove(at: sanity), at: 0)
    } else if faults.isEmpty {
      faults.append(
        DataFault(
          file: texts.first?.path ?? Self.folder, place: "", reason: "there is no case \(Self.sanityID)",
          remedy: "restore vectors/probes/server/sanity.yaml"))
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    self.version = version
    self.catalogue = catalogue
    self.files = files
    self.cases = cases
    self.hash = hash
  }

  private static func hash(of contents: [(name: String, bytes: [UInt8])]) -> String {
    var hash = SHA256()
    for (name, bytes) in contents {
      hash.update(Array(name.utf8) + [0] + Bytes.le64(UInt64(bytes.count)).array)
      hash.update(bytes)
    }
    return Bytes(hash.digest()).hex
  }
}

extension ScriptFaults {
  /// The same as faults of data: the place is part of the file's name, as editors like it.
  package var asDataFaults: DataFaults {
    DataFaults(
      faults.map { DataFault(file: "\($0.file):\($0.place)", place: "", reason: $0.reason, remedy: $0.remedy) })
  }
}
