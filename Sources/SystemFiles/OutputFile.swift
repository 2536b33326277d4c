import Glibc

/// Where a command writes. What is there is written through and never replaced: a link stays a link, and a device, a pipe or
/// a standard stream gets the bytes. A write that was not whole is an error, never lost in silence.
package struct OutputFile: ~Copyable, Sendable {
  /// The file, as the user named it.
  package let path: String

  /// The open descriptor; it belongs to this value.
  package let descriptor: Int32

  /// Opens a file, or makes it; what a regular file held is gone.
  ///
  /// - Parameter path: A path; `-` is standard output.
  /// - Throws: Why it cannot be opened.
  package init(_ path: String) throws(FileFault) {
    self.path = path
    if let stream = StandardStreamName.descriptor(path, dash: STDOUT_FILENO) {
      // What was printed before comes before.
      fflush(nil)
      descriptor = fcntl(stream, F_DUPFD_CLOEXEC, 0)
    } else {
      descriptor = Self.open(path)
    }
    guard descriptor >= 0 else {
      let failure = errno
      if failure == ENXIO, Self.isPipe(path) {
        throw FileFault(path: path, reason: "cannot be written: nobody reads the pipe", errorNumber: failure)
      }
      throw .system(path, "cannot be written", failure)
    }
  }

  /// How long the next look at a pipe that nobody reads is waited for, in microseconds.
  private static let pause: UInt32 = 20_000

  /// Opens by name. A pipe is waited for until somebody reads it, but not in the system, where a task that is cancelled stays.
  private static func open(_ path: String) -> Int32 {
    while true {
      let opened = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o666)
      if opened >= 0 {
        _ = fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) & ~O_NONBLOCK)
        return opened
      }
      guard errno == ENXIO, isPipe(path), !Task.isCancelled else { return opened }
      usleep(pause)
    }
  }

  private static func isPipe(_ path: String) -> Bool {
    let failure = errno
    defer { errno = failure }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  deinit { Glibc.close(descriptor) }

  /// Writes bytes, all of them.
  package func write(_ bytes: [UInt8]) throws(FileFault) {
    let failure = bytes.withUnsafeBytes { Self.write($0, to: descriptor) }
    guard failure == 0 else { throw .system(path, "cannot be written", failure) }
  }

  /// Writes a text in UTF-8, all of it.
  package func write(_ text: String) throws(FileFault) { try write(Array(text.utf8)) }

  /// Says whether all that was written has arrived. Network file systems find out only when a descriptor is closed (close(2)), any
  /// one of them; so a second one is.
  package func confirm() throws(FileFault) {
    let second = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard second >= 0, Glibc.close(second) == 0 else { throw .system(path, "cannot be written", errno) }
  }

  /// Writes a whole file.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - path: A path; `-` is standard output.
  package static func write(_ text: String, to path: String) throws(FileFault) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a whole file.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileFault) {
    let file = try OutputFile(path)
    try file.write(bytes)
    try file.confirm()
  }

  /// Whether what is a pipe has lost its reader, which a write would say, and nobody else.
  ///
  /// - Returns: 0, or EPIPE.
  package static func lackOfReader(of descriptor: Int32) -> Int32 {
    var asked = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&asked, 1, 0) > 0 && asked.revents & Int16(POLLERR) != 0 ? EPIPE : 0
  }

  /// Writes bytes to a descriptor, all of them, also to one that does not block.
  ///
  /// - Returns: 0, or the error number of the write that failed.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
      if written > 0 {
        offset += written
      } else if written < 0, errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&waiting, 1, -1) < 0, errno != EINTR { return errno }
      } else if written < 0, errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
