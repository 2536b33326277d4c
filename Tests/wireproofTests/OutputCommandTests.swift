import Foundation
import Testing

/// Commands that write a file, on whatever may be in its place.
@Suite("Outputs of commands", .timeLimit(.minutes(10)))
struct OutputCommandTests {
  /// A folder of the test's own.
  private final class Place: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "outputs-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String) -> String { "\(folder)/\(name)" }

    func kind(_ name: String) -> mode_t {
      var status = stat()
      return lstat(file(name), &status) == 0 ? status.st_mode & S_IFMT : 0
    }
  }

  private static let capture = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../captures/displacement.pcap").standardizedFileURL.path

  static let commands = ["verify", "inspect", "check", "report"]

  /// The command, with its output in a place.
  private func arguments(_ command: String, to path: String, in place: Place) throws -> [String] {
    switch command {
    case "verify": return ["verify", "--filter", "frame.magic.*", "--results", path]
    case "inspect": return ["inspect", Self.capture, "--format", "ndjson", "--output", path]
    case "check": return ["inspect", Self.capture, "--check", "--results", path]
    default:
      let results = place.file("results")
      _ = try Executable.run(["inspect", Self.capture, "--check", "--results", results])
      return ["report", results, "--format", "markdown", "--output", path]
    }
  }

  @Test(
    "A standard output that is closed is said, and nothing else is opened in its place",
    arguments: [["verify", "--filter", "frame.magic.*"], ["inspect", capture], ["list", "probes"], ["--help"]])
  func closed(arguments: [String]) throws {
    let place = try Place()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", #"exec "$@" >&- 2>error"#, "sh", Executable.location.path] + arguments
    process.currentDirectoryURL = URL(filePath: place.folder)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    let error = String(decoding: try Data(contentsOf: URL(filePath: place.file("error"))), as: UTF8.self)
    #expect(error.contains("cannot be written: Bad file descriptor"), "\(error)")
  }

  @Test("A device stays one, and a link leads to what was written", arguments: commands)
  func written(command: String) throws {
    let place = try Place()
    if geteuid() == 0 {
      // A null device of the test's own.
      #expect(mknod(place.file("null"), S_IFCHR | 0o666, 1 << 8 | 3) == 0)
      _ = try Executable.run(arguments(command, to: place.file("null"), in: place))
      #expect(place.kind("null") == S_IFCHR)
    }
    #expect(symlink("behind", place.file("link")) == 0)
    let outcome = try Executable.run(arguments(command, to: place.file("link"), in: place))
    #expect(place.kind("link") == S_IFLNK, "\(outcome.output)\(outcome.error)")
    #expect(try Data(contentsOf: URL(filePath: place.file("behind"))).count > 10)
  }

  @Test(
    "A full disk is exit code 2 and said", .enabled(if: geteuid() == 0, "only root may make devices"),
    arguments: commands)
  func full(command: String) throws {
    let place = try Place()
    #expect(mknod(place.file("full"), S_IFCHR | 0o666, 1 << 8 | 7) == 0)
    let outcome = try Executable.run(arguments(command, to: place.file("full"), in: place))
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("No space left on device"), "\(outcome.error)")
    #expect(place.kind("full") == S_IFCHR)
  }

  @Test("What cannot be written is said before anything is run", arguments: ["verify", "mutate"])
  func early(command: String) throws {
    let place = try Place()
    let outcome = try Executable.run([
      command, "--filter", command == "verify" ? "frame.magic.*" : "pong-empty", "--results", place.file("no/folder"),
    ])
    #expect(outcome.code == 2)
    #expect(outcome.output.isEmpty, "\(outcome.output)")
    #expect(outcome.error.contains("No such file or directory"), "\(outcome.error)")
  }

  @Test("A list of expected failures that never ends is refused", .timeLimit(.minutes(10)))
  func endless() throws {
    let place = try Place()
    let results = place.file("results")
    _ = try Executable.run(["inspect", Self.capture, "--check", "--results", results])
    let outcome = try Executable.run(["report", results, "--expected-failures", "/dev/zero"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("holds more than 16777216 bytes"), "\(outcome.error)")
  }

  @Test(
    "What is read is never written over",
    arguments: [["report", "--format", "html"], ["report", "diff"], ["report", "merge"]],
    ["results", "link", "hard"])
  func own(command: [String], output: String) throws {
    let place = try Place()
    let results = place.file("results")
    _ = try Executable.run(["inspect", Self.capture, "--check", "--results", results])
    let content = try Data(contentsOf: URL(filePath: results))
    #expect(symlink("results", place.file("link")) == 0)
    #expect(link(results, place.file("hard")) == 0)
    let files = command.last == "diff" ? [results, results] : [results]
    let outcome = try Executable.run(command + files + ["--output", place.file(output)])
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("is one of the files that are read"), "\(outcome.error)")
    #expect(try Data(contentsOf: URL(filePath: results)) == content)
  }

  @Test(
    "Nor are a key log, a profile and a list of failures",
    arguments: [
      ["inspect", capture, "--keylog", "FILE", "--output", "FILE"],
      ["inspect", capture, "--keylog", "FILE", "--write", "FILE"],
      ["inspect", capture, "--check", "--keylog", "FILE", "--results", "FILE"],
      ["probe", "server", "ws://127.0.0.1:1/join", "--profile", "FILE", "--results", "FILE"],
      ["probe", "client", "--expected-failures", "FILE", "--results", "FILE", "--", "true", "{url}"],
    ])
  func read(arguments: [String]) throws {
    let place = try Place()
    let file = place.file("file")
    try Data("name: mine\n".utf8).write(to: URL(filePath: file))
    let outcome = try Executable.run(arguments.map { $0 == "FILE" ? file : $0 })
    #expect(outcome.code == 2, "\(outcome.output)\(outcome.error)")
    #expect(outcome.error.contains("is one of the files that are read"), "\(outcome.error)")
    #expect(try Data(contentsOf: URL(filePath: file)).count == 11)
  }

  @Test("A named pipe gets the whole output", arguments: commands)
  func pipe(command: String) async throws {
    let place = try Place()
    let path = place.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let running = try Executable.start(arguments(command, to: path, in: place))
    let bytes = try await Task.detached { try NamedPipe.content(path) }.value
    _ = running.outcome()
    #expect(bytes.count > 10)
    #expect(place.kind("pipe") == S_IFIFO)
  }
}
