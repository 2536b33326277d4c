import Foundation
import Testing

/// `dissector`: what it writes for other programs, held against our own decoder.
@Suite("Dissectors") struct DissectorTests {
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")
  private static let hasTshark = ["/usr/bin/tshark", "/usr/local/bin/tshark", "/opt/homebrew/bin/tshark"]
    .contains(where: FileManager.default.isExecutableFile(atPath:))

  @Test(
    "Tshark finds the same frames as we do, in all revisions, compressed and in fragments",
    .enabled(if: hasTshark, "there is no tshark")) func sameFrames() throws
  {
    let names = ["go-client-rpc", "rev-1.1", "rev-1.2", "rev-1.3.0", "displacement", "fragmented", "go-deflate-level2"]
    let (text, code) = try Self.script("dissectors.py", names.map { "\(Self.root)/captures/\($0).pcap" })
    #expect(code == 0, "\(text)")
    #expect(text.components(separatedBy: " same").count == names.count + 1, "\(text)")
    #expect(text.contains("\(names.count) redacted ones opened in tshark"), "\(text)")
  }

  @Test("The description for Kaitai Struct reads the golden vectors as they say, or PyYAML is missing") func kaitai()
    throws
  {
    let (text, code) = try Self.script("kaitai.py", [])
    #expect(code == 0, "\(text)")
    #expect(text.contains(" 0 different;") || text.hasPrefix("skipped"), "\(text)")
  }

  /// What a script prints about the executable, and its exit code.
  private static func script(_ name: String, _ arguments: [String]) throws -> (text: String, code: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "\(root)/Scripts/\(name)", Executable.location.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }

  @Test("An unknown program is refused with the known ones named") func unknown() throws {
    let outcome = try Executable.run(["dissector", "tcpdump"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("wireshark"))
  }
}
