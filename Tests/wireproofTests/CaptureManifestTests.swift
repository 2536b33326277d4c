import Foundation
import Testing

/// The shipped captures, as `captures/nasty/check.py` judges them: it shares no code with the inspector and reads what users read.
@Suite("Captures against their manifests", .timeLimit(.minutes(10)))
struct CaptureManifestTests {
  private static let captures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures")

  /// Runs the judge on a folder and gives its exit code and what it printed.
  private static func judge(_ folder: URL) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", captures.appending(path: "nasty/check.py").path, "--inspect",
      "'\(Executable.location.path)' inspect", folder.path,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test("Each holds what its manifest says", arguments: [".", "nasty", "generated", "tls"])
  func manifest(folder: String) throws {
    let (code, output) = try Self.judge(Self.captures.appending(path: folder))
    #expect(code == 0, "\(output)")
  }

  @Test("Each recording of the original programs is in their manifest")
  func complete() throws {
    let data = try Data(contentsOf: Self.captures.appending(path: "manifest.json"))
    let entries = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.captures.path).filter { $0.hasSuffix(".pcap") }
    #expect(Set(entries.compactMap { $0["file"] as? String }) == Set(files))
  }

  /// What a manifest may state wrongly, the text that is replaced, its replacement, and what the judge then says.
  static let lies = [
    ("a text", #""text": "go async 0""#, #""text": "go async 9""#, "1 frames missing, 1 wrong or extra"),
    ("the order", #""text": "go async 0"},"#, #""text": "go async 1"},"#, "frames missing"),
    ("an sn", #""sn": 0, "#, #""sn": 8, "#, "frames missing"),
    (
      "a frame more", #""messages": ["#, #""messages": [{"dir": "c2s", "protocolId": 2, "sn": 0, "len": 1},"#,
      "frames missing"
    ),
    ("the identity", "100-0--", "101-0--", "connection 1"),
    ("the revision", #""revision": "1.3.3""#, #""revision": "1.3.0""#, "connection 1"),
    ("a control frame", #""client close": 1"#, #""client close": 2"#, "connection 1"),
    ("a finding", #""tcp.rst": 1"#, #""tcp.rst": 2"#, "findings"),
    ("a call", #""calls": {}"#, #""calls": {"client answered": 1}"#, "calls"),
    ("the end", #""exit": "ok""#, #""exit": "partial""#, "exit 0"),
  ]

  @Test("A manifest that says something else is not met", arguments: lies)
  func lie(what: String, text: String, replacement: String, complaint: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "manifest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let name = "go-client-async.pcap"
    try FileManager.default.copyItem(at: Self.captures.appending(path: name), to: folder.appending(path: name))
    let manifest = """
      [{"variant": "async", "file": "\(name)", "exit": "ok", "calls": {}, "findings": {"tcp.rst": 1}, "connections": [
        {"client": "127.0.0.1:51158", "server": "127.0.0.1:8003", "identity": "100-0--", "revision": "1.3.3",
         "controls": {"client close": 1, "server close": 1}, "messages": [
          \((0..<5).map { #"{"dir": "c2s", "protocolId": 2, "sn": 0, "text": "go async \#($0)"}"# }.joined(separator: ",\n")),
          \((0..<5).map { #"{"dir": "s2c", "protocolId": 3, "sn": 0, "text": "go async \#($0)"}"# }.joined(separator: ",\n"))]}]}]
      """
    let path = folder.appending(path: "manifest.json")
    try manifest.write(to: path, atomically: true, encoding: .utf8)
    let truth = try Self.judge(folder)
    #expect(truth.code == 0, "\(truth.output)")
    let range = try #require(manifest.range(of: text))
    try manifest.replacingCharacters(in: range, with: replacement).write(to: path, atomically: true, encoding: .utf8)
    let (code, output) = try Self.judge(folder)
    #expect(code == 1 && output.contains(complaint), "\(what): \(output)")
  }
}
