import StrictJSON
import SystemCrypto

/// `SHA256SUMS`: what `sha256sum -c` takes, so that a file that was altered, cut short or left out is noticed.
package enum Checksums {
  /// The name of the file.
  package static let fileName = "SHA256SUMS"

  /// The content of the file: a line for each other file, the digest and the name.
  package static func text(of contents: [(name: String, text: String)]) -> String {
    contents.map { name, text in
      let digest = Bytes(SHA256.digest(of: Array(text.utf8))).hex
      return "\(digest)  \(name)\n"
    }.joined()
  }
}
