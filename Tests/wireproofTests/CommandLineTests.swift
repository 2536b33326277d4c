import Foundation
import Testing

/// The executable as a user calls it: what it prints and how it ends.
@Suite struct CommandLineTests {
  struct Outcome {
    var code: Int32
    var output: String
    var error: String
  }

  /// Runs the executable that was built beside the tests.
  private func wireproof(_ arguments: [String], in folder: String? = nil) throws -> Outcome {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let process = Process()
    process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("wireproof")
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: complaint, as: UTF8.self))
  }

  @Test(arguments: [
    ["--help"], ["verify", "--help"], ["inspect", "--help"], ["--version"], ["list", "requirements"],
    ["list", "vectors"],
    ["explain", "frame.magic"], ["vectors", "lint"], ["vectors", "generate", "--check"],
  ])
  func whatIsGoodEndsWithZero(_ arguments: [String]) throws {
    let outcome = try wireproof(arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(!outcome.output.isEmpty)
  }

  @Test(arguments: [
    ["nonsense"], ["verify", "--nonsense"], ["verify", "--timeout", "0"], ["verify", "--filter", "no.such.vector"],
    ["verify", "--vectors", "/nonexistent"], ["explain", "no.such.requirement"], ["inspect"],
    ["inspect", "/nonexistent.pcap"], ["coverage", "/nonexistent.ndjson"],
  ])
  func whatCannotBeDoneEndsWithTwoAndOneMessage(_ arguments: [String]) throws {
    let outcome = try wireproof(arguments)
    #expect(outcome.code == 2)
    #expect(!outcome.error.isEmpty)
    #expect(outcome.output.isEmpty)
  }

  @Test func theDataIsFoundFromAnywhere() throws {
    let outcome = try wireproof(["verify", "--filter", "frame.decode.*"], in: "/")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output.contains("all pass"))
  }

  @Test func theDemoFitsATerminal() throws {
    let outcome = try wireproof(["demo"])
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output.contains("all pass"))
    #expect(outcome.output.contains("displacement.pcap"))
    let table = outcome.output.split(separator: "\n").filter { !$0.contains("/") }
    #expect(table.allSatisfy { $0.count <= 80 })
  }
}
