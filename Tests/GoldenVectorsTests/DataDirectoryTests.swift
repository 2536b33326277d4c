import FoundationEssentials
import GoldenVectors
import StrictJSON
import Testing

@Suite("Where the data is found")
struct DataDirectoryTests {
  /// Makes folders that hold vectors, runs the body with their parent, and removes them.
  private func withTree(_ folders: [String], _ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    for folder in folders {
      let path = root + "/" + folder + "/vectors"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data("{}".utf8).write(to: URL(filePath: path + "/version.json"))
    }
    try body(root)
  }

  private func surroundings(
    explicit: String? = nil, environment: String? = nil, executable: String? = nil, workingDirectory: String = "/"
  ) -> DataDirectory.Surroundings {
    .init(explicit: explicit, environment: environment, executable: executable, workingDirectory: workingDirectory)
  }

  @Test("What is named comes first, then the environment, the installation, the checkout, the working directory")
  func order() throws {
    try withTree(["named", "environment", "prefix/share/wireproof", "checkout", "job"]) { root throws in
      var place = surroundings(
        explicit: root + "/named", environment: root + "/environment", executable: root + "/prefix/bin/wireproof",
        workingDirectory: root + "/job/a/b")
      #expect(try DataDirectory.locate(place).path == root + "/named")
      place.explicit = nil
      #expect(try DataDirectory.locate(place).path == root + "/environment")
      place.environment = nil
      #expect(try DataDirectory.locate(place).path == root + "/prefix/share/wireproof")
      place.executable = root + "/checkout/.build/release/wireproof"
      #expect(try DataDirectory.locate(place).path == root + "/checkout")
      place.executable = nil
      #expect(try DataDirectory.locate(place).path == root + "/job")
      #expect(try DataDirectory.locate(place).vectors == root + "/job/vectors")
    }
  }

  @Test("The folder of the vectors may be named as well, whatever it is called")
  func vectorsFolder() throws {
    try withTree(["a"]) { root throws in
      #expect(try DataDirectory.locate(surroundings(explicit: root + "/a/vectors/")).vectors == root + "/a/vectors")
      try FileManager.default.moveItem(atPath: root + "/a/vectors", toPath: root + "/a/other")
      #expect(try DataDirectory.locate(surroundings(explicit: root + "/a/other")).vectors == root + "/a/other")
    }
  }

  @Test("What is named and holds no vectors is told; nothing else is tried")
  func named() throws {
    try withTree(["a"]) { root throws in
      #expect(throws: DataFaults.self) {
        try DataDirectory.locate(surroundings(explicit: root + "/b", workingDirectory: root + "/a"))
      }
      #expect(throws: DataFaults.self) {
        try DataDirectory.locate(surroundings(environment: root + "/b", workingDirectory: root + "/a"))
      }
    }
  }

  @Test("Where nothing is found the message says what to do")
  func nowhere() throws {
    try withTree([]) { root throws in
      let faults = try #require(throws: DataFaults.self) {
        try DataDirectory.locate(surroundings(executable: root + "/bin/x", workingDirectory: root))
      }
      #expect(faults.description.contains("--vectors"))
    }
  }
}
