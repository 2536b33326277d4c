import Foundation
import Testing

/// The executable as a user calls it: what it prints and how it ends.
@Suite struct CommandLineTests {
  @Test(
    "What is good ends with 0",
    arguments: [
      ["--help"], ["verify", "--help"], ["inspect", "--help"], ["--version"], ["list", "requirements"],
      ["list", "vectors"], ["list", "probes"],
      ["explain", "frame.magic"], ["explain", "mutant:magic-swapped"], ["explain", "ws.bad-control"],
      ["list", "mutants"], ["list", "findings"], ["vectors", "lint"],
    ])
  func whatIsGoodEndsWithZero(_ arguments: [String]) throws {
    let outcome = try Executable.run(arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(!outcome.output.isEmpty)
  }

  @Test(
    "What cannot be done ends with 2 and one message",
    arguments: [
      ["nonsense"], ["verify", "--nonsense"], ["verify", "--timeout", "0"], ["verify", "--filter", "no.such.vector"],
      ["verify", "--vectors", "/nonexistent"], ["explain", "no.such.requirement"], ["inspect"],
      ["inspect", "/nonexistent.pcap"], ["coverage", "/nonexistent.ndjson"],
    ])
  func whatCannotBeDoneEndsWithTwoAndOneMessage(_ arguments: [String]) throws {
    let outcome = try Executable.run(arguments)
    #expect(outcome.code == 2)
    #expect(!outcome.error.isEmpty)
    #expect(outcome.output.isEmpty)
  }

  @Test("Help has its descriptions at any width", arguments: ["1", "20", "27", "300"])
  func narrow(columns: String) throws {
    for arguments in [["--help"], ["verify", "--help"], ["probe", "server", "--help"]] {
      let outcome = try Executable.start(arguments, environment: ["COLUMNS": columns]).outcome()
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.output.contains("help information."))
    }
  }

  @Test("The data is found from anywhere") func theDataIsFoundFromAnywhere() throws {
    let outcome = try Executable.run(["verify", "--filter", "frame.decode.*"], in: "/")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output.contains("all pass"))
  }

  @Test("The demo fits a terminal") func theDemoFitsATerminal() throws {
    let outcome = try Executable.run(["demo"])
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output.contains("all pass"))
    #expect(outcome.output.contains("displacement.pcap"))
    let table = outcome.output.split(separator: "\n").filter { !$0.contains("/") }
    #expect(table.allSatisfy { $0.count <= 80 })
  }
}
