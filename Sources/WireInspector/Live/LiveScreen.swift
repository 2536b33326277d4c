import Glibc
import SystemFiles

/// The screen of a terminal that shows how things stand, drawn over and over in place.
///
/// It is the terminal's second screen, so that what was there before is there again afterwards, also when a signal ends or
/// stops the process. One of a process is shown at a time.
final class LiveScreen {
  /// Nanoseconds between two drawings at least.
  static let interval: Int64 = 250_000_000

  private let descriptor: Int32
  private var lastDrawing: Int64?

  /// Takes over the terminal; nil where the descriptor is none, or is one that cannot move its cursor.
  init?(descriptor: Int32) {
    guard isatty(descriptor) == 1 else { return nil }
    if let kind = getenv("TERM"), strcmp(kind, "dumb") == 0 { return nil }
    self.descriptor = descriptor
    ScreenRestoration.begin(descriptor)
  }

  deinit { close() }

  /// Gives the terminal back. Harmless where that has been done.
  func close() { ScreenRestoration.end() }

  /// Draws, unless the last time was a moment ago.
  ///
  /// - Parameters:
  ///   - now: The time of ``SystemClock/monotonic``.
  ///   - text: What is to be seen; asked for only where it will be.
  func draw(at now: Int64, _ text: () -> String) {
    if let lastDrawing, now - lastDrawing < Self.interval { return }
    lastDrawing = now
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
    let bytes = Array(
      Self.drawing(text(), columns: isKnown ? Int(size.ws_col) : 80, rows: isKnown ? Int(size.ws_row) : 24).utf8)
    _ = bytes.withUnsafeBytes { OutputFile.write($0, to: descriptor) }
  }

  /// The bytes that put a text on a screen: from the upper left corner, each line up to its end, then nothing below. Nothing is
  /// cleared before it is written over, so that nothing flickers. What does not fit is cut.
  static func drawing(_ text: String, columns: Int, rows: Int) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    if lines.count > rows {
      let hidden = lines.count - rows + 1
      lines = lines.prefix(rows - 1) + ["… \(hidden) more lines"]
    }
    return "\u{1B}[H"
      + lines.map { TerminalText.cut(String($0), to: columns) + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
  }
}
