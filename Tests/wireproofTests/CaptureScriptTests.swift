import Foundation
import Testing

/// `inspect --export-script`: recorded conversations, played again.
@Suite("From capture to script") struct CaptureScriptTests {
  private static let captures: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/captures/"
  }()

  /// Runs a test with the two scripts of a capture.
  private func withScripts(
    _ name: String, connection: Int = 1, _ body: (_ client: String, _ server: String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-recorded-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var scripts: [String] = []
    for side in ["client", "server"] {
      let script = folder.appending(path: "\(side).yaml").path
      let outcome = try Executable.run([
        "inspect", "--export-script", "\(connection)", "--as", side, "--output", script,
        Self.captures + "\(name).pcap",
      ])
      #expect(outcome.code == 0, "\(outcome.error)")
      scripts.append(script)
    }
    try body(scripts[0], scripts[1])
  }

  @Test(
    "The recorded client, played against our server, is answered as it was",
    arguments: [
      "go-client-rpc", "gbk", "server-initiated-rpc", "displacement", "fragmented", "go-deflate-level2", "bad-magic",
    ]
  ) func clientAgainstServer(_ name: String) throws {
    try withScripts(name) { client, _ in
      let server = try Executable.start(
        ["serve", "--listen", "127.0.0.1:0", "--compress", "--log-format", "json"], isQuiet: true)
      defer { _ = server.interrupt() }
      let url = server.firstLine().replacing("listening on ", with: "")
      let played = try Executable.run(["connect", url, "--script", client])
      #expect(played.code == 0, "\(played.output)")
      #expect(played.output.contains("verdict: pass"))
    }
  }

  @Test(
    "The recorded client and the recorded server, played against each other, have the recorded conversation",
    arguments: [
      ("go-client-rpc", 1), ("rev-1.1", 1), ("rev-1.2", 1), ("rev-1.3.0", 1), ("gbk", 1), ("server-initiated-rpc", 1),
      ("displacement", 1), ("fragmented", 1), ("bad-magic", 1), ("puller", 1), ("cpp-client", 1),
      ("go-deflate-level2", 1),
      // Bytes behind a call's frame in its message, and behind a server's frame; a close frame before the last answer.
      ("bad-length", 3), ("cpp-client", 4), ("large-messages", 1),
      // No close frame; an upgrade refused for now; no answer captured that agrees on compression, nor all calls.
      ("generated/calls", 1), ("generated/http_refused_503", 1), ("generated/midstream_17_resets", 1),
    ]) func bothSides(_ name: String, _ connection: Int) throws
  {
    try withScripts(name, connection: connection) { client, script in
      let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--script", script])
      let url = server.firstLine().replacing("listening on ", with: "")
      let played = try Executable.run(["connect", url, "--script", client])
      #expect(played.output.contains("verdict: pass"), "\(played.output)")
      let ended = server.interrupt()
      #expect(ended.code == 0, "\(ended.error)")
    }
  }

  @Test("The recorded server answers our own client") func serverForOwnClient() throws {
    try withScripts("go-client-rpc") { _, script in
      let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--script", script])
      let url = server.firstLine().replacing("listening on ", with: "")
      let calls = (0..<5).flatMap { ["--call", "2:go rpc \($0)"] }
      let client = try Executable.run(["connect", url, "--no-input"] + calls)
      #expect(client.code == 0, "\(client.output)\(client.error)")
      for index in 0..<5 { #expect(client.output.contains("go rpc \(index)")) }
      let ended = server.interrupt()
      #expect(ended.code == 0, "\(ended.error)")
    }
  }

  @Test("A server that answers otherwise than the recorded one is told apart") func anotherAnswer() throws {
    try withScripts("go-client-rpc") { client, script in
      let text = try String(contentsOfFile: script, encoding: .utf8)
      #expect(text.contains("payload: \"go rpc 3\""))
      // The answer says something else; the request stays, which comes first.
      let parts = text.components(separatedBy: "payload: \"go rpc 3\"")
      try (parts[0] + "payload: \"go rpc 3\"" + parts.dropFirst().joined(separator: "payload: \"another\""))
        .write(toFile: script, atomically: true, encoding: .utf8)
      let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--script", script])
      let url = server.firstLine().replacing("listening on ", with: "")
      let played = try Executable.run(["connect", url, "--script", client])
      #expect(played.code == 1)
      #expect(played.output.contains("go rpc 3"))
      _ = server.interrupt()
    }
  }

  @Test("A stream of bytes that ends without a close frame ends so", arguments: ["client", "server"])
  func endOfStream(_ side: String) throws {
    let script = try Executable.run([
      "inspect", "--export-script", "1", "--as", side, Self.captures + "generated/calls.pcap",
    ])
    #expect(script.output.contains("- end\n") == (side == "client"), "\(script.output.suffix(300))")
    #expect(!script.output.contains("close"))
  }

  @Test("A recording of our server says which side ended its stream first")
  func recordedEnd() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-recorded-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let recording = folder.appending(path: "recording.pcapng").path
    let script = folder.appending(path: "leaving.yaml").path
    try "title: leaves\nsteps:\n  - call: {id: 2, payload: x}\n  - end\n"
      .write(toFile: script, atomically: true, encoding: .utf8)
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--record", recording], isQuiet: true)
    let url = server.firstLine().replacing("listening on ", with: "")
    #expect(try Executable.run(["connect", url, "--script", script]).code == 0)
    #expect(server.interrupt().code == 0)
    let left = try Executable.run(["inspect", "--follow", "2", recording]).output
    let ends = left.split(separator: "\n").filter { $0.hasSuffix("ends its stream") }
    #expect(ends.count == 2 && ends.first?.contains(" > ends") == true, "\(left)")
  }

  @Test("A side has to be named, and a connection that is there") func refused() throws {
    #expect(try Executable.run(["inspect", "--export-script", "1", Self.captures + "gbk.pcap"]).code == 2)
    let missing = try Executable.run([
      "inspect", "--export-script", "9", "--as", "client", Self.captures + "gbk.pcap",
    ])
    #expect(missing.code == 2)
    #expect(missing.error.contains("there is no connection 9"))
    #expect(missing.output.isEmpty)
  }
}
