import Glibc

/// Which file a name leads to: two names of one file have the same.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  /// Whether it keeps what is written to it; devices, pipes and sockets do not.
  package let isRegular: Bool

  package let isFolder: Bool

  /// The identity of a file that is to be read.
  ///
  /// - Parameter path: A path; `-` is standard input.
  /// - Throws: That it is not there, or may not be read.
  package init(input path: String) throws(FileFault) {
    guard let identity = Self(path, dash: STDIN_FILENO) else { throw .system(path, "cannot be read", errno) }
    if StandardStreamName.descriptor(path, dash: STDIN_FILENO) == nil, access(path, R_OK) != 0 {
      throw .system(path, "cannot be read", errno)
    }
    self = identity
  }

  /// The identity of a file that is to be written; nil where it has to be made first.
  ///
  /// - Parameter path: A path; `-` is standard output.
  package init?(output path: String) { self.init(path, dash: STDOUT_FILENO) }

  private init?(_ path: String, dash: Int32) {
    var status = stat()
    let result = StandardStreamName.descriptor(path, dash: dash).map { fstat($0, &status) } ?? stat(path, &status)
    guard result == 0 else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
  }
}
