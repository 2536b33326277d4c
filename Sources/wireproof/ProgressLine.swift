import Glibc

/// One line on standard error that is written over and over, on a terminal that can do so only.
struct ProgressLine {
  private let isShown = isatty(STDERR_FILENO) == 1 && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? true

  /// Shows a line in place of the one before.
  func show(_ line: String) {
    if isShown { Terminal.write("\r\u{1B}[K" + line, to: STDERR_FILENO) }
  }

  /// Takes the line away.
  func clear() {
    if isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }
}
