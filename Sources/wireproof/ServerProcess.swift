import Dispatch
import Glibc
import Logging
import ReferencePeer

/// The line by which a command says that it is ready.
enum ReadyLine {
  /// Prints the line at once, and writes it to another file descriptor too.
  static func print(_ line: String, alsoTo descriptor: Int32?) {
    Swift.print(line)
    fflush(nil)
    guard let descriptor else { return }
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }
}

/// SIGINT and SIGTERM.
enum TerminationSignal {
  /// Waits for the first of them.
  static func wait() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.finish() }
      source.resume()
      return source
    }
    for await _ in stream {}
    for source in sources { source.cancel() }
    // A second one ends the process at once.
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}

/// Prints the figures of a server at intervals.
enum StatisticsPrinter {
  /// Begins to print; ends with the process.
  static func start(_ statistics: TrafficStatistics, every seconds: Double, _ format: LogFormat) {
    let logger = format.logger(debug: false)
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
