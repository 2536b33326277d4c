import CaptureFile
import Glibc

/// A capture file that is read in chunks.
final class CaptureSource {
  let name: String
  private let descriptor: Int32
  @exclusivity(unchecked) var reader = CaptureReader()
  private var isAtEnd = false
  /// Called before the source waits for bytes that have not come yet: what is known should be shown.
  var beforeWaiting: (() -> Void)?
  /// Why reading stopped, where the system refused to go on.
  private(set) var readError: Int32 = 0

  static let chunkSize = 1 << 18

  private init(name: String, descriptor: Int32) {
    self.name = name
    self.descriptor = descriptor
  }

  deinit { if descriptor > 2 { close(descriptor) } }

  /// Opens a file; `-` is standard input.
  static func open(_ path: String) throws(InspectionError) -> CaptureSource {
    if path == "-" { return CaptureSource(name: "standard input", descriptor: STDIN_FILENO) }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InspectionError(message: "\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw InspectionError(message: "\(path): is a directory; name the captures in it")
    }
    return CaptureSource(name: path, descriptor: descriptor)
  }

  /// The next event, or nil at the end.
  func next() -> CaptureEvent? {
    while true {
      if let event = reader.next() { return event }
      if isAtEnd || reader.isFinished { return nil }
      refill()
    }
  }

  private func refill() {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    if let beforeWaiting, Glibc.poll(&poll, 1, 0) == 0 { beforeWaiting() }
    var count = 0
    reader.feed(capacity: Self.chunkSize) { memory in
      repeat {
        if Interruption.isRequested {
          count = 0
          break
        }
        count = read(descriptor, memory.baseAddress, memory.count)
      } while count < 0 && errno == EINTR
      return count
    }
    guard count <= 0 else { return }
    if count < 0 { readError = errno }
    isAtEnd = true
    reader.finish()
  }
}

/// Why an inspection cannot begin.
package struct InspectionError: Error, Sendable {
  /// One line: what, where, what to do.
  package var message: String

  package init(message: String) { self.message = message }
}
