import ArgumentParser
import ComplianceReport
import FoundationEssentials
import Glibc
import GoldenVectors
import ReferencePeer
import StrictJSON
import SystemFiles
import WireInspector

/// `wireproof demo`: verifies the reference, inspects the shipped captures, records a conversation of its own, probes a server,
/// reports on it.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show what wireproof does: verify, inspect, serve, connect, probe and report.")

  func run() async throws {
    let surroundings = DataDirectory.Surroundings.ofProcess(explicit: nil)
    let data = try reporting { try DataDirectory.locate(surroundings) }
    print("1. The golden vectors against the built-in reference (wireproof verify)\n")
    let folder = try Self.folder()
    let verified = "\(folder)/verify.ndjson"
    try await VerifyCommand.parse(["--results", verified]).run()
    print("\n2. Real traffic of the original's programs (wireproof inspect)\n")
    try inspectCaptures(in: data.captures)
    print(
      "\n3. A server and clients in this process, recorded (wireproof serve, connect)\n")
    fflush(nil)
    let recording = "\(folder)/recording.pcapng"
    try await DemoConversation.record(into: recording)
    try InspectionReport(options: InspectionOptions(), format: .text, outputPath: nil, filter: nil)
      .run(paths: [recording]).endUnlessGood()
    print("\n4. The probes against a server in this process (wireproof probe server)\n")
    fflush(nil)
    let probed = "\(folder)/probe.ndjson"
    try await Self.probe(results: probed)
    let page = "\(folder)/report.html"
    try Self.report(on: [verified, probed], to: page)
    print(
      """

      5. Where everything is

        report                  \(page)
        recording               \(recording)
        results                 \(verified)
                                \(probed)
        vectors and catalogue   \(data.vectors)
        captures and truth      \(data.captures)
        specification, guides   \(data.path)/docs
        this executable         \(surroundings.executable ?? CommandLine.arguments[0])

      Next: wireproof inspect \(data.captures)/displacement.pcap
            wireproof explain frame.magic
      """)
  }

  /// Where the demo writes, the same each time.
  private static func folder() throws -> String {
    var path = FileManager.default.temporaryDirectory.appending(path: "wireproof-demo").path()
    if path.hasSuffix("/") { path.removeLast() }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Probes the reference application on a server of its own.
  private static func probe(results: String) async throws {
    var configuration = ServerConfiguration()
    configuration.handlers = ReferenceApplication.serverHandlers()
    configuration.options.compression = .chosen(compress: true, level: nil, contextTakeover: true)
    let server = try await Server.listen(configuration)
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(
        try await ProbeCommand.Server.parse([server.url, "--results", results, "--name", "wireproof serve"]).run())
    } catch {
      outcome = .failure(error)
    }
    await server.shutDown()
    try outcome.get()
  }

  /// Writes the page about the demo's own runs.
  private static func report(on results: [String], to path: String) throws {
    try reporting {
      let data = try ReportData.load(nil)
      let runs = try ReportRun.load(results)
      let report = Report(runs, catalogue: data.catalogue, titles: data.titles)
      try OutputFile.write(HTMLReport(report, title: "The reference of wireproof").page, to: path)
    }
  }

  private func inspectCaptures(in folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".pcap") && $0 != "wss.pcap" }.sorted()
    print(DemoTable.header)
    var total = DemoTable()
    for name in names {
      let overview = try CaptureOverview.inspecting(path: "\(folder)/\(name)")
      print(DemoTable.row(name, overview))
      total.add(overview)
    }
    print(total.text(captures: names.count))
  }
}
