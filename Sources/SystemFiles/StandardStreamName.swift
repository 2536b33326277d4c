import Glibc

/// Names of files that stand for what the process has open already: `-`, `/dev/stdout`, `/dev/fd/N` and the like. To open them by
/// name would open the file behind them anew: with a place of its own, and cut to nothing.
enum StandardStreamName {
  /// The open descriptor that a name stands for; nil: it is a file like any other.
  ///
  /// - Parameter dash: What `-` stands for.
  static func descriptor(_ path: String, dash: Int32) -> Int32? {
    switch path {
    case "-": return dash
    case "/dev/stdin": return STDIN_FILENO
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default: break
    }
    for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
      return Int32(path.dropFirst(folder.count))
    }
    return nil
  }
}
