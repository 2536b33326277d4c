import FoundationEssentials
package import StrictJSON

/// All vectors with the catalogue that they exercise.
package struct VectorSuite: Sendable {
  /// One test with what surrounds it.
  package struct Case: Sendable {
    /// The area of its file.
    package let area: String

    /// The operation that it asks for.
    package let operation: Operation

    /// The test.
    package let test: VectorTest

    /// A case from its parts.
    package init(area: String, operation: Operation, test: VectorTest) {
      self.area = area
      self.operation = operation
      self.test = test
    }
  }

  /// The version of the suite, from `version.json`.
  package let version: String

  /// The catalogue.
  package let catalogue: RequirementCatalogue

  /// The files, in the order of `version.json`.
  package let files: [VectorFile]

  /// The vector files byte for byte, by name, for the hash of the suite.
  package let contents: [(name: String, bytes: [UInt8])]

  /// Every test, in the order of the files.
  package var cases: [Case] {
    files.flatMap { file in
      file.groups.flatMap { group in
        group.tests.map { Case(area: file.area, operation: group.operation, test: $0) }
      }
    }
  }

  /// How many tests there are.
  package var testCount: Int { files.reduce(0) { $0 + $1.testCount } }
}

/// `version.json`: the version of the suite, and how many tests each area has.
package struct SuiteManifest: Hashable, Sendable {
  /// The name of the file.
  package static let fileName = "version.json"

  /// The version of the suite that this code makes and speaks. It changes with every release that changes what a vector asks
  /// for or expects.
  package static let currentVersion = "0.1.0"

  /// The version of the layout of the data files.
  package static let format: Int64 = 1

  /// The version of the suite.
  package let suite: String

  /// The areas in order, with the number of tests that each declares.
  package let areas: [(name: String, tests: Int64)]

  /// A manifest from its parts.
  package init(suite: String, areas: [(name: String, tests: Int64)]) {
    self.suite = suite
    self.areas = areas
  }

  /// The content of the file.
  package var json: JSONValue {
    var tests = JSONObject()
    for area in areas { tests[area.name] = .int(area.tests) }
    return ["format": .int(Self.format), "suite": .string(suite), "tests": .object(tests)]
  }

  private static let shape = Shape.object([
    .required("format", .integer(format...format)), .required("suite", .text), .required("tests", .map(.natural)),
  ])

  /// Reads the file strictly.
  package static func load(_ bytes: [UInt8], file: String) throws(DataFaults) -> SuiteManifest {
    let value = try JSONValue.strict(bytes, shape: shape, file: file)
    let members = value["tests"]?.objectValue?.members ?? []
    return SuiteManifest(
      suite: value["suite"]?.stringValue ?? "", areas: members.map { ($0.name, $0.value.intValue ?? 0) })
  }

  /// Whether both say the same.
  package static func == (left: SuiteManifest, right: SuiteManifest) -> Bool { left.json == right.json }

  /// Hashes what `==` compares.
  package func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

extension VectorSuite {
  /// Files beside the vectors that are none.
  package static let companions = [
    SuiteManifest.fileName, RequirementCatalogue.fileName, "schema.json", "adapter.schema.json", "report.schema.json",
    "requirements.schema.json", ClassMinimums.fileName,
  ]

  /// Loads everything below a data directory, strictly. All faults of all files are told at once.
  package static func load(_ directory: DataDirectory) throws(DataFaults) -> VectorSuite {
    let manifest = try SuiteManifest.load(read(directory, SuiteManifest.fileName), file: path(SuiteManifest.fileName))
    var catalogue = try RequirementCatalogue.load(
      read(directory, RequirementCatalogue.fileName), file: path(RequirementCatalogue.fileName))
    catalogue.minimums = try minimums(directory, catalogue: catalogue)
    var faults: [DataFault] = []
    var files: [VectorFile] = []
    var contents: [(name: String, bytes: [UInt8])] = []
    for area in manifest.areas {
      let name = area.name + ".json"
      do throws(DataFaults) {
        let bytes = try read(directory, name)
        let file = try VectorFile.load(bytes, file: path(name), area: area.name, catalogue: catalogue)
        if file.testCount != area.tests {
          faults.append(
            DataFault(
              file: path(name), place: "",
              reason: "it has \(file.testCount) tests, \(SuiteManifest.fileName) declares \(area.tests)",
              remedy: "run make vectors"))
        }
        files.append(file)
        contents.append((name, bytes))
      } catch {
        faults += error.faults
      }
    }
    faults += repeatedIDs(files) + undeclaredFiles(directory, manifest)
    guard faults.isEmpty else { throw DataFaults(faults) }
    return VectorSuite(version: manifest.suite, catalogue: catalogue, files: files, contents: contents)
  }

  /// What the conformance classes ask to be shown; nothing where a folder of somebody's own does not say.
  package static func minimums(
    _ directory: DataDirectory, catalogue: RequirementCatalogue
  ) throws(DataFaults) -> ClassMinimums {
    let name = ClassMinimums.fileName
    guard FileManager.default.fileExists(atPath: directory.vectors + "/" + name) else { return ClassMinimums() }
    return try ClassMinimums.load(read(directory, name), file: path(name), catalogue: catalogue)
  }

  /// Reads a file of the vectors folder.
  package static func read(_ directory: DataDirectory, _ name: String) throws(DataFaults) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: directory.vectors + "/" + name)))
    } catch {
      throw DataFaults([
        DataFault(
          file: directory.vectors + "/" + name, place: "", reason: "the file cannot be read",
          remedy: "restore it, or name another folder with --vectors")
      ])
    }
  }

  private static func path(_ name: String) -> String { "vectors/" + name }

  private static func repeatedIDs(_ files: [VectorFile]) -> [DataFault] {
    var owners: [String: String] = [:]
    var faults: [DataFault] = []
    for file in files {
      for (index, group) in file.groups.enumerated() {
        for (number, test) in group.tests.enumerated() {
          if let owner = owners[test.id], owner != file.area {
            faults.append(
              DataFault(
                file: path(file.area + ".json"), place: "groups[\(index)].tests[\(number)].id",
                reason: "the id \"\(test.id)\" is also in \(owner).json", remedy: "rename one of the tests"))
          }
          owners[test.id] = file.area
        }
      }
    }
    return faults
  }

  private static func undeclaredFiles(_ directory: DataDirectory, _ manifest: SuiteManifest) -> [DataFault] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.vectors)) ?? []
    let known = Set(companions + manifest.areas.map { $0.name + ".json" })
    return names.filter { $0.hasSuffix(".json") && !known.contains($0) }.sorted().map {
      DataFault(
        file: path($0), place: "", reason: "\(SuiteManifest.fileName) does not name this file",
        remedy: "remove it, or run make vectors")
    }
  }
}
