import Glibc
import Synchronization

/// What a signal's handler needs to give a terminal back. Everything is made before the first handler is there, and only
/// functions are called that POSIX allows in one.
enum ScreenRestoration {
  /// The second screen, without a cursor; and back.
  private static let enter: StaticString = "\u{1B}[?1049h\u{1B}[?25l"
  private static let leave: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

  /// Signals that end a process at once, asked for or by a crash. Those of ``Interruption`` come by way of it.
  private static let fatal = [SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE]

  /// The terminal that shows the second screen; -1: none.
  private static let shown = Atomic<Int32>(-1)

  /// Makes what a handler of others needs to call ``end()``.
  static func prepare() { _ = shown.load(ordering: .relaxed) }

  /// What was done about the fatal signals before, in their order: Swift's own handler writes a trace, where it is there.
  nonisolated(unsafe) private static let earlier = UnsafeMutablePointer<sigaction>.allocate(capacity: fatal.count)
  nonisolated(unsafe) private static var handlesFatal = false

  static func begin(_ descriptor: Int32) {
    if !handlesFatal {
      handlesFatal = true
      for (index, number) in fatal.enumerated() {
        sigaction(number, nil, earlier + index)
        guard !isIgnored(earlier[index]) else { continue }
        handle(number) { caught in
          ScreenRestoration.end()
          ScreenRestoration.restore(caught)
          raise(caught)
        }
      }
    }
    if isDefault(SIGTSTP) {
      handle(SIGTSTP) { _ in
        let descriptor = ScreenRestoration.shown.load(ordering: .acquiring)
        ScreenRestoration.write(ScreenRestoration.leave, descriptor)
        raise(SIGSTOP)
        // It has been continued.
        ScreenRestoration.write(ScreenRestoration.enter, descriptor)
      }
    }
    shown.store(descriptor, ordering: .releasing)
    write(enter, descriptor)
  }

  /// Gives the terminal back, once.
  static func end() {
    write(leave, shown.exchange(-1, ordering: .acquiringAndReleasing))
  }

  private static func write(_ text: StaticString, _ descriptor: Int32) {
    guard descriptor >= 0 else { return }
    _ = Glibc.write(descriptor, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Has a fatal signal do what it did before.
  private static func restore(_ signal: Int32) {
    for index in 0..<fatal.count where fatal[index] == signal { sigaction(signal, earlier + index, nil) }
  }

  private static func isDefault(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return number(of: action) == 0
  }

  /// SIG_IGN is no function, but the number 1 in the place of one.
  private static func isIgnored(_ action: sigaction) -> Bool { number(of: action) == 1 }

  private static func number(of action: sigaction) -> UInt {
    withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) }
  }

  private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    sigaction(number, &action, nil)
  }
}
