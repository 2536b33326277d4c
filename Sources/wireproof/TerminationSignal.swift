import Dispatch
import Glibc

/// Where the handler leaves a byte for each signal that came; -1 before anybody waits. Written once, before the handler is there.
private nonisolated(unsafe) var notices: Int32 = -1

/// SIGINT, SIGTERM and SIGHUP, the last of which comes when the terminal is closed.
enum TerminationSignal {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

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

  /// Begins to listen for them: what comes from now on is kept until it is waited for. A second one ends the process at once.
  static func listen() { _ = handling }

  private static let handling: Void = {
    _ = reading
    for number in numbers where number != SIGHUP || !isIgnored(number) {
      signal(number) { _ in
        var byte: UInt8 = 0
        _ = write(notices, &byte, 1)
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
      }
    }
  }()

  /// Waits for the first of them.
  static func wait() async {
    listen()
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let source = DispatchSource.makeReadSource(fileDescriptor: reading)
    source.setEventHandler { continuation.finish() }
    source.resume()
    for await _ in stream {}
    source.cancel()
  }

  /// Whether the signal is ignored, as `nohup` has it for what is to outlive its terminal.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is no function, but the number 1 in the place of one.
    return withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) == 1 }
  }
}
