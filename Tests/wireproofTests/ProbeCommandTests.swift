import Foundation
import Testing

/// `probe server` as a user calls it, against `serve`.
@Suite("Probes from the command line") struct ProbeCommandTests {
  private static func serve(_ options: [String]) throws -> (server: Executable.Running, url: String) {
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0"] + options, isQuiet: true)
    return (server, server.firstLine().replacing("listening on ", with: ""))
  }

  /// The verdicts of a result file, and how often each.
  private static func verdicts(_ file: String) throws -> [String: Int] {
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    return try lines.reduce(into: [:]) { counts, line in
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      guard object["type"] as? String == "case", let verdict = object["verdict"] as? String else { return }
      counts[verdict, default: 0] += 1
    }
  }

  @Test("Our own server, with everything on: nothing fails, nearly everything applies")
  func ourOwn() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID()).ndjson").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let (server, url) = try Self.serve([
      "--compress", "--context-takeover", "--revision", "auto", "--versions", "1-3", "--charsets", "0,1", "--read-wait",
      "4", "--trust-proxy", "--origin", "https://example.org",
    ])
    let outcome = try Executable.run(["probe", "server", url, "--profile", "full", "--results", file])
    #expect(outcome.code == 0, "\(outcome.output.suffix(4000))")
    #expect(server.interrupt().code == 0)
    let verdicts = try Self.verdicts(file)
    #expect(Set(verdicts.keys).isSubset(of: ["pass", "informational", "nonStrict", "notApplicable"]))
    #expect(verdicts["pass", default: 0] >= 800)
    #expect(verdicts["notApplicable", default: 0] <= 10)
  }

  @Test("A profile that was found out is taken by probe server")
  func detected() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID()).yaml").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let (server, url) = try Self.serve(["--compress", "--slow-delay", "1"])
    let detected = try Executable.run(["probe", "profile", url, "--output", file])
    #expect(detected.code == 0, "\(detected.error)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for line in [
      "echo: {request: 2, response: 3, mode: echo}", "slow: {request: 4, response: 5, seconds: 1}",
      "serverCall: {trigger: 6, request: 7, report: 8}", "burst: {trigger: 10, id: 11, count: 100}",
      "puller: {trigger: 12, id: 9}", "compression: true", "maxFrameLength: 524288",
    ] {
      #expect(text.contains(line))
    }
    let probed = try Executable.run(["probe", "server", url, "--profile", file, "--filter", "rpc.*"])
    #expect(probed.code == 0, "\(probed.output.suffix(4000))")
    #expect(server.interrupt().code == 0)
  }

  @Test("The repro of a failed case works from another folder, with paths that have spaces and quotes")
  func reproduction() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof it's \(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "name: mine\ncalls: {echo: {request: 2, response: 3, mode: echo}}\n"
      .write(toFile: folder + "/my profile.yaml", atomically: true, encoding: .utf8)
    let (server, url) = try Self.serve(["--behavior", "mutant:sn-signed"])
    let outcome = try Executable.run(
      [
        "probe", "server", url, "--profile", "my profile.yaml", "--filter", "rpc.sn.top-bit", "--artifacts", "evidence",
      ],
      in: folder)
    #expect(outcome.code == 1, "\(outcome.output)\(outcome.error)")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [folder + "/evidence/rpc.sn.top-bit/repro"]
    process.currentDirectoryURL = URL(filePath: "/")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1, "\(text)")
    #expect(text.contains("FAIL  rpc.sn.top-bit"))
    #expect(server.interrupt().code == 0)
  }

  @Test("No server, no such case, a profile with a fault: one message and exit code 2 or 3")
  func refused() throws {
    let nobody = try Executable.run(["probe", "server", "ws://127.0.0.1:1/join"])
    #expect(nobody.code == 3)
    #expect(nobody.error.contains("does not serve") || nobody.output.contains("does not serve"))
    let none = try Executable.run(["probe", "server", "ws://127.0.0.1:1/join", "--filter", "no.such.case"])
    #expect(none.code == 2)
    let profile = try Executable.run(["probe", "server", "ws://127.0.0.1:1/join", "--profile", "/nonexistent.yaml"])
    #expect(profile.code == 2)
    #expect(profile.error.contains("/nonexistent.yaml"))
  }
}
