import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing
import VectorGeneration

/// The vectors of this repository.
@Suite("The committed vectors")
struct CommittedVectorsTests {
  static let directory = DataDirectory(path: String(#filePath.split(separator: "/Tests/")[0]))

  private static let loaded = Result { try VectorSuite.load(directory) }

  @Test("They load: shapes, ids, requirements and flags are right")
  func load() throws {
    let suite = try Self.loaded.get()
    #expect(suite.version == SuiteManifest.currentVersion)
    #expect(suite.testCount == suite.cases.count)
  }

  @Test("Making them again gives no difference")
  func regenerate() {
    let contents = VectorGenerator.contents()
    #expect(VectorStore.stale(contents, in: Self.directory.vectors) == [], "these are not what `make vectors` writes")
  }

  @Test("They keep what the project promises about counts, layout and coverage")
  func lint() throws {
    let lint = VectorLint(try Self.loaded.get())
    #expect(lint.faults.map(\.description) == [])
    #expect(lint.vectors >= 1_000)
    #expect(lint.combinations >= 300)
  }

  @Test("Each area has its file, and each operation its vectors")
  func areas() throws {
    let suite = try Self.loaded.get()
    #expect(
      suite.files.map(\.area) == [
        "frame", "displacement", "websocket", "deflate", "handshake", "metadata", "charset", "negotiation", "rpc",
        "keepalive", "close",
      ])
    #expect(Set(suite.cases.map(\.operation)) == Set(Operation.allCases))
  }

  @Test("A capture that a vector quotes is shipped")
  func captures() throws {
    for vector in try Self.loaded.get().cases {
      guard let capture = vector.test.capture else { continue }
      let path = Self.directory.path + "/captures/" + capture
      #expect(FileManager.default.fileExists(atPath: path), "\(vector.test.id) quotes \(capture)")
    }
  }
}
