import Glibc

/// A folder that files are written into.
package enum OutputFolder {
  /// Makes a folder, and those that it lies in, where they are not there.
  ///
  /// - Parameter path: A path.
  /// - Throws: Why the first one that is missing cannot be made, or that something else is in its place.
  package static func make(_ path: String) throws(FileFault) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      try makeOne(String(path[..<end]), for: path)
    }
    if path.isEmpty { throw .system(path, "the folder cannot be made", ENOENT) }
  }

  private static func makeOne(_ part: String, for path: String) throws(FileFault) {
    guard mkdir(part, 0o777) != 0 else { return }
    let failure = errno
    var status = stat()
    if stat(part, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(path, "the folder cannot be made", ENOTDIR) }
    } else {
      throw .system(path, "the folder cannot be made", failure)
    }
  }
}
