import ArgumentParser
import FoundationEssentials
import Glibc
import GoldenVectors
import WireInspector

/// `wireproof demo`: verifies the reference, inspects the shipped captures, records a conversation of its own.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show what wireproof does: verify, inspect, serve and connect.")

  func run() async throws {
    let surroundings = DataDirectory.Surroundings.ofProcess(explicit: nil)
    let data = try reporting { try DataDirectory.locate(surroundings) }
    print("1. The golden vectors against the built-in reference (wireproof verify)\n")
    let verify = try VerifyCommand.parse([])
    try await verify.run()
    print("\n2. Real traffic of the original's programs (wireproof inspect)\n")
    try inspectCaptures(in: data.captures)
    print(
      "\n3. A server and clients in this process, recorded (wireproof serve, connect)\n")
    fflush(nil)
    let recording = try await DemoConversation.record()
    let inspected = InspectionReport(
      options: InspectionOptions(), format: .text, outputPath: nil, filter: nil
    ).run(paths: [recording])
    if inspected != 0 { throw ExitCode(inspected) }
    print(
      """

      4. Where everything is

        recording               \(recording)
        vectors and catalogue   \(data.vectors)
        captures and truth      \(data.captures)
        specification, guides   \(data.path)/docs
        this executable         \(surroundings.executable ?? CommandLine.arguments[0])

      Next: wireproof inspect \(data.captures)/displacement.pcap
            wireproof explain frame.magic
      """)
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
