import Glibc

/// Writes a line to standard error. What was printed before stands before it, whole, where both streams go to one place.
package func writeToStandardError(_ line: String) {
  fflush(nil)
  _ = Array((line + "\n").utf8).withUnsafeBytes { OutputFile.write($0, to: STDERR_FILENO) }
}
