import ArgumentParser
import GoldenVectors
import StrictJSON
import VectorGeneration

/// `generate-vectors`: a tool of the checkout, in no release.
@main
struct GenerateVectors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate-vectors", abstract: "Write the vector files and schemas from Sources/VectorGeneration.",
    discussion: "Run it in a checkout after a change there: make vectors")

  @Argument(help: "The vectors folder.")
  var vectors = "vectors"

  @Flag(help: "Write nothing; exit 1 if a file would change.")
  var check = false

  func run() throws {
    let contents = VectorGenerator.contents()
    if check {
      let stale = VectorStore.stale(contents, in: vectors)
      guard stale.isEmpty else {
        print("\(stale.joined(separator: ", ")) would change; run make vectors")
        throw ExitCode.failure
      }
      return print("all \(contents.count) files are what the generator makes")
    }
    do {
      let changed = try VectorStore.write(contents, to: vectors)
      let list = changed.isEmpty ? "" : ": \(changed.joined(separator: ", "))"
      print("\(contents.count) files in \(vectors), \(changed.count) changed\(list)")
    } catch {
      print(error)
      throw ExitCode.failure
    }
  }
}
