import Foundation
import Testing

/// `probe client` as a user calls it.
@Suite("Probes of clients from the command line") struct ProbeClientCommandTests {
  private static let client =
    FileManager.default.currentDirectoryPath + "/Tests/ConformanceTests/Servers/probed_client.py"

  private static func probe(_ options: [String], way: String) throws -> Executable.Outcome {
    try Executable.run(
      ["probe", "client", "--profile", "passive", "--filter", "client-sanity.service"] + options
        + ["--", "python3", client, "{port}", way])
  }

  @Test("A right client is good, and one that crashes is a failure with its signal and its evidence")
  func outcomes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try Self.probe([], way: "right").code == 0)
    let crashed = try Self.probe(["--artifacts", folder], way: "crash")
    #expect(crashed.code == 1)
    #expect(crashed.output.contains("the client crashed (signal 11)"), "\(crashed.output)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/client-sanity.service").sorted()
    #expect(files.contains("capture.pcapng") && files.contains("repro") && files.contains("transcript.txt"))
  }

  @Test("A client that does not connect makes the run incomplete, with what it said")
  func neverConnects() throws {
    let outcome = try Self.probe([], way: "gone")
    #expect(outcome.code == 3)
    #expect(outcome.output.contains("it ended (exit code 3) and did not connect"), "\(outcome.output)")
    #expect(outcome.output.contains("no such server, and so no client"))
  }

  @Test(
    "A command that cannot be one is refused",
    arguments: [
      ([], "Behind -- stands the command"), (["--", "sleep", "1"], "names neither {url} nor {port}"),
      (["--path", "join", "--", "x", "{url}"], "begins with a slash"),
      (["--tls-key", "x", "--", "x", "{url}"], "go together"),
    ])
  func usage(arguments: [String], expected: String) throws {
    let outcome = try Executable.run(["probe", "client"] + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.error.contains(expected), "\(outcome.error)")
  }
}
