import Foundation
import Testing

/// `init`: what is written, what is said, and what is left alone.
@Suite("Projects to begin with") struct InitCommandTests {
  private static let languages = ["go", "go-goutils", "node", "python", "cpp", "java", "swift"]
  private static let clients = ["go", "javascript", "typescript", "python", "cpp"]

  /// A folder that is not there yet, below one that is removed behind the test.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let above = FileManager.default.temporaryDirectory.appending(path: "wireproof init \(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: above) }
    try body(above + "/a server")
  }

  @Test(
    "Each language has a Makefile, a profile, a workflow and its code, and the next two commands are said",
    arguments: languages)
  func written(_ language: String) throws {
    try Self.withFolder { folder in
      let outcome = try Executable.run(["init", "server", language, folder])
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.output.hasSuffix("Next:\n  cd '\(folder)' && make setup build\n  make probe\n"))
      let files = Set(try FileManager.default.subpathsOfDirectory(atPath: folder))
      #expect(
        files.isSuperset(of: [
          "Makefile", "probe.mk", "conformance.yaml", ".gitignore", ".github/workflows/conformance.yml",
        ]))
      #expect(!files.contains { $0.contains("dot.") })
    }
  }

  @Test(
    "A client has its code, an example, tests, the driven program, a profile and a workflow", arguments: clients)
  func client(_ language: String) throws {
    try Self.withFolder { folder in
      let outcome = try Executable.run(["init", "client", language, folder])
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.output.hasSuffix("Next:\n  cd '\(folder)' && make setup build\n  make probe\n"))
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
      #expect(
        Set(files).isSuperset(of: [
          "Makefile", "client.mk", "client.yaml", ".gitignore", ".github/workflows/conformance.yml",
        ]))
      for part in ["client", "harness", "test"] {
        #expect(files.contains { $0.contains(part) && !$0.hasSuffix(".mk") && !$0.hasSuffix(".yaml") }, "\(part)")
      }
      #expect(!files.contains { $0.contains("dot.") || $0.contains("sources.txt") || $0.contains("__pycache__") })
    }
  }

  @Test("What is in the data is what can be asked for", arguments: ["server", "client"])
  func languagesOfTheData(_ kind: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../adapters/init/\(kind)")
      .path
    let found = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(found) == Set((kind == "server" ? Self.languages : Self.clients) + ["common"]))
  }

  @Test("A folder with something in it is left alone")
  func notEmpty() throws {
    try Self.withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/Makefile"))
      let outcome = try Executable.run(["init", "server", "node", folder])
      #expect(outcome.code == 2)
      #expect(outcome.error.contains("is not empty"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["Makefile"])
      #expect(try String(contentsOfFile: folder + "/Makefile", encoding: .utf8) == "mine")
    }
  }

  @Test("A file in place of the folder, and one above it, are said in one line")
  func noFolder() throws {
    try Self.withFolder { folder in
      let above = String(folder.dropLast("/a server".count))
      try Data().write(to: URL(fileURLWithPath: above))
      for place in [above, folder] {
        let outcome = try Executable.run(["init", "server", "node", place])
        #expect(outcome.code == 2)
        #expect(outcome.error.split(separator: "\n").count == 1)
      }
    }
  }
}
