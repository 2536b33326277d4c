import ArgumentParser
import Conformance
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof vectors`.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors", abstract: "Check or copy the golden vectors.", subcommands: [Lint.self, Copy.self])

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
