import Dispatch
import Glibc

/// Where the handler leaves a byte for each signal that came; -1 before anybody waits. Written once, before the handler is there.
private nonisolated(unsafe) var notices: Int32 = -1

/// SIGINT and SIGTERM.
enum TerminationSignal {
  /// The end of the pipe that is read; its other end is ``notices``.
  private static let reading: Int32 = {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return -1 }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    notices = ends[1]
    return ends[0]
  }()

  /// Waits for the first of them; one that comes while nobody listens yet is kept in the pipe. A second one ends the process at once.
  static func wait() async {
    let descriptor = reading
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
    source.setEventHandler { continuation.finish() }
    source.resume()
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        var byte: UInt8 = 0
        _ = write(notices, &byte, 1)
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
      }
    }
    for await _ in stream {}
    source.cancel()
  }
}
