import ArgumentParser
import Glibc
import Logging
import ReferencePeer
import SystemFiles

/// The line by which a command says that it is ready.
enum ReadyLine {
  /// Sees to it that a file descriptor can be written to, before anything is begun.
  ///
  /// - Throws: `ValidationError`.
  static func check(_ descriptor: Int32) throws {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0 else {
      throw ValidationError(
        "--ready-fd \(descriptor): no such file descriptor is open; open it with \(descriptor)>FILE.")
    }
    guard flags & O_ACCMODE != O_RDONLY else {
      throw ValidationError("--ready-fd \(descriptor) is open for reading only.")
    }
  }

  /// Prints the line at once, and writes it to another file descriptor too. Where one does not take it, that is logged.
  ///
  /// Whoever reads it may end the process at once: signals are listened for by then.
  static func print(_ line: String, alsoTo descriptor: Int32?, logger: Logger) {
    TerminationSignal.listen()
    for (name, descriptor) in [("standard output", STDOUT_FILENO), ("--ready-fd", descriptor ?? STDOUT_FILENO)]
      .prefix(descriptor == nil ? 1 : 2)
    {
      let failure = Array((line + "\n").utf8).withUnsafeBytes { OutputFile.write($0, to: descriptor) }
      if failure != 0 {
        let reason = String(cString: strerror(failure))
        logger.error("cannot write the ready line", metadata: ["to": "\(name)", "reason": "\(reason)"])
      }
    }
  }
}

/// Prints the figures of a server at intervals.
enum StatisticsPrinter {
  /// Begins to print; ends with the process.
  static func start(_ statistics: TrafficStatistics, every seconds: Double, _ format: LogFormat) {
    let logger = format.logger()
    Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .seconds(seconds))
        let figures = statistics.snapshot()
        let elapsed = max(Double(figures.elapsedNanoseconds) / 1e9, 1e-9)
        func rate(_ count: UInt64) -> String { "\(Int64((Double(count) / elapsed).rounded()))/s" }
        func micros(_ nanoseconds: UInt64?) -> String { nanoseconds.map { "\($0 / 1000)us" } ?? "-" }
        logger.info(
          "figures",
          metadata: [
            "connections": "\(figures.openConnections)", "framesIn": "\(rate(figures.sinceLast.framesIn))",
            "framesOut": "\(rate(figures.sinceLast.framesOut))", "bytesIn": "\(rate(figures.sinceLast.bytesIn))",
            "bytesOut": "\(rate(figures.sinceLast.bytesOut))", "calls": "\(rate(figures.sinceLast.callsAnswered))",
            "p50": "\(micros(figures.latency?.median))", "p99": "\(micros(figures.latency?.percentile99))",
          ])
      }
    }
  }
}
