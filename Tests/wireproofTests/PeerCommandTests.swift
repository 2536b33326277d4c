import Foundation
import Testing

/// What `serve` and `connect` say where something cannot be had.
@Suite("Serving and connecting from the command line") struct PeerCommandTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../ExamplesTests/Fixtures").path

  /// Runs a test with a server.
  private func withServer(_ arguments: [String], _ body: (_ url: String) throws -> Void) throws {
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--quiet"] + arguments)
    let url = server.firstLine().replacing("listening on ", with: "")
    defer { _ = server.interrupt() }
    try body(url)
  }

  @Test("Nobody listens")
  func nobody() throws {
    let outcome = try Executable.run(["connect", "ws://127.0.0.1:1/join", "--no-input", "--attempts", "1"])
    #expect(outcome.code == 2)
    #expect(
      outcome.error
        == "cannot connect: Connection refused; is the server running, at this host and port?\n")
  }

  @Test("A wrong path is tried once")
  func wrongPath() throws {
    try withServer([]) { url in
      let outcome = try Executable.run(["connect", url.replacing("/join", with: "/nope"), "--no-input"])
      #expect(outcome.code == 2)
      // A line, and none about another try.
      #expect(
        outcome.error == "cannot connect: the server refused the upgrade with HTTP 404 Not Found; check the path\n")
    }
  }

  @Test("A certificate that is not trusted, and one that is")
  func certificate() throws {
    let certificate = Self.fixtures + "/certificate.pem"
    try withServer(["--tls-certificate", certificate, "--tls-key", Self.fixtures + "/key.pem"]) { url in
      let outcome = try Executable.run(["connect", url, "--no-input"])
      #expect(outcome.code == 2)
      #expect(outcome.error.hasPrefix("cannot connect: the server's certificate is not trusted"))
      #expect(outcome.error.contains("--insecure"))
      #expect(try Executable.run(["connect", url, "--no-input", "--insecure"]).code == 0)
      let plain = try Executable.run(["connect", url.replacing("wss:", with: "ws:"), "--no-input"])
      #expect(plain.code == 2)
      let probed = try Executable.run(["probe", "server", url, "--filter", "rpc.sn.*"])
      #expect(probed.code == 3)
      #expect(probed.output.contains("--insecure"))
    }
    try withServer([]) { url in
      let secure = try Executable.run(["connect", url.replacing("ws:", with: "wss:"), "--no-input"])
      #expect(secure.code == 2)
      #expect(secure.error.contains("write ws:// in place of wss://"))
    }
  }

  @Test("A file descriptor that is not open, and a recording that cannot be written, end it before it begins")
  func outputs() throws {
    let descriptor = try Executable.run(["serve", "--listen", "127.0.0.1:0", "--ready-fd", "99"])
    #expect(descriptor.code == 2)
    #expect(descriptor.error.contains("--ready-fd 99"))
    let full = try Executable.run(["serve", "--listen", "127.0.0.1:0", "--record", "/dev/full"])
    #expect(full.code == 2)
    #expect(full.error.contains("/dev/full"))
  }

  @Test("Files of certificates are named when they cannot be used")
  func files() throws {
    for arguments in [
      ["--ca", "/nowhere.pem"], ["--ca", #filePath],
      ["--client-certificate", #filePath, "--client-key", Self.fixtures + "/key.pem"],
    ] {
      let outcome = try Executable.run(["connect", "wss://127.0.0.1:1/", "--no-input"] + arguments)
      #expect(outcome.code == 2)
      #expect(outcome.error.hasPrefix("\(arguments[1]): "), "\(outcome.error)")
    }
    #expect(try Executable.run(["connect", "wss://127.0.0.1:1/", "--client-key", "x"]).code == 2)
  }
}
