import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP end a capture that is read as it comes; what came until then is reported, with its summary.
enum Interruption {
  private static let wasRequested = Atomic<Bool>(false)

  /// Whether one of the signals came.
  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Begins to listen for them: the first ends the reading, a second one, of whatever kind, the process.
  static func install() {
    // Made here, since a signal handler must not be the first to touch it.
    wasRequested.store(false, ordering: .relaxed)
    ScreenRestoration.prepare()
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(number) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { caught in
        guard Interruption.wasRequested.exchange(true, ordering: .relaxed) else { return }
        ScreenRestoration.end()
        signal(caught, SIG_DFL)
        raise(caught)
      }
      sigaction(number, &action, nil)
      sigaddset(&signals, number)
    }
    // Some parents start their children with all signals blocked.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Nothing is read any more that could be ended: the first signal ends the process, which may wait for somebody to read a pipe.
  static func release() {
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { signal(number, SIG_DFL) }
  }

  /// Whether the signal is ignored, as `nohup` has it for what is to outlive its terminal.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is no function, but the number 1 in the place of one.
    return withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) == 1 }
  }
}
