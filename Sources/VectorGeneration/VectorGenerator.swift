package import GoldenVectors
import StrictJSON

/// Makes every vector file from the specification. It imports no codec: expected values are put together byte by byte in
/// the generators of the areas.
package enum VectorGenerator {
  /// What makes each file, in the order in which the areas are listed and verified.
  private static let generators: [@Sendable () -> VectorFile] = [
    FrameVectors.file, DisplacementVectors.file, WebSocketVectors.file, DeflateVectors.file,
    HandshakeVectors.file, MetadataVectors.file, CharsetVectors.file, NegotiationVectors.file,
    RPCVectors.file, KeepAliveVectors.file, CloseVectors.file,
  ]

  /// All files.
  package static func files() -> [VectorFile] { generators.map { $0().written } }

  /// What the generated files hold, by name: the vectors, `version.json`, the schemas, and the checksums of them all.
  package static func contents() -> [(name: String, text: String)] {
    let files = files()
    let manifest = SuiteManifest(
      suite: SuiteManifest.currentVersion, areas: files.map { (name: $0.area, tests: Int64($0.testCount)) })
    let contents =
      [(SuiteManifest.fileName, manifest.json.canonicalText)]
      + files.map { ($0.area + ".json", $0.canonicalText) }
      + PublishedSchema.allCases.map { ($0.rawValue, $0.json.canonicalText) }
    return contents + [(Checksums.fileName, Checksums.text(of: contents))]
  }
}
