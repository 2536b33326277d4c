import Foundation
import Testing

/// `doctor`: a line for each step, and an exit code that scripts can use.
@Suite("Looking at an installation and a server") struct DoctorCommandTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../ExamplesTests/Fixtures").path

  /// What the lines about the server say: the state of each subject.
  private static func states(_ outcome: Executable.Outcome) -> [String: String] {
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.isEmpty }
    return lines.reduce(into: [:]) { states, line in
      let words = line.split(separator: " ")
      if words.count > 2, !line.hasPrefix(" ") { states[String(words[1])] = String(words[0]) }
    }
  }

  /// What was said, as if a terminal were wide.
  private static func unfolded(_ outcome: Executable.Outcome) -> String {
    outcome.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
  }

  private static func withServer(_ arguments: [String], _ body: (_ url: String) throws -> Void) throws {
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--quiet"] + arguments)
    let url = server.firstLine().replacing("listening on ", with: "")
    defer { _ = server.interrupt() }
    try body(url)
  }

  @Test("Without a URL the installation is looked at, and nothing is wrong")
  func installation() throws {
    let outcome = try Executable.run(["doctor"])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("\nok    vectors      suite "))
    // A path may be longer than a line, and then has one of its own.
    let long = outcome.output.split(separator: "\n").filter { $0.count > 80 }
    #expect(long.allSatisfy { $0.split(separator: " ").count == 1 })
  }

  @Test("Missing vectors are exit code 2, with what to do")
  func vectors() throws {
    let outcome = try Executable.run(["doctor", "--vectors", "/nowhere"])
    #expect(outcome.code == 2)
    #expect(outcome.output.contains("NO    vectors      /nowhere: there are no vectors here; name a folder"))
  }

  @Test("A URL that is none is exit code 2", arguments: ["ftp://127.0.0.1/", "ws://", "nonsense"])
  func url(_ url: String) throws {
    #expect(try Executable.run(["doctor", url]).code == 2)
  }

  @Test("Our own server is as it should be")
  func right() throws {
    try Self.withServer(["--compress"]) { url in
      let outcome = try Executable.run(["doctor", url])
      #expect(outcome.code == 0, "\(outcome.output)")
      #expect(
        Self.states(outcome) == [
          "server": "ok", "TLS": "ok", "upgrade": "ok", "revision": "ok", "echo": "ok", "unasked": "ok",
          "compression": "ok",
        ], "\(outcome.output)")
    }
  }

  @Test("Nobody, somebody mute, an SSH server, another page: each ends at its step, with what to do")
  func strangers() throws {
    let nobody = try Executable.run(["doctor", "ws://127.0.0.1:1/join"])
    #expect(nobody.code == 1)
    #expect(Self.states(nobody) == ["server": "NO"], "\(nobody.output)")
    let mute = try TCPListener(saying: "")
    let silent = try Executable.run(["doctor", "ws://127.0.0.1:\(mute.port)/join", "--timeout", "0.3"])
    #expect(silent.code == 1)
    #expect(Self.states(silent) == ["server": "ok", "TLS": "ok", "upgrade": "NO"], "\(silent.output)")
    let shell = try TCPListener(saying: "SSH-2.0-OpenSSH_9.6\r\n")
    let other = try Executable.run(["doctor", "ws://127.0.0.1:\(shell.port)/join"])
    #expect(other.code == 1)
    #expect(Self.unfolded(other).contains("an SSH server answers"), "\(other.output)")
    let page = try TCPListener(saying: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ends: true)
    let missing = try Executable.run(["doctor", "ws://127.0.0.1:\(page.port)/nope"])
    #expect(missing.code == 1)
    #expect(
      Self.unfolded(missing).contains("HTTP 404") && Self.unfolded(missing).contains("check the path"),
      "\(missing.output)")
  }

  @Test("TLS: one that is not trusted, one that is, and one where none is spoken")
  func tls() throws {
    let certificate = Self.fixtures + "/certificate.pem"
    try Self.withServer(["--tls-certificate", certificate, "--tls-key", Self.fixtures + "/key.pem"]) { url in
      let strange = try Executable.run(["doctor", url])
      #expect(strange.code == 1)
      #expect(Self.states(strange) == ["server": "ok", "TLS": "ok", "trust": "NO"], "\(strange.output)")
      let trusted = try Executable.run(["doctor", url, "--insecure"])
      #expect(trusted.code == 0, "\(trusted.output)")
      #expect(Self.states(trusted)["trust"] == "note")
      let plain = try Executable.run(["doctor", url.replacing("wss:", with: "ws:")])
      #expect(plain.code == 1)
      #expect(Self.unfolded(plain).contains("serve without TLS where the URL says ws://"), "\(plain.output)")
    }
    try Self.withServer([]) { url in
      let secure = try Executable.run(["doctor", url.replacing("ws:", with: "wss:")])
      #expect(secure.code == 1)
      #expect(Self.states(secure) == ["server": "ok", "TLS": "NO"], "\(secure.output)")
    }
  }

  @Test("No echo, and what comes unasked")
  func application() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID()).yaml").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data("role: server\naccept: {with: [{id: 99, payload: welcome}]}\nrules: []\n".utf8)
      .write(to: URL(filePath: file))
    try Self.withServer(["--script", file]) { url in
      let outcome = try Executable.run(["doctor", url])
      #expect(outcome.code == 1)
      let states = Self.states(outcome)
      #expect(states["echo"] == "NO" && states["revision"] == "?" && states["unasked"] == "note", "\(outcome.output)")
      #expect(Self.unfolded(outcome).contains("unsolicited: [99]"))
    }
  }

  @Test("A profile says which ids are asked: another echo, one-way messages only, an older revision")
  func profiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func file(_ name: String, _ text: String) throws -> String {
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      return "\(folder)/\(name)"
    }
    let script = try file(
      "server.yaml",
      """
      role: server
      rules:
        - on: {id: 40}
          do: [{reply: {id: 41}}]
      """)
    let other = try file("other.yaml", "name: other\ncalls:\n  echo: {request: 40, response: 41, mode: echo}\n")
    let messages = try file(
      "messages.yaml", "name: messages\ncalls:\noneWay: {request: 40, response: 41, mode: echo}\n")
    try Self.withServer(["--script", script]) { url in
      let unnamed = try Executable.run(["doctor", url])
      #expect(unnamed.code == 1 && Self.states(unnamed)["echo"] == "NO", "\(unnamed.output)")
      let named = try Executable.run(["doctor", url, "--profile", other])
      #expect(named.code == 0, "\(named.output)")
      #expect(Self.unfolded(named).contains("a call with id 40 is answered with id 41 and its payload"))
      let oneWay = try Executable.run(["doctor", url, "--profile", messages])
      #expect(oneWay.code == 0, "\(oneWay.output)")
      #expect(Self.unfolded(oneWay).contains("a one-way message with id 40 is answered with id 41"))
    }
    let old = try file(
      "old.yaml", "name: old\nrevisions: [\"1.1\"]\ncalls:\noneWay: {request: 2, response: 3, mode: echo}\n")
    try Self.withServer(["--revision", "1.1"]) { url in
      let outcome = try Executable.run(["doctor", url, "--profile", old])
      #expect(Self.states(outcome)["revision"] == "ok", "\(outcome.output)")
    }
    try Self.withServer([]) { url in
      let outcome = try Executable.run(["doctor", url, "--profile", old])
      #expect(Self.states(outcome)["revision"] == "NO", "\(outcome.output)")
      #expect(Self.unfolded(outcome).contains("and not 1.1, which the profile names"))
    }
    #expect(try Executable.run(["doctor", "--profile", folder + "/none.yaml"]).code == 2)
  }
}
