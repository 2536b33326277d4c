import Glibc

/// How long the lines of texts for people are.
enum TerminalWidth {
  /// The columns of the terminal that standard output is; elsewhere what `COLUMNS` says, else 80.
  static var columns: Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return max(20, Int(size.ws_col)) }
    return getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.map { min(max(20, $0), 1_000) } ?? 80
  }
}
