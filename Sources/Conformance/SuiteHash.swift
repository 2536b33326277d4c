package import GoldenVectors
package import StrictJSON
import SystemCrypto

extension VectorSuite {
  /// The hash that says which vectors were run: SHA-256 over each vector file in order of its name: name, a zero byte, the
  /// length of the content as eight bytes with the lowest first, the content. In hexadecimal digits.
  package var hash: String { Self.hash(of: contents) }

  /// The version and the hash of the vectors in a directory, which are read but not parsed.
  package static func identity(of directory: DataDirectory) throws(DataFaults) -> (version: String, hash: String) {
    let manifest = try SuiteManifest.load(read(directory, SuiteManifest.fileName), file: SuiteManifest.fileName)
    var contents: [(name: String, bytes: [UInt8])] = []
    for area in manifest.areas { contents.append((area.name + ".json", try read(directory, area.name + ".json"))) }
    return (manifest.suite, hash(of: contents))
  }

  private static func hash(of contents: [(name: String, bytes: [UInt8])]) -> String {
    var hash = SHA256()
    for (name, bytes) in contents.sorted(by: { $0.name < $1.name }) {
      hash.update(Array(name.utf8) + [0] + Bytes.le64(UInt64(bytes.count)).array)
      hash.update(bytes)
    }
    return Bytes(hash.digest()).hex
  }
}
