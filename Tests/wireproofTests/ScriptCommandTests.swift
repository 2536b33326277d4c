import Foundation
import Testing

/// `serve --script` and `connect --script` as a user calls them.
@Suite("Scripts from the command line") struct ScriptCommandTests {
  private static let server = """
    role: server
    title: every third answer comes twice
    rules:
      - on: {id: 2, sn: nonzero}
        every: 3
        do: [{reply: {id: 3}}, {reply: {id: 3}}]
      - on: {id: 2}
        do: [{reply: {id: 3}}]
    """

  private static func client(_ answer: String) -> String {
    """
    title: a call and its answer
    steps:
      - send: {id: 2, sn: 2, payload: hello}
      - expect: {id: 3, sn: 2, payload: \(answer)}
      - close: 1000
    """
  }

  /// Runs a test with a folder of its own.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-scripts-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func write(_ text: String, _ folder: URL, _ name: String) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test("A scripted client against a scripted server, recorded: met, and not met")
  func bothSides() throws {
    try withFolder { folder in
      let recording = folder.appending(path: "recording.pcapng").path
      let server = try Executable.start([
        "serve", "--script", write(Self.server, folder, "server.yaml"), "--listen", "127.0.0.1:0", "--record",
        recording,
      ])
      let url = server.firstLine().replacing("listening on ", with: "")
      let good = try Executable.run([
        "connect", url, "--script", write(Self.client("hello"), folder, "good.yaml"),
      ])
      #expect(good.code == 0)
      #expect(good.output.contains("verdict: pass"))
      let bad = try Executable.run(["connect", url, "--script", write(Self.client("bye"), folder, "bad.yaml")])
      #expect(bad.code == 1)
      #expect(bad.output.contains("*** "))
      #expect(server.interrupt().code == 0)
      let inspected = try Executable.run(["inspect", "--format", "ndjson", recording])
      #expect(inspected.code == 0)
      #expect(inspected.output.contains(#""outcome":"answered""#))
    }
  }

  @Test("Chaos loses and spoils some answers, and not all")
  func chaos() throws {
    try withFolder { folder in
      let recording = folder.appending(path: "chaos.pcapng").path
      let server = try Executable.start([
        "serve", "--behavior", "chaos", "--seed", "3", "--listen", "127.0.0.1:0", "--record", recording,
      ])
      let url = server.firstLine().replacing("listening on ", with: "")
      let script = """
        title: many connections with a call each
        connect: none
        steps:
          - repeat: 1..60
            as: n
            steps:
              - connect: {as: c$n, query: {uid: $n}}
              - send: {id: 2, sn: 2, payload: hello}
                on: c$n
          - wait: 500ms
        """
      _ = try Executable.run(["connect", url, "--script", write(script, folder, "calls.yaml")])
      #expect(server.interrupt().code == 0)
      let inspected = try Executable.run(["inspect", "--format", "ndjson", recording])
      let calls = inspected.output.split(separator: "\n").filter { $0.contains(#""type":"rpc""#) }
      let answered = calls.filter { $0.contains(#""outcome":"answered""#) }.count
      #expect(calls.count == 60)
      #expect((30..<60).contains(answered))
    }
  }

  @Test("A script of the wrong kind, or with a fault, is refused with its place", arguments: ["serve", "connect"])
  func refused(_ command: String) throws {
    try withFolder { folder in
      let target = command == "serve" ? ["--listen", "127.0.0.1:0"] : ["ws://127.0.0.1:1/join"]
      let other = command == "serve" ? Self.client("x") : Self.server
      let wrong = try Executable.run([command] + target + ["--script", write(other, folder, "wrong.yaml")])
      #expect(wrong.code == 2)
      #expect(wrong.error.contains("wrong.yaml"))
      let faulty = try Executable.run(
        [
          command, "--script", write("rules:\n  - on: {idd: 2}\n    do: []\n", folder, "faulty.yaml"),
        ] + target)
      #expect(faulty.code == 2)
      #expect(faulty.error.contains("faulty.yaml:2:"))
    }
  }
}
