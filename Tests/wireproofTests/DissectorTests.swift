import Foundation
import Testing

/// `dissector wireshark`, held against our own decoder by tshark.
@Suite("Dissectors") struct DissectorTests {
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")
  private static let hasTshark = ["/usr/bin/tshark", "/usr/local/bin/tshark", "/opt/homebrew/bin/tshark"]
    .contains(where: FileManager.default.isExecutableFile(atPath:))

  @Test(
    "tshark finds the same frames as we do, in all revisions, compressed and in fragments",
    .enabled(if: hasTshark, "there is no tshark")) func sameFrames() throws
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let names = ["go-client-rpc", "rev-1.1", "rev-1.2", "rev-1.3.0", "displacement", "fragmented", "go-deflate-level2"]
    process.arguments =
      ["python3", Self.root + "/Scripts/dissectors.py", Executable.location.path]
      + names.map { "\(Self.root)/captures/\($0).pcap" }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.components(separatedBy: " same").count == names.count + 1, "\(text)")
  }

  @Test("An unknown program is refused with the known ones named") func unknown() throws {
    let outcome = try Executable.run(["dissector", "tcpdump"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("wireshark"))
  }
}
