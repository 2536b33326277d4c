import Glibc
import Synchronization
import SystemFiles

/// A terminal that gives every key at once and shows nothing by itself ("raw mode"), until that is ended.
///
/// The terminal is as it was before after ``endRawMode()``, at the end of the process, and when a signal ends it, a crash
/// included. One terminal of a process is in raw mode at a time.
struct Terminal: Sendable {
  /// Where keys come from.
  let input: Int32
  /// Where text goes to.
  let output: Int32

  /// A terminal for keys and text; nil where one of the two is none, or is one that cannot move its cursor.
  init?(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) {
    guard isatty(input) == 1, isatty(output) == 1 else { return nil }
    if let kind = getenv("TERM"), strcmp(kind, "dumb") == 0 { return nil }
    self.input = input
    self.output = output
  }

  /// Its width, or 80 if it does not say.
  var columns: Int {
    var size = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Goes into raw mode. False if the terminal refuses, or another one is in it.
  func beginRawMode() -> Bool {
    var attributes = termios()
    guard tcgetattr(input, &attributes) == 0 else { return false }
    let (exchanged, _) = RestorePoint.state.compareExchange(
      expected: RestorePoint.unused, desired: RestorePoint.changing, ordering: .acquiringAndReleasing)
    guard exchanged else { return false }
    RestorePoint.storage.pointee = (input, attributes)
    RestorePoint.install()
    RestorePoint.state.store(RestorePoint.armed, ordering: .releasing)
    cfmakeraw(&attributes)
    // Line ends of whatever else writes to the terminal still return the cursor.
    attributes.c_oflag |= tcflag_t(OPOST) | tcflag_t(ONLCR)
    guard tcsetattr(input, TCSADRAIN, &attributes) == 0 else {
      endRawMode()
      return false
    }
    return true
  }

  /// Makes the terminal what it was before ``beginRawMode()``. Harmless if it is.
  func endRawMode() { RestorePoint.restore() }

  /// Stops the process, as Control-Z does in a terminal that is not raw, until it is continued. False if the terminal could not
  /// be made raw again.
  func suspend() -> Bool {
    endRawMode()
    raise(SIGTSTP)
    return beginRawMode()
  }

  /// Writes text. What the terminal does not take is lost.
  func write(_ text: String) { Self.write(text, to: output) }

  /// Writes a whole text to a file descriptor, which may be non-blocking; gives up on an error.
  static func write(_ text: String, to descriptor: Int32) {
    _ = Array(text.utf8).withUnsafeBytes { OutputFile.write($0, to: descriptor) }
  }
}

/// The state to go back to, where a signal handler finds it. Everything here is made before the first handler is installed,
/// and only touched with functions that POSIX allows in one.
private enum RestorePoint {
  static let unused = 0
  static let changing = 1
  static let armed = 2

  /// Signals that end a process, asked for or by a crash.
  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE,
  ]

  static let state = Atomic<Int>(unused)
  private static let isInstalled = Atomic<Bool>(false)

  /// Written while the state is `changing` only.
  nonisolated(unsafe) static let storage: UnsafeMutablePointer<(descriptor: Int32, attributes: termios)> = {
    let storage = UnsafeMutablePointer<(descriptor: Int32, attributes: termios)>.allocate(capacity: 1)
    storage.initialize(to: (-1, termios()))
    return storage
  }()

  /// What the signals did before, by their numbers; written before a signal's handler is there.
  nonisolated(unsafe) private static let dispositions: UnsafeMutablePointer<sigaction> = {
    let dispositions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
    dispositions.initialize(repeating: sigaction(), count: 65)
    return dispositions
  }()

  /// Lets the end of the process, of either kind, restore the terminal.
  static func install() {
    guard !isInstalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    atexit { RestorePoint.restore() }
    for signal in signals {
      let previous = dispositions + Int(signal)
      guard sigaction(signal, nil, previous) == 0 else { continue }
      // Who ignores a signal handles it in another way, or wants to outlive it.
      if previous.pointee.__sigaction_handler.sa_handler.map({ unsafeBitCast($0, to: Int.self) }) == 1 { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { RestorePoint.restoreAndPassOn($0) }
      action.sa_flags = Int32(SA_ONSTACK)
      sigaction(signal, &action, nil)
    }
  }

  static func restore() {
    let (exchanged, _) = state.compareExchange(
      expected: armed, desired: changing, ordering: .acquiringAndReleasing)
    guard exchanged else { return }
    _ = tcsetattr(storage.pointee.descriptor, TCSADRAIN, &storage.pointee.attributes)
    state.store(unused, ordering: .releasing)
  }

  /// The signal comes again, to whom it would have come first, when this has returned.
  private static func restoreAndPassOn(_ signal: Int32) {
    let error = errno
    restore()
    sigaction(signal, dispositions + Int(signal), nil)
    raise(signal)
    errno = error
  }
}
