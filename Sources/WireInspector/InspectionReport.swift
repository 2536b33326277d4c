import Glibc
package import PacketCapture

/// The command `inspect`: captures in, a report out.
package struct InspectionReport {
  /// The forms of a report.
  package enum Format: String, CaseIterable, Sendable {
    case text, ndjson
  }

  package var options: InspectionOptions
  package var limits = TrackerLimits()
  package var format: Format
  /// Where to write; nil for standard output.
  package var outputPath: String?
  /// A filter for packets in libpcap's language.
  package var filter: String?

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
  package func run(paths: [String]) -> Int32 {
    var descriptor = STDOUT_FILENO
    if let outputPath {
      descriptor = open(outputPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      if descriptor < 0 {
        Self.complain("\(outputPath): cannot be written: \(SystemError.describe(errno))")
        return 2
      }
    }
    defer { if descriptor != STDOUT_FILENO { close(descriptor) } }
    let buffer = OutputBuffer(descriptor: descriptor)
    let sink: any InspectionSink
    switch format {
    case .ndjson: sink = NDJSONSink(output: buffer)
    case .text:
      let isPlain = getenv("NO_COLOR") != nil
      sink = TextSink(output: buffer, usesColour: !isPlain && isatty(descriptor) == 1)
    }
    var code: Int32
    do throws(InspectionError) {
      var inspection = CaptureInspection(options: options, sink: sink, filter: filter, limits: limits)
      let outcome = try inspection.run(paths: paths)
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

  private static func complain(_ message: String) {
    var bytes = Array("wireproof inspect: \(TerminalText.escaped(message))\n".utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
