import FoundationEssentials

/// A folder that a test uses, gone afterwards.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/wireproof-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The names of all files in it, hidden ones too, in their order.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

  /// The bytes of all files in it.
  var size: Int { names.reduce(0) { $0 + TemporaryFile.content(of: path + "/" + $1).count } }
}
