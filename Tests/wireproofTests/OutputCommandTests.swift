import Foundation
import Testing

/// Every command that writes a file, on whatever may be in its place.
@Suite("Outputs of commands", .timeLimit(.minutes(3)))
struct OutputCommandTests {
  /// A folder of the test's own with a small capture and two small result files in it.
  private final class Place {
    let folder = FileManager.default.temporaryDirectory.appending(path: "outputs-\(UUID().uuidString)").path
    static let capture = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../captures/displacement.pcap").standardizedFileURL.path

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in ["old", "new"] {
        #expect(try Executable.run(["verify", "--filter", "frame.magic.*", "--results", file(name)]).code == 0)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String) -> String { "\(folder)/\(name)" }

    func kind(_ name: String) -> mode_t {
      var status = stat()
      return lstat(file(name), &status) == 0 ? status.st_mode & S_IFMT : 0
    }

    /// The command, with its output in a place.
    func arguments(_ command: String, to path: String) -> [String] {
      switch command {
      case "verify": ["verify", "--filter", "frame.magic.*", "--results", path]
      case "inspect": ["inspect", Self.capture, "--format", "ndjson", "--output", path]
      case "check": ["inspect", Self.capture, "--check", "--results", path]
      case "mutate": ["mutate", "--filter", "magic-swapped", "--results", path]
      case "report": ["report", file("new"), "--format", "markdown", "--output", path]
      case "merge": ["report", "merge", file("new"), "--output", path]
      default: ["report", "diff", file("old"), file("new"), "--output", path]
      }
    }
  }

  static let commands = ["verify", "inspect", "check", "mutate", "report", "merge", "diff"]

  @Test("A device stays one, and a link leads to what was written", arguments: commands)
  func written(command: String) throws {
    let place = try Place()
    if geteuid() == 0 {
      // A null device of the test's own.
      #expect(mknod(place.file("null"), S_IFCHR | 0o666, 1 << 8 | 3) == 0)
      _ = try Executable.run(place.arguments(command, to: place.file("null")))
      #expect(place.kind("null") == S_IFCHR)
    }
    #expect(symlink("behind", place.file("link")) == 0)
    let outcome = try Executable.run(place.arguments(command, to: place.file("link")))
    #expect(place.kind("link") == S_IFLNK, "\(outcome.output)\(outcome.error)")
    #expect(try Data(contentsOf: URL(filePath: place.file("behind"))).count > 10)
  }

  @Test(
    "A full disk is exit code 2 and said", .enabled(if: geteuid() == 0, "only root may make devices"),
    arguments: commands)
  func full(command: String) throws {
    let place = try Place()
    #expect(mknod(place.file("full"), S_IFCHR | 0o666, 1 << 8 | 7) == 0)
    let outcome = try Executable.run(place.arguments(command, to: place.file("full")))
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("No space left on device"), "\(outcome.error)")
    #expect(place.kind("full") == S_IFCHR)
  }

  @Test("A folder that is not there is exit code 2 and said", arguments: commands)
  func missing(command: String) throws {
    let place = try Place()
    let outcome = try Executable.run(place.arguments(command, to: place.file("nowhere/out")))
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("No such file or directory"), "\(outcome.error)")
  }

  @Test("A named pipe gets the whole output", arguments: commands)
  func pipe(command: String) async throws {
    let place = try Place()
    let path = place.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let running = try Executable.start(place.arguments(command, to: path))
    let bytes = try await Task.detached { try Data(contentsOf: URL(filePath: path)) }.value
    _ = running.outcome()
    #expect(bytes.count > 10)
    #expect(place.kind("pipe") == S_IFIFO)
  }
}
