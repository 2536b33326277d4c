import Foundation
import Testing

/// `inspect --interface` as a user calls it.
@Suite("Live capture from the command line") struct LiveCaptureTests {
  /// A folder that is gone afterwards.
  private static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-live-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test(
    "A server's violation is seen, judged, and kept with its surroundings, by a process that is root no more",
    .enabled(if: geteuid() == 0, "capturing needs the right to; only root's is looked for"))
  func violation() throws {
    try Self.withFolder { folder in
      let ring = folder.appending(path: "ring")
      let server = try Executable.start(
        ["serve", "--listen", "127.0.0.1:0", "--behavior", "mutant:byte-behind-frame"], isQuiet: true)
      let url = server.firstLine().replacing("listening on ", with: "")
      let port = try #require(URL(string: url)?.port)
      // A place that only root can write to.
      let results = folder.appending(path: "results.ndjson")
      let inspector = try Executable.start([
        "inspect", "--interface", "lo", "--bpf", "tcp port \(port)", "--check", "--user-id", "65534", "--ring",
        ring.path, "--buffer-size", "2", "--results", results.path,
      ])
      #expect(inspector.complaint() == "wireproof inspect: capturing on lo")
      let status = try String(contentsOfFile: "/proc/\(inspector.process.processIdentifier)/status", encoding: .utf8)
      for field in ["Uid", "Gid"] { #expect(status.contains("\(field):\t65534\t65534\t65534\t65534\n")) }
      #expect(status.contains("Groups:\t65534 \n") && status.contains("CapEff:\t0000000000000000\n"))
      _ = try Executable.run(["connect", "\(url)?uid=9", "--call", "2:hello", "--no-input"])
      let kept = inspector.complaint()
      #expect(kept.hasPrefix("wireproof inspect: app.trailing-bytes on connection 1, packet "))
      let outcome = inspector.end(with: SIGTERM)
      #expect(outcome.code == 1)
      #expect(outcome.output.contains("FAIL  capture.server.frame.trailing\n"))
      #expect(try String(contentsOf: results, encoding: .utf8).contains(#""type":"footer""#))
      #expect(outcome.error.contains("1 incident kept in \(ring.path)"))
      #expect(server.interrupt().code == 0)

      let names = try FileManager.default.contentsOfDirectory(atPath: ring.path)
      let name = try #require(names.first)
      #expect(names.count == 1 && kept.hasSuffix(name))
      let owner = try FileManager.default.attributesOfItem(atPath: ring.appending(path: name).path)[.ownerAccountID]
      #expect(owner as? Int == 65_534)
      let again = try Executable.run(["inspect", ring.appending(path: name).path])
      #expect(again.code == 0 && again.output.contains("! app.trailing-bytes"))
      // It keeps nothing that the summary does not count.
      #expect(again.output.contains("1 connection, 2 frames, 1 call"))
    }
  }

  @Test(
    "Losses are in the summary",
    .enabled(if: geteuid() == 0, "capturing needs the right to; only root's is looked for"))
  func losses() throws {
    let inspector = try Executable.start([
      "inspect", "--interface", "lo", "--bpf", "less 1", "--format", "ndjson",
    ])
    #expect(inspector.complaint() == "wireproof inspect: capturing on lo")
    let outcome = inspector.end(with: SIGHUP)
    #expect(outcome.code == 0)
    #expect(outcome.output.hasSuffix(#""lost":0}"# + "\n"))
    #expect(outcome.output.contains("there are no packets in the capture"))
  }

  @Test(
    "It ends where nobody reads its output any more, also while nothing passes",
    .enabled(if: geteuid() == 0, "capturing needs the right to; only root's is looked for"), .timeLimit(.minutes(1)),
    arguments: [[], ["--stats"]])
  func abandoned(_ options: [String]) async throws {
    let inspector = try Executable.start(["inspect", "--interface", "lo", "--bpf", "less 1"] + options)
    #expect(inspector.complaint() == "wireproof inspect: capturing on lo")
    try inspector.output.fileHandleForReading.close()
    while inspector.process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    #expect(inspector.process.terminationStatus == 0)
  }

  @Test("A second signal ends it at once, also while nobody takes its output")
  func secondSignal() throws {
    let capture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "captures/large-messages.pcap").path
    // Its output is larger than a pipe holds, and only the first line is read.
    let inspector = try Executable.start(["inspect", "--format", "ndjson"] + Array(repeating: capture, count: 4))
    #expect(inspector.firstLine().contains(#""type":"connection""#))
    kill(inspector.process.processIdentifier, SIGINT)
    kill(inspector.process.processIdentifier, SIGTERM)
    inspector.process.waitUntilExit()
    #expect(inspector.process.terminationReason == .uncaughtSignal)
  }

  @Test("The interfaces are listed")
  func interfaces() throws {
    let outcome = try Executable.run(["inspect", "--list-interfaces"])
    #expect(outcome.code == 0)
    #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("lo ") && $0.contains("loopback") })
  }

  @Test(
    "A filter that cannot be used is said, and no interface is blamed",
    .enabled(if: geteuid() == 0, "capturing needs the right to; only root's is looked for"))
  func wrongFilter() throws {
    let outcome = try Executable.run(["inspect", "--interface", "lo", "--bpf", "tcp prt 3"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("the filter \"tcp prt 3\" cannot be used"))
    #expect(!outcome.error.contains("--list-interfaces"))
  }

  private static let capture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures/go-client-rpc.pcap").path

  @Test(
    "What has no meaning, or would destroy something, is refused in a line",
    arguments: [
      (["--user-id", "nobody", Self.capture], "go with --interface"),
      (["--buffer-size", "5", Self.capture], "go with --interface"),
      (["--buffer-size", "0", "--interface", "lo"], "--buffer-size must be between"),
      (["--interface", "lo", "--user-id", "root"], "is root"), (["--ring-size", "5", Self.capture], "go with --ring"),
      (["--ring", "x", "--redact", Self.capture], "--ring keeps packets as they are"),
      (["--ring", "x", "--ring-count", "1", Self.capture], "--ring-count must be between"),
      (["--ring", "x", "--ring-before", "5 apples", Self.capture], "5 apples"),
      (
        ["--ring", URL(fileURLWithPath: Self.capture).deletingLastPathComponent().path, Self.capture], "holds a capture"
      ),
      (["--ring", Self.capture, Self.capture], "--ring \(Self.capture): the folder cannot be made: Not a directory"),
      (["--list-interfaces", Self.capture], "--list-interfaces stands alone"),
    ])
  func refused(_ arguments: [String], _ reason: String) throws {
    let outcome = try Executable.run(["inspect"] + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.error.contains(reason), "\(outcome.error)")
  }
}
