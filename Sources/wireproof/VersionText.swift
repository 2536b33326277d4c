import Conformance
import GoldenVectors
import StrictJSON

/// What `wireproof --version` prints.
enum VersionText {
  /// The version and the hash of the vectors that are found. Where none are, it says so: a version is asked for also when
  /// an installation is broken.
  static func current() -> String {
    do {
      let suite = try VectorSuite.identity(of: DataDirectory.locate(.ofProcess(explicit: nil)))
      return "wireproof \(suite.version) (vectors \(suite.hash.prefix(12)))"
    } catch {
      return "wireproof \(SuiteManifest.currentVersion) (no vectors: set WIREPROOF_DATA to the folder that has them)"
    }
  }
}
