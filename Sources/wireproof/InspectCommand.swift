import ArgumentParser
import CaptureFile
import Conformance
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles
import WireInspector

/// `wireproof inspect`: captures decoded.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Decode packet captures: connections, frames, calls, and what is wrong with them.",
    discussion: """
      Reads pcap and pcapng files, also compressed with gzip (with zstd and lz4 where the system has their libraries); \
      several are merged by time, - is standard input. \
      docs/inspecting-captures.md describes the output.
      """
  )

  @Argument(help: ArgumentHelp("Capture files; - is standard input.", valueName: "file"))
  var files: [String] = []

  @Option(name: .long, help: "text, ndjson, csv, html, har or perfetto.")
  var format: InspectionReport.Format = .text

  @Flag(help: "Count instead of listing: frames, bytes, calls, latencies, rates over time.")
  var stats = false

  @Option(help: ArgumentHelp("The slowest and the largest calls, so many of each, instead of listing.", valueName: "n"))
  var top: Int?

  @Flag(help: "Hold the traffic against the rules that can be seen in it; exit 1 where a MUST is broken.")
  var check = false

  @Option(help: "With --check: write the results, one JSON object a line, into this file.")
  var results: String?

  @Option(
    help: ArgumentHelp(
      "Capture on this network interface, as lo, eth0 or any, until SIGINT; needs the right to.", valueName: "name"))
  var interface: String?

  @OptionGroup(title: "Live capture") var live: LiveArguments

  @OptionGroup(title: "What is kept of the packets") var kept: RingArguments

  @Option(name: .long, help: "Only TCP connections with this port (repeatable). Default: all that speak the protocol.")
  var port: [UInt16] = []

  @Option(name: .long, help: "The wire's revision: auto, 1.1, 1.2, 1.3.0 or 1.3.3.")
  var revision: RevisionChoice = .auto

  @Option(name: .long, help: "The charset of text: auto (as the connection says), utf8 or gbk.")
  var charset: CharsetChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Secrets of TLS connections, in the NSS format; it may still be growing. Default: the file that SSLKEYLOGFILE names.",
      valueName: "file"))
  var keylog: String?

  @Option(
    help: ArgumentHelp(
      "Also write the captures as pcapng with the secrets of their TLS connections inside.", valueName: "file"))
  var addSecrets: String?

  @Option(
    help: ArgumentHelp(
      "Only the connection with this number; with text as a dialogue of client and server.", valueName: "connection"))
  var follow: Int?

  @Option(help: ArgumentHelp("Only the connection with this number.", valueName: "connection"))
  var connection: Int?

  @Option(name: .long, help: ArgumentHelp("Calls that take longer are reported.", valueName: "seconds"))
  var slow: Double = 1

  @Option(
    help: ArgumentHelp(
      "Only records that pass this expression, as \"uid == 100 and latency > 20ms\" (docs/inspecting-captures.md).",
      valueName: "expr"), transform: Self.parseFilter)
  var filter: RecordFilter?

  @Option(name: .long, help: ArgumentHelp("Only packets that pass this filter, see pcap-filter(7).", valueName: "expr"))
  var bpf: String?

  @Flag(help: "With text: payloads whole, not only what fits the line.")
  var full = false

  @Option(
    help:
      "With text: payloads whole as text, json (in lines), protobuf (fields without a schema) or hex. Default: auto, the beginning."
  )
  var payload: PayloadForm = .auto

  @Option(
    help: ArgumentHelp(
      "With text and ndjson: a descriptor set with the types of payloads, see --type (protoc --include_imports --descriptor_set_out=FILE.desc).",
      valueName: "file.desc"))
  var proto: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "With --proto: the payloads of this protocolId are such messages (repeatable).", valueName: "id=package.message"),
    transform: PayloadTypeName.init)
  var type: [PayloadTypeName] = []

  // West of Greenwich, an offset looks like an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The clock of text and html: utc (the default), local, a zone as Asia/Shanghai, or an offset as +08:00.",
      valueName: "zone"), transform: Self.parseZone)
  var timezone: ShownClock?

  @Option(
    help: ArgumentHelp(
      "How many times its size compressed data may grow, beyond a first GiB of a file and 256 MiB of messages; 0: no limit.",
      valueName: "ratio"))
  var inflationLimit = 100

  @Option(name: .long, help: ArgumentHelp("Where to write. Default: standard output.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write the connections that are shown as a capture of their own.", valueName: "file.pcapng"))
  var write: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Only the connections of this user.", valueName: "uid"))
  var user: String?

  @Flag(
    help:
      "Pseudonyms for users, devices, addresses, tokens and names, and digests for payloads, in all that is written.")
  var redact = false

  @Option(
    help: ArgumentHelp("Write the connection with this number as a script, see --as.", valueName: "connection"))
  var exportScript: Int?

  @Option(
    help: ArgumentHelp(
      "With 2 or more: read ahead, inflate messages, and write what is found on threads of their own.",
      valueName: "n"))
  var jobs = 1

  @Option(name: .customLong("as"), help: "With --export-script: the side that the script plays, client or server.")
  var side: ScriptSink.Side?

  func validate() throws {
    if live.listInterfaces {
      guard files.isEmpty, interface == nil else { throw ValidationError("--list-interfaces stands alone.") }
      return
    }
    guard interface != nil || !live.needInterface else {
      throw ValidationError("--buffer-size and --user-id go with --interface.")
    }
    guard kept.ring == nil || (!redact && exportScript == nil) else {
      throw ValidationError("--ring keeps packets as they are: it goes with neither --redact nor --export-script.")
    }
    guard follow == nil || connection == nil else {
      throw ValidationError("--follow and --connection are one too many.")
    }
    guard (proto == nil) == type.isEmpty else {
      throw ValidationError("--proto FILE.desc and --type ID=package.Message go together.")
    }
    guard proto == nil || ([.text, .ndjson].contains(format) && !stats && !check && top == nil && exportScript == nil)
    else {
      throw ValidationError(
        "--proto goes with --format text and ndjson, and with none of --stats, --top, --check and --export-script.")
    }
    guard proto == nil || !redact else {
      throw ValidationError("--proto does not go with --redact, which leaves digests in the place of payloads.")
    }
    guard Set(type.map(\.id)).count == type.count else { throw ValidationError("--type names a protocolId twice.") }
    guard (exportScript == nil) == (side == nil) else {
      throw ValidationError("--export-script N and --as client or --as server go together.")
    }
    guard
      exportScript == nil
        || (follow == nil && connection == nil && !stats && !check && filter == nil && format == .text)
    else {
      throw ValidationError(
        "--export-script goes with none of --follow, --connection, --stats, --check, --filter and --format.")
    }
    guard write == nil || (interface == nil && !files.contains("-")) else {
      throw ValidationError("--write reads the captures twice: write what passes by into a file first.")
    }
    guard !check || (write == nil && !redact) else {
      throw ValidationError("--check goes with neither --write nor --redact.")
    }
    guard user == nil || (filter == nil && !check && exportScript == nil) else {
      throw ValidationError(
        "--user goes with none of --filter, --check and --export-script: write uid == … into --filter.")
    }
    guard files.isEmpty != (interface == nil) else {
      throw ValidationError("Name capture files, - for standard input, or an --interface, and not both.")
    }
    guard !stats || [.text, .ndjson].contains(format) else {
      throw ValidationError("--stats is written as text or ndjson.")
    }
    guard !full || (format == .text && !stats && !check) else {
      throw ValidationError("--full goes with --format text.")
    }
    guard payload == .auto || (format == .text && !stats && !check && top == nil && exportScript == nil) else {
      throw ValidationError(
        "--payload goes with --format text, and with none of --stats, --top, --check and --export-script.")
    }
    guard timezone == nil || ([.text, .html].contains(format) && !stats && !check && exportScript == nil) else {
      throw ValidationError(
        "--timezone goes with --format text and html, where times of day are shown: the others have seconds since 1970."
      )
    }
    guard (1...Self.topLimit).contains(top ?? 1) else {
      throw ValidationError("--top must be between 1 and \(Self.topLimit).")
    }
    guard top == nil || ([.text, .ndjson].contains(format) && !stats && !check && !full && exportScript == nil) else {
      throw ValidationError(
        "--top is written as text or ndjson, and goes with none of --stats, --check, --full and --export-script.")
    }
    guard jobs >= 1 else { throw ValidationError("--jobs must be 1 or more.") }
    guard inflationLimit >= 0 else { throw ValidationError("--inflation-limit must be 0 or more.") }
    guard results == nil || check else { throw ValidationError("--results goes with --check.") }
    guard !check || (!stats && output == nil && format == .text) else {
      throw ValidationError("--check prints a text of its own: it goes with none of --stats, --format and --output.")
    }
    guard addSecrets == nil || (interface == nil && !check) else {
      throw ValidationError(
        "--add-secrets copies files that are inspected: it goes with neither --interface nor --check.")
    }
    if let (first, second) = OutputPlace.collision([
      ("--output", output ?? "-"), ("--write", write), ("--add-secrets", addSecrets),
    ]) {
      throw ValidationError(
        output == nil && first == "--output"
          ? "\(second) names standard output, where the report goes: name another place for one of them."
          : "\(second) and \(first) name the same file.")
    }
    if redact, let fault = filter?.faultUnderRedaction { throw ValidationError("With --redact, \(fault).") }
    guard !check || filter == nil else {
      throw ValidationError("--check judges everything: it does not go with --filter.")
    }
    guard slow >= 0, slow <= 1e9 else { throw ValidationError("--slow must be between 0 and 1000000000 seconds.") }
  }

  /// Calls that are kept for `--top` at most, of each kind.
  private static let topLimit = 10_000

  private static func parseZone(_ text: String) throws -> ShownClock {
    do throws(InspectionError) { return try ShownClock(text) } catch { throw ValidationError(error.message) }
  }

  private static func parseFilter(_ text: String) throws -> RecordFilter {
    do throws(RecordFilterError) { return try RecordFilter(text) } catch {
      throw ValidationError("column \(error.column): \(error.reason)")
    }
  }

  private static func filter(ofUser user: String) throws -> RecordFilter {
    // A backslash takes the next character as it is.
    let quoted = user.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return try parseFilter("uid == \"\(quoted)\"")
  }

  /// What is inspected.
  private var input: InspectionInput { interface.map(live.input) ?? .files(files) }

  private func listInterfaces() throws {
    do throws(InspectionError) { print(try InterfaceList.text(), terminator: "") } catch {
      writeToStandardError("wireproof inspect: \(error.message)")
      throw CommandStatus.usage.exit
    }
  }

  func run() throws {
    if live.listInterfaces { return try listInterfaces() }
    var options = InspectionOptions()
    options.revision = revision.revision
    options.charset = charset.charset
    options.ports = port
    options.slow = Int64(slow * 1e9)
    options.followedConnection = follow ?? connection ?? exportScript
    options.useKeyLog(keylog)
    try reporting {
      let outputs = [("--output", output), ("--write", write), ("--results", results), ("--add-secrets", addSecrets)]
      for (option, path) in outputs { try SparedFiles.ensure(path, option: option, spares: [options.keyLogPath]) }
    }
    options.inflationLimit.ratio = inflationLimit
    if check { return try checkCaptures(options) }
    var report = InspectionReport(options: options, format: format, outputPath: output, filter: bpf)
    report.countsOnly = stats
    report.records = try filter ?? user.map(Self.filter(ofUser:))
    report.top = top
    report.isFull = full
    report.payload = payload
    report.isDialogue = follow != nil
    if let proto {
      try reporting {
        report.types = try PayloadTypes(
          proto, names: Dictionary(type.map { ($0.id, $0.message) }) { first, _ in first })
      }
    }
    if let timezone { report.clock = timezone }
    report.capturePath = write
    report.script = side
    if redact { report.redaction = Redaction() }
    report.jobs = jobs
    report.copyPath = addSecrets
    report.ring = kept.settings(slow: options.slow)
    try report.run(input).endUnlessGood()
  }

  private func checkCaptures(_ options: InspectionOptions) throws {
    try reporting {
      if let results { try InspectionReport.ensure(files, spareOutput: results) }
      let suite = try loadSuite(nil)
      let conformance = CaptureConformance()
      let check = CaptureCheck(conformance, catalogue: suite.catalogue)
      let writer = try results.map {
        try CaptureCheck.results(
          at: $0, suite: suite, name: interface ?? files.joined(separator: " "),
          command: CommandLine.arguments.joined(separator: " "))
      }
      let outcome = InspectionReport.check(
        input, options: options, filter: bpf, ring: kept.settings(slow: options.slow), jobs: jobs,
        into: conformance
      ) { check.text(check.records, $0) }
      let records = check.records
      print(check.text(records))
      if let results, var writer {
        for record in records { try writer.append(record) }
        try writer.finish()
        print("results: \(results)")
      }
      try outcome.endUnlessGood()
      try CommandStatus([.failures: records.contains(where: \.verdict.isFailure)]).endUnlessGood()
    }
  }
}

/// What `--type` takes: a protocolId, and the name of a message.
struct PayloadTypeName {
  let id: Int64
  let message: String

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts[0]
    let id = digits.hasPrefix("0x") ? Int64(digits.dropFirst(2), radix: 16) : Int64(digits)
    guard parts.count == 2, let id, !parts[1].isEmpty else {
      throw ValidationError("\"\(text)\" is no protocolId and message, as 2=chat.Request.")
    }
    self.id = id
    message = String(parts[1])
  }
}

extension InspectionReport.Format: ExpressibleByArgument {}
extension PayloadForm: ExpressibleByArgument {}
extension ScriptSink.Side: ExpressibleByArgument {}
extension RevisionChoice: ExpressibleByArgument {}
extension CharsetChoice: ExpressibleByArgument {}
