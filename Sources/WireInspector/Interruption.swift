import Glibc
import Synchronization

/// SIGINT and SIGTERM end a capture that is read as it comes; what came until then is reported, with its summary.
enum Interruption {
  private static let wasRequested = Atomic<Bool>(false)

  /// Whether one of the signals came.
  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Begins to listen for them: the first ends the reading, a second one the process.
  static func install() {
    // Made here, since a signal handler must not be the first to touch it.
    wasRequested.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interruption.wasRequested.store(true, ordering: .relaxed) }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    // Some parents start their children with all signals blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
