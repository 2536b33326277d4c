import ArgumentParser
import Conformance
import Glibc
import GoldenVectors
import Specification
import SystemFiles

/// `wireproof vectors`.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors", abstract: "Make, check or copy the golden vectors.",
    subcommands: [Generate.self, Lint.self, Copy.self])

  /// `wireproof vectors generate`.
  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the vector files and schemas from the generator.",
      discussion: "Run it in a checkout after a change of Sources/GoldenVectors/Generator.")

    @Option(help: "The vectors folder to write to; default: the one that wireproof finds.")
    var vectors: String?

    @Flag(help: "Write nothing; exit 1 if a file would change.")
    var check = false

    func run() throws {
      try reporting {
        let folder = try vectors ?? DataDirectory.locate(.ofProcess(explicit: nil)).vectors
        let contents = VectorGenerator.contents()
        if check {
          let stale = VectorStore.stale(contents, in: folder)
          guard stale.isEmpty else {
            writeToStandardError("\(stale.joined(separator: ", ")) would change; run wireproof vectors generate")
            throw CommandStatus.failures.exit
          }
          print("all \(contents.count) files are what the generator makes")
          return
        }
        let changed = try VectorStore.write(contents, to: folder)
        let list = changed.isEmpty ? "" : ": \(changed.joined(separator: ", "))"
        print("\(contents.count) files in \(folder), \(changed.count) changed\(list)")
      }
    }
  }

  /// `wireproof vectors lint`.
  struct Lint: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the vectors: shape, layout, ids, counts, and the coverage of the catalogue.")

    @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
    var vectors: String?

    func run() throws {
      try reporting {
        let lint = VectorLint(try loadSuite(vectors))
        let coverage = lint.coverage
        print("\(lint.vectors) vectors, \(lint.combinations) combinations of requirement, flag and result")
        print(
          "\(coverage.covered.count) of \(coverage.testable.count) MUSTs have an accepting and, where there is one, "
            + "a violating vector; \(coverage.untestable.count) others need a probe")
        guard lint.faults.isEmpty else {
          for fault in lint.faults { writeToStandardError(fault.description) }
          throw CommandStatus.failures.exit
        }
      }
    }
  }

  /// `wireproof vectors copy`.
  struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy the vectors, the catalogue, the schemas and msg.proto into a folder.")

    @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
    var vectors: String?

    @Argument(help: "The folder to copy to; it is made if it is not there.")
    var destination: String

    func run() throws {
      try reporting {
        let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
        let count = try VectorStore.copy(VectorSuite.load(directory), from: directory, to: destination)
        print("\(count) files in \(destination)")
      }
    }
  }
}

/// Loads the vectors that an option names, or those that are found.
func loadSuite(_ path: String?) throws -> VectorSuite {
  try VectorSuite.load(DataDirectory.locate(.ofProcess(explicit: path)))
}
