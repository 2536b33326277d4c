import Foundation
import Testing

/// What `mutate client` says of our own client, right and broken.
@Suite("Clients and broken servers from the command line") struct MutateClientTests {
  private func client(_ behavior: String) -> [String] {
    ["--", Executable.location.path, "connect", "{url}", "--behavior", behavior, "--no-input"]
  }

  @Test("Our client makes nothing bad of a swapped magic, masked frames, lost answers and a reset")
  func right() throws {
    let faults = ["magic-swapped", "frames-masked", "wire-answers-dropped", "wire-reset-at-12"]
    let outcome = try Executable.run(
      ["mutate", "client"] + faults.flatMap { ["--filter", $0] } + client("driver"))
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("4 broken servers"))
    #expect(outcome.output.contains("no reactions that a rule forbids"))
  }

  @Test("One that does not look at the magic is told so, with the rule, in text, page and results")
  func broken() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appending(path: "matrix.html").path
    let results = folder.appending(path: "matrix.ndjson").path
    let outcome = try Executable.run(
      ["mutate", "client", "--filter", "magic-swapped", "--html", page, "--results", results]
        + client("mutant:client-magic-unchecked"))
    #expect(outcome.code == 1, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("DELIVERED  magic-swapped"))
    #expect(outcome.output.contains("rule     frame.magic.reject: A receiver MUST NOT deliver"))
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("frame.magic.reject"))
    #expect(html.contains("default-src 'none'"))
    #expect(!html.contains("<script"))
    #expect(try Executable.run(["report", "verify", results]).code == 0)
  }

  @Test("Without a command, and without {url} in it, nothing is begun")
  func usage() throws {
    #expect(try Executable.run(["mutate", "client"]).code == 2)
    let outcome = try Executable.run(["mutate", "client", "--", "true"])
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("{url}"))
  }
}
