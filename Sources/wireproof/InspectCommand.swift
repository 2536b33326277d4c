import ArgumentParser
import WireInspector

/// `wireproof inspect`: captures decoded.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Decode packet captures: connections, frames, calls, and what is wrong with them.",
    discussion: """
      Reads pcap and pcapng files, also compressed with gzip; several are merged by time, - is standard input. \
      docs/inspecting-captures.md describes the output.
      """
  )

  @Argument(help: ArgumentHelp("Capture files; - is standard input.", valueName: "file"))
  var files: [String] = []

  @Option(name: .long, help: "text or ndjson.")
  var format: InspectionReport.Format = .text

  @Option(name: .long, help: "Only TCP connections with this port (repeatable). Default: all that speak the protocol.")
  var port: [UInt16] = []

  @Option(name: .long, help: "The wire's revision: auto, 1.1, 1.2, 1.3.0 or 1.3.3.")
  var revision: RevisionChoice = .auto

  @Option(name: .long, help: "The charset of text: auto (as the connection says), utf8 or gbk.")
  var charset: CharsetChoice = .auto

  @Option(name: .long, help: ArgumentHelp("Only the connection with this number.", valueName: "connection"))
  var follow: Int?

  @Option(name: .long, help: ArgumentHelp("Calls that take longer are reported.", valueName: "seconds"))
  var slow: Double = 1

  @Option(name: .long, help: ArgumentHelp("Only packets that pass this filter, see pcap-filter(7).", valueName: "expr"))
  var bpf: String?

  @Option(name: .long, help: ArgumentHelp("Where to write. Default: standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name a capture file, or - for standard input.") }
    guard slow >= 0, slow <= 1e9 else { throw ValidationError("--slow must be between 0 and 1000000000 seconds.") }
  }

  func run() throws {
    var options = InspectionOptions()
    options.revision = revision.revision
    options.charset = charset.charset
    options.ports = port
    options.slow = Int64(slow * 1e9)
    options.followedConnection = follow
    let report = InspectionReport(options: options, format: format, outputPath: output, filter: bpf)
    let code = report.run(paths: files)
    if code != 0 { throw ExitCode(code) }
  }
}

extension InspectionReport.Format: ExpressibleByArgument {}
extension RevisionChoice: ExpressibleByArgument {}
extension CharsetChoice: ExpressibleByArgument {}
