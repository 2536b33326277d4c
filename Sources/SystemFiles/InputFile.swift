import Glibc

/// A file that is read: a regular one, a pipe, a device, or standard input.
package enum InputFile {
  /// How much is read by default, in bytes; what goes on after it (a device without end) is refused.
  package static let defaultLimit = 1 << 30

  private static let piece = 1 << 16

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Opens a file for those who read it in pieces.
  ///
  /// - Parameter path: A path; `-` is standard input.
  /// - Returns: A descriptor that is the caller's to close, also where the name stands for an open one.
  /// - Throws: Why it cannot be opened.
  package static func open(_ path: String) throws(FileFault) -> Int32 {
    let stream = StandardStreamName.descriptor(path, dash: STDIN_FILENO)
    let descriptor = stream.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .system(path, "cannot be read", errno) }
    return descriptor
  }

  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - path: A path; `-` is standard input.
  ///   - limit: The most that is read, in bytes.
  ///   - opening: Told the first byte behind a byte order mark as soon as it is there, says why such a file is not read on, if so.
  /// - Throws: Why it cannot be read, or that there is more.
  package static func read(
    _ path: String, limit: Int = defaultLimit, opening: (UInt8) -> String? = { _ in nil }
  ) throws(FileFault) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      var failure: Int32 = 0
      let part = [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
        let result = Glibc.read(descriptor, buffer.baseAddress, piece)
        failure = result < 0 ? errno : 0
        count = max(0, result)
      }
      switch failure {
      case 0: break
      case EINTR: continue
      case EAGAIN:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&waiting, 1, -1)
        continue
      default: throw .system(path, "cannot be read", failure)
      }
      if part.isEmpty { return bytes }
      let isOpened = bytes.count >= byteOrderMark.count
      bytes += part
      if !isOpened, bytes.count >= byteOrderMark.count, let first = withoutByteOrderMark(bytes).first,
        let reason = opening(first)
      {
        throw FileFault(path: path, reason: reason, errorNumber: 0)
      }
      guard bytes.count <= limit else {
        throw FileFault(path: path, reason: "holds more than \(limit) bytes", errorNumber: 0)
      }
    }
  }

  /// The text of a file in UTF-8, without its byte order mark.
  ///
  /// - Throws: Why it cannot be read, or at which byte it is no UTF-8.
  package static func text(_ path: String, limit: Int = defaultLimit) throws(FileFault) -> String {
    let bytes = try read(path, limit: limit)
    if let text = String(validating: withoutByteOrderMark(bytes), as: UTF8.self) { return text }
    let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    throw FileFault(
      path: path, reason: isWide ? "is UTF-16; save it as UTF-8" : "is no UTF-8; save it as UTF-8", errorNumber: 0)
  }

  /// Bytes without the byte order mark that some editors put before UTF-8.
  package static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...]
  }
}
