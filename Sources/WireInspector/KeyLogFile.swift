import Glibc
import SystemFiles

/// A file with TLS secrets, to which programs may still be adding lines.
final class KeyLogFile {
  /// So much is read of a device at most, which may have no end.
  private static let deviceLimit = 16 << 20
  /// So much is given at a time: a log can be larger than what memory is for.
  private static let portion = 1 << 20

  private let descriptor: Int32
  private var deviceBytesLeft = Int.max
  /// Whether it is a device that gave more than a key log has.
  private(set) var isEndless = false

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
    guard fstat(descriptor, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      if isOptional { return nil }
      throw InspectionError(message: "\(path): is a directory; name the key log in it")
    }
    if status.st_mode & S_IFMT == S_IFCHR { deviceBytesLeft = Self.deviceLimit }
  }

  deinit { close(descriptor) }

  /// The next part of what has been added since the last time; empty: there is no more now. Of a pipe that is what comes until its end.
  func readMore() -> [UInt8] {
    guard deviceBytesLeft > 0 else {
      isEndless = true
      return []
    }
    let limit = min(Self.portion, deviceBytesLeft)
    while true {
      var isInterrupted = false
      let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        let result = read(descriptor, buffer.baseAddress, limit)
        isInterrupted = result < 0 && errno == EINTR
        count = max(0, result)
      }
      if isInterrupted { continue }
      deviceBytesLeft -= bytes.count
      return bytes
    }
  }
}
