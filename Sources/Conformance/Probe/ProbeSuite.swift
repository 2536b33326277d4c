import FoundationEssentials
package import GoldenVectors
package import Specification
package import StrictJSON
import SystemCrypto

/// The probes of servers, or those of clients, with the catalogue that they exercise.
package struct ProbeSuite: Sendable {
  /// The side that is probed.
  package let role: PeerRole

  /// The case that says whether a peer serves at all; it is run first and last.
  package static func sanityID(_ role: PeerRole) -> String {
    role == .server ? "sanity.service" : "client-sanity.service"
  }

  /// Tags that keep a case out of the default run: what it does is not safe for, or takes too long on, a shared server.
  package static let reservedTags: Set<String> = ["resource", "slow"]

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

  /// Loads the probe files of a data directory, `vectors/probes/server/**.yaml` or `vectors/probes/client/**.yaml`.
  ///
  /// - Parameters:
  ///   - directory: Where they are.
  ///   - role: The side that is probed.
  /// - Throws: Everything that is wrong with them, with lines and columns; also ids that are there twice, requirements that
  ///   the catalogue lacks, and a missing sanity case.
  package static func load(_ directory: DataDirectory, role: PeerRole = .server) throws(DataFaults) -> ProbeSuite {
    let folder = "probes/\(role.rawValue)"
    let root = directory.vectors + "/" + folder
    let names = ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).filter { $0.hasSuffix(".yaml") }
    guard !names.isEmpty else {
      throw DataFaults([
        DataFault(
          file: root, place: "", reason: "there are no probe files",
          remedy: "restore them, or name another folder with --vectors")
      ])
    }
    return try load(directory, role: role, files: names.sorted().map { (folder + "/" + $0, root + "/" + $0) })
  }

  /// Loads certain probe files with the catalogue of a data directory.
  ///
  /// - Parameters:
  ///   - directory: Where the catalogue is.
  ///   - role: The side that is probed.
  ///   - files: The name that goes into the hash, and the path, of each.
  package static func load(
    _ directory: DataDirectory, role: PeerRole = .server, files: [(name: String, path: String)]
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
    return try ProbeSuite(
      version: manifest.suite, role: role, catalogue: catalogue, texts: texts, hash: hash(of: contents))
  }

  /// Reads probe files.
  ///
  /// - Parameters:
  ///   - version: The version of the suite.
  ///   - role: The side that is probed; the engine plays the other one.
  ///   - catalogue: The requirements that the cases may name.
  ///   - texts: Path and content of each file.
  ///   - hash: What ``hash`` says.
  package init(
    version: String, role: PeerRole = .server, catalogue: RequirementCatalogue, texts: [(path: String, text: String)],
    hash: String
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
          guard script.role == role.peer else {
            faults.append(
              DataFault(
                file: place, place: "", reason: "the case \(script.id) plays the \(script.role), which is probed here",
                remedy: "write role: \(role.peer) at the top of the file"))
            continue
          }
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
    let sanity = cases.firstIndex { $0.id == Self.sanityID(role) }
    if let sanity {
      cases.insert(cases.remove(at: sanity), at: 0)
    } else if faults.isEmpty {
      faults.append(
        DataFault(
          file: texts.first?.path ?? "probes/\(role.rawValue)", place: "",
          reason: "there is no case \(Self.sanityID(role))",
          remedy: "restore vectors/probes/\(role.rawValue)/sanity.yaml"))
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    self.version = version
    self.role = role
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
