import Glibc
package import PacketCapture

/// The command `inspect`: captures in, a report out.
package struct InspectionReport {
  /// The forms of a report.
  package enum Format: String, CaseIterable, Sendable {
    case text, ndjson, csv, html
  }

  package var options: InspectionOptions
  package var limits = TrackerLimits()
  package var format: Format
  /// Where to write; nil for standard output.
  package var outputPath: String?
  /// A filter for packets in libpcap's language.
  package var filter: String?
  /// Which records are shown; nil for all.
  package var records: RecordFilter?
  /// Whether the records are counted instead of written.
  package var countsOnly = false

  package init(options: InspectionOptions, format: Format, outputPath: String? = nil, filter: String? = nil) {
    self.options = options
    self.format = format
    self.outputPath = outputPath
    self.filter = filter
  }

  /// Inspects captures. What cannot be read is said on standard error.
  ///
  /// - Parameter paths: Capture files; `-` is standard input.
  /// - Returns: The exit code: 0, 2 (unreadable input, or a wrong filter) or 3 (cut short or corrupt input).
  package func run(paths: [String]) -> Int32 { run(.files(paths)) }

  /// Inspects what passes a network interface, until SIGINT or SIGTERM.
  ///
  /// - Parameter interface: Its name; `any` for all.
  /// - Returns: The exit code: 0, or 2 where it cannot be captured.
  package func run(interface: String) -> Int32 { run(.interface(interface)) }

  private enum Source {
    case files([String])
    case interface(String)
  }

  private func run(_ source: Source) -> Int32 {
    let paths = if case .files(let paths) = source { paths } else { [String]() }
    var descriptor = STDOUT_FILENO
    if let outputPath {
      // Before what is there is written over: the inputs exist, and the output is none of them.
      if let fault = Self.fault(of: paths, output: outputPath) {
        Self.complain(fault)
        return 2
      }
      descriptor = open(outputPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      if descriptor < 0 {
        Self.complain("\(outputPath): cannot be written: \(SystemError.describe(errno))")
        return 2
      }
    }
    defer { if descriptor != STDOUT_FILENO { close(descriptor) } }
    let buffer = OutputBuffer(descriptor: descriptor)
    var sink: any InspectionSink
    switch format {
    case .text where countsOnly: sink = StatisticsSink(output: buffer, form: .text)
    case .ndjson where countsOnly: sink = StatisticsSink(output: buffer, form: .ndjson)
    case .csv: sink = CSVSink(output: buffer)
    case .html: sink = HTMLSink(output: buffer)
    case .ndjson: sink = NDJSONSink(output: buffer)
    case .text:
      let isPlain = getenv("NO_COLOR") != nil || getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false
      sink = TextSink(output: buffer, usesColour: !isPlain && isatty(descriptor) == 1)
    }
    if let records { sink = FilteredSink(records, into: sink) }
    Interruption.install()
    var code: Int32
    do throws(InspectionError) {
      var inspection = CaptureInspection(options: options, sink: sink, filter: filter, limits: limits)
      let outcome =
        switch source {
        case .files(let paths): try inspection.run(paths: paths)
        case .interface(let name): try inspection.run(interface: name) { Self.complain("capturing on \(name)") }
        }
      buffer.flush()
      for message in outcome.messages { Self.complain(message) }
      code = outcome.exitCode
    } catch {
      buffer.flush()
      Self.complain(error.message)
      code = 2
    }
    // A reader that has seen enough (`head`, a pager) is no fault.
    if buffer.failure != 0, buffer.failure != EPIPE {
      Self.complain("the output cannot be written: \(SystemError.describe(buffer.failure))")
      code = 2
    }
    return code
  }

  /// Inspects captures into a check. What cannot be read is said on standard error.
  ///
  /// - Returns: The exit code of the reading alone, as for ``run(paths:)``.
  package static func check(
    _ paths: [String], options: InspectionOptions, filter: String?, into conformance: CaptureConformance
  ) -> Int32 {
    do throws(InspectionError) {
      var inspection = CaptureInspection(options: options, sink: conformance, filter: filter)
      let outcome = try inspection.run(paths: paths)
      for message in outcome.messages { complain(message) }
      return outcome.exitCode
    } catch {
      complain(error.message)
      return 2
    }
  }

  /// Why nothing may be written to `output`: an input that cannot be opened, or is the same file.
  private static func fault(of paths: [String], output: String) -> String? {
    var target = stat()
    let exists = stat(output, &target) == 0
    for path in paths where path != "-" {
      var input = stat()
      guard stat(path, &input) == 0, access(path, R_OK) == 0 else {
        return "\(path): cannot be opened: \(SystemError.describe(errno))"
      }
      if exists, input.st_dev == target.st_dev, input.st_ino == target.st_ino {
        return "\(output): is the capture itself; name another file for the output"
      }
    }
    return nil
  }

  private static func complain(_ message: String) {
    var bytes = Array("wireproof inspect: \(TerminalText.escaped(message))\n".utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
