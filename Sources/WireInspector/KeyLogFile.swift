import Glibc
import SystemFiles

/// A file with TLS secrets, to which programs may still be adding lines.
final class KeyLogFile {
  private let descriptor: Int32

  /// Opens a key log.
  ///
  /// - Parameter isOptional: Whether it is nothing to speak of when it is not there.
  init?(_ path: String, isOptional: Bool) throws(InspectionError) {
    do throws(FileFault) {
      descriptor = try InputFile.open(path)
    } catch {
      if isOptional { return nil }
      throw InspectionError(message: "\(error.description) (the key log)")
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      if isOptional { return nil }
      throw InspectionError(message: "\(path): is a directory; name the key log in it")
    }
  }

  deinit { close(descriptor) }

  /// What has been added since the last time. Of a pipe that is what comes until its end.
  func readMore() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += chunk.prefix(count)
    }
  }
}
