import Conformance
import GoldenVectors
import StrictJSON

/// What `wireproof --version` prints.
enum VersionText {
  /// The version and the hash of the vectors that are found.
  static func current() throws -> String {
    let suite = try VectorSuite.identity(of: DataDirectory.locate(.ofProcess(explicit: nil)))
    return "wireproof \(suite.version) (vectors \(suite.hash.prefix(12)))"
  }
}
