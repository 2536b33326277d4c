import Glibc
package import PacketCapture
package import Specification
package import SystemFiles

/// The command `inspect`: captures in, a report out.
package struct InspectionReport {
  /// The forms of a report.
  package enum Format: String, CaseIterable, Sendable {
    case text, ndjson, csv, html, har, perfetto
  }

  package var options: InspectionOptions
  package var limits = TrackerLimits()
  package var format: Format
  /// Where to write; nil for standard output.
  package var outputPath: String?
  /// Where to write the captures with the secrets of their TLS connections inside; nil: nowhere.
  package var copyPath: String?
  /// A filter for packets in libpcap's language.
  package var filter: String?
  /// Which records are shown; nil for all.
  package var records: RecordFilter?
  /// Whether the records are counted instead of written.
  package var countsOnly = false
  /// How many of the slowest and of the largest calls are written instead of the records; nil: the records are.
  package var top: Int?
  /// Whether a text shows payloads whole.
  package var isFull = false
  /// How a text shows payloads; each form but ``PayloadForm/auto`` shows them whole.
  package var payload = PayloadForm.auto
  /// The types of the messages in payloads; nil: none is known.
  package var types: PayloadTypes?
  /// Whether a text is the conversation of the followed connection.
  package var isDialogue = false
  /// The clock of the times of day in a text and a page.
  package var clock = ShownClock.utc
  /// Where to write the connections that are shown as a capture; nil for nowhere.
  package var capturePath: String?
  /// The side of the followed connection that is written as a script in place of a report; nil: none is.
  package var script: ScriptSink.Side?
  /// The pseudonyms that are put into everything; nil: none are.
  package var redaction: Redaction?
  /// What is kept of the packets around violations and slow calls; nil: nothing.
  package var ring: RingSettings?
  /// How many threads may be used: with more than one, captures are read ahead, compressed messages are inflated side by side, and
  /// what is found is written while more is looked for. What is written is the same.
  package var jobs = 1

  package init(options: InspectionOptions, format: Format, outputPath: String? = nil, filter: String? = nil) {
    self.options = options
    self.format = format
    self.outputPath = outputPath
    self.filter = filter
  }

  /// Inspects captures. What cannot be read is said on standard error.
  ///
  /// - Parameter paths: Capture files; `-` is standard input.
  /// - Returns: Good, usage (unreadable input, or a wrong filter) or incomplete (cut short or corrupt input).
  package func run(paths: [String]) -> CommandStatus { run(.files(paths)) }

  /// Inspects captures, or what passes a network interface until SIGINT or SIGTERM.
  ///
  /// - Returns: As ``run(paths:)``; usage also where the interface cannot be captured.
  package func run(_ input: InspectionInput) -> CommandStatus {
    let paths = input.paths
    do throws(FileFault) {
      try Self.ensure(paths, spareOutput: outputPath ?? "-")
      if let copyPath { try Self.ensure(paths, spareOutput: copyPath) }
      let file = try OutputFile(outputPath ?? "-")
      let status = write(input, to: file.descriptor)
      // What the last bytes came to; a reader that has gone is no fault.
      if status != .usage { try file.confirm() }
      return status
    } catch {
      Self.complain(error.description)
      return .usage
    }
  }

  private func write(_ input: InspectionInput, to descriptor: Int32) -> CommandStatus {
    var options = options
    if format != .ndjson, !countsOnly, top == nil {
      options.keptRequestBytes = isFull || payload != .auto ? 1 << 16 : 256
    }
    let buffer = OutputBuffer(descriptor: descriptor)
    var sink: any InspectionSink
    var scripted: ScriptSink?
    var run = InspectionRun(options: options, filter: filter, limits: limits, redaction: redaction, say: Self.complain)
    run.ring = ring
    run.isOver = { buffer.failure != 0 }
    switch format {
    case _ where script != nil:
      let made = ScriptSink(side: script ?? .client, connection: options.followedConnection ?? 1, output: buffer)
      scripted = made
      sink = made
    case .text where countsOnly:
      let statistics = StatisticsSink(output: buffer, form: .text)
      run.view = (descriptor, statistics.text)
      sink = statistics
    case .ndjson where countsOnly: sink = StatisticsSink(output: buffer, form: .ndjson)
    case .text where top != nil: sink = TopCallsSink(output: buffer, form: .text, limit: top ?? 0, clock: clock)
    case .ndjson where top != nil: sink = TopCallsSink(output: buffer, form: .ndjson, limit: top ?? 0, clock: clock)
    case .csv: sink = CSVSink(output: buffer)
    case .html: sink = HTMLSink(output: buffer, clock: clock)
    case .har: sink = HARSink(output: buffer)
    case .perfetto: sink = TraceSink(output: buffer)
    case .ndjson: sink = NDJSONSink(output: buffer, types: types)
    case .text:
      sink = textSink(buffer, descriptor)
    }
    var selection: ConnectionSelection?
    if capturePath != nil {
      let chosen = ConnectionSelection(into: sink)
      selection = chosen
      sink = chosen
    }
    var filtered: FilteredSink?
    if let records {
      let outer = FilteredSink(redaction.map { records.redacted(by: $0.pseudonyms) } ?? records, into: sink)
      filtered = outer
      sink = outer
      for note in records.notes { Self.complain(note) }
    }
    var pipeline: PipelinedSink?
    if case .files = input {
      run.jobs = jobs
      // Figures are counted with less work than it takes to hand records over.
      if jobs > 1, !countsOnly, top == nil {
        pipeline = PipelinedSink(into: sink)
        sink = pipeline ?? sink
      }
    }
    var status: CommandStatus
    do throws(InspectionError) {
      if let copyPath { run.completeCopy = try Self.copy(copyPath) }
      let outcome = try run.run(input, into: sink)
      pipeline?.finish()
      buffer.flush()
      for message in outcome.messages { Self.complain(message) }
      status = outcome.status
      if status != .usage, let scripted, !scripted.isWritten {
        Self.complain("connection \(options.followedConnection ?? 1) has nothing that a script could play")
        status = .usage
      }
      if status != .usage, let reason = filtered?.emptiness { Self.complain(reason) }
      if status != .usage, let capturePath, let selection {
        let extraction = CaptureExtraction(options: options, filter: filter, redaction: redaction)
        Self.complain(try extraction.write(selection.numbers, of: input.paths, to: capturePath))
      }
    } catch {
      pipeline?.finish()
      buffer.flush()
      Self.complain(error.message)
      status = .usage
    }
    // A reader that has seen enough (`head`, a pager) is no fault.
    if buffer.failure != 0, buffer.failure != EPIPE {
      Self.complain("the output cannot be written: \(SystemError.describe(buffer.failure))")
      status = .usage
    }
    return status
  }

  private func textSink(_ output: OutputBuffer, _ descriptor: Int32) -> any InspectionSink {
    let isPlain =
      getenv("NO_COLOR").map { $0.pointee != 0 } ?? false || getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false
    let usesColour = !isPlain && isatty(descriptor) == 1
    let columns = columns(of: descriptor)
    let payloads = PayloadView(form: payload, types: types)
    if isDialogue {
      return DialogueSink(
        output: output, usesColour: usesColour, columns: columns, isFull: isFull, payloads: payloads, clock: clock)
    }
    return TextSink(
      output: output, usesColour: usesColour, columns: columns, isFull: isFull, payloads: payloads, clock: clock)
  }

  private static func copy(_ path: String) throws(InspectionError) -> CaptureCopy {
    do throws(FileFault) { return try CaptureCopy(path) } catch { throw InspectionError(message: error.description) }
  }

  /// Inspects into a check. What cannot be read is said on standard error.
  ///
  /// - Parameters:
  ///   - ring: What is kept of the packets around violations and slow calls; nil: nothing.
  ///   - jobs: How many threads may be used; what is found is the same.
  ///   - view: What a terminal shows as long as packets come from an interface.
  /// - Returns: The status of the reading alone, as for ``run(_:)``.
  package static func check(
    _ input: InspectionInput, options: InspectionOptions, filter: String?, ring: RingSettings? = nil,
    jobs: Int = 1, into conformance: CaptureConformance, view: @escaping (SummaryRecord) -> String
  ) -> CommandStatus {
    do throws(InspectionError) {
      let run = InspectionRun(
        options: options, filter: filter, jobs: jobs, ring: ring, view: (STDOUT_FILENO, view), say: complain)
      let outcome = try run.run(input, into: conformance, judge: conformance)
      for message in outcome.messages { complain(message) }
      return outcome.status
    } catch {
      complain(error.message)
      return .usage
    }
  }

  /// The width of a terminal, 80 of what is none.
  private func columns(of descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Before what is there is written over: the captures are there, and the output is none of them.
  ///
  /// - Parameters:
  ///   - paths: The captures; `-` is standard input.
  ///   - output: Where is to be written; `-` is standard output.
  /// - Throws: What is wrong.
  package static func ensure(_ paths: [String], spareOutput output: String) throws(FileFault) {
    let target = FileIdentity(output: output)
    for path in paths {
      let capture = try FileIdentity(input: path)
      if capture.isFolder { throw FileFault(path: path, reason: "is a directory; name the captures in it") }
      // A device or a pipe keeps nothing that could be written over.
      if capture.isRegular, capture == target {
        let name = output == "-" ? "standard output" : output
        throw FileFault(path: name, reason: "is the capture itself; name another file for the output")
      }
    }
  }

  private static func complain(_ message: String) {
    let bytes = Array("wireproof inspect: \(TerminalText.escaped(message))\n".utf8)
    _ = bytes.withUnsafeBytes { OutputFile.write($0, to: STDERR_FILENO) }
  }
}
