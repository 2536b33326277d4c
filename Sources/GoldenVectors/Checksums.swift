import Crypto

/// `SHA256SUMS`: what `sha256sum -c` takes, so that a file that was altered, cut short or left out is noticed.
enum Checksums {
  /// The name of the file.
  static let fileName = "SHA256SUMS"

  /// The content of the file: a line for each other file, the digest and the name.
  static func text(of contents: [(name: String, text: String)]) -> String {
    contents.map { name, text in
      let digest = SHA256.hash(data: Array(text.utf8)).map { byte in Bytes([byte]).hex }.joined()
      return "\(digest)  \(name)\n"
    }.joined()
  }
}
