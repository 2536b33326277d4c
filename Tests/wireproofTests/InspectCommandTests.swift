import Foundation
import Testing

/// `inspect` as a user calls it.
@Suite("Inspecting from the command line") struct InspectCommandTests {
  private static let capture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures/go-client-rpc.pcap").path

  @Test(
    "What cannot be meant is refused in a line",
    arguments: [
      (["--follow", "99", Self.capture], "there is no connection 99; the capture has 1"),
      ([URL(fileURLWithPath: Self.capture).deletingLastPathComponent().path], "is a directory"),
      (["--filter", "sn = x", Self.capture], "column 6: sn is a number"),
      (["--interface", "lo", Self.capture], "not both"),
      (["--top", "0", Self.capture], "--top must be between 1 and"),
      (["--top", "5", "--format", "html", Self.capture], "--top is written as text or ndjson"),
      (["--timezone", "Nowhere/City", Self.capture], "there is no time zone \"Nowhere/City\""),
      (["--timezone", "local", "--format", "ndjson", Self.capture], "--timezone goes with --format text and html"),
      (["--payload", "hex", "--stats", Self.capture], "--payload goes with --format text"),
      (["--interface", "no-such-interface"], "cannot be captured"),
      (["--write", "same.pcapng", "--output", "./same.pcapng", Self.capture], "name the same file"),
      (["--write", "-", Self.capture], "--write names standard output, where the report goes"),
      (["--follow", "1", "--connection", "1", Self.capture], "--follow and --connection are one too many"),
      (["--type", "2=chat.Request", Self.capture], "--proto FILE.desc and --type ID=package.Message go together"),
      (["--proto", "/nowhere.desc", "--type", "2=M", Self.capture], "/nowhere.desc: cannot be read"),
      (["--proto", #filePath, "--type", "2=M", Self.capture], "a descriptor set"),
      (["--proto", "x", "--type", "two=M", Self.capture], "\"two=M\" is no protocolId and message, as 2=chat.Request"),
      (["--proto", "x", "--type", "2=M", "--type", "2=N", Self.capture], "--type names a protocolId twice"),
      (["--proto", "x", "--type", "2=M", "--redact", Self.capture], "--proto does not go with --redact"),
      (
        ["--proto", "x", "--type", "2=M", "--format", "html", Self.capture],
        "--proto goes with --format text and ndjson"
      ),
    ])
  func refused(_ arguments: [String], _ reason: String) throws {
    let outcome = try Executable.run(["inspect"] + arguments)
    #expect(outcome.code == 2)
    #expect(outcome.error.contains(reason))
  }

  @Test("A value that begins with a dash is a value")
  func dashes() throws {
    let west = try Executable.run(["inspect", "--timezone", "-03:30", "--follow", "1", Self.capture])
    #expect(west.code == 0 && west.output.hasPrefix("connection 1 on 2026-11-22 (-03:30)"))
    #expect(try Executable.run(["inspect", "--user", "-5", Self.capture]).code == 0)
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0", "--level", "-1"], isQuiet: true)
    #expect(server.firstLine().hasPrefix("listening on "))
    #expect(server.interrupt().code == 0)
  }

  @Test("--follow is a dialogue in a text, and --connection in all else")
  func follow() throws {
    let dialogue = try Executable.run(["inspect", "--follow", "1", Self.capture])
    #expect(dialogue.output.contains("< answers sn 2 with id 3 after 117 us, 8 B"))
    #expect(!dialogue.output.contains("\u{1B}"))
    for format in ["ndjson", "csv", "html"] {
      let followed = try Executable.run(["inspect", "--format", format, "--follow", "1", Self.capture])
      let chosen = try Executable.run(["inspect", "--format", format, "--connection", "1", Self.capture])
      #expect(followed.code == 0)
      #expect(followed.output == chosen.output)
    }
    #expect(try Executable.run(["inspect", "--connection", "1", Self.capture]).output.contains(" #1 C>S call"))
  }

  @Test("A port that does not occur is said")
  func port() throws {
    let outcome = try Executable.run(["inspect", "--port", "9", Self.capture])
    #expect(outcome.code == 0)
    #expect(outcome.error.contains("no TCP connection in the capture has port 9"))
  }

  @Test(
    "Times of day are those of a zone by its name",
    .enabled(
      if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Asia/Kolkata"), "the system has no zone database"),
    arguments: [("Asia/Shanghai", "18:37:27.975887"), ("Asia/Kolkata", "16:07:27.975887"), ("utc", "10:37:27.975887")])
  func zones(_ zone: String, _ time: String) throws {
    let outcome = try Executable.run(["inspect", "--timezone", zone, Self.capture])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("\n\(time) #1 C>S call"))
  }

  @Test(
    "Traffic of an interface is shown as it comes",
    .enabled(if: geteuid() == 0, "capturing needs the right to; only root's is looked for"))
  func live() throws {
    let server = try Executable.start(["serve", "--listen", "127.0.0.1:0"], isQuiet: true)
    let url = server.firstLine().replacing("listening on ", with: "")
    let port = try #require(URL(string: url)?.port)
    let inspector = try Executable.start(["inspect", "--interface", "lo", "--port", "\(port)", "--format", "ndjson"])
    #expect(inspector.complaint() == "wireproof inspect: capturing on lo")
    #expect(try Executable.run(["connect", "\(url)?uid=9", "--call", "2:hello", "--no-input"]).code == 0)
    // It shows the connection before anybody asks it to end.
    #expect(inspector.firstLine().contains(#""type":"connection""#))
    let outcome = inspector.interrupt()
    #expect(outcome.code == 0)
    #expect(outcome.output.contains(#""outcome":"answered""#))
    #expect(outcome.output.contains(#""frames":2,"rpcs":1"#))
    #expect(server.interrupt().code == 0)
  }
}
