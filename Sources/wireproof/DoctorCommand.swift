import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import ReferencePeer
import Specification
import StrictJSON
import WireInspector

/// `wireproof doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at this installation, and at a server, and say what to do.",
    discussion: """
      A line for each thing that was looked at: ok, note (it works without), NO, or ? where nothing could be told. Exit code \
      0: nothing is wrong; 1: the server is not as probes want it; 2: the installation or the URL cannot be used.
      """)

  @Argument(help: ArgumentHelp("A server, ws:// or wss://, with path and query.", valueName: "url"))
  var url: String?

  @OptionGroup var access: AccessArguments

  @Option(
    help: ArgumentHelp(
      "What the server offers: a file, or the name of one that ships (docs/scripts.md).", valueName: "profile"))
  var profile: String?

  @Option(help: ArgumentHelp("How long the server may take for its answer to the upgrade.", valueName: "seconds"))
  var timeout: Double = 5

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  func validate() throws {
    guard timeout > 0, timeout <= 1e6 else {
      throw ValidationError("--timeout is more than 0, at most 1000000 seconds.")
    }
  }

  func run() async throws {
    try await reporting {
      // What is wrong with the URL or a file of certificates is no finding.
      let client = try url.map { try access.client($0) }
      let (suite, found) = installation()
      show(found + capturing())
      guard let suite else { throw CommandStatus.usage.exit }
      let profile = try ShippedProfile.load(self.profile, in: DataDirectory.locate(.ofProcess(explicit: vectors)))
      guard let url, var client else { return }
      client.options.handshakeWait = .seconds(timeout)
      let target = try access.target(url)
      print("\n\(target.name)")
      let detection = ProfileDetection(suite: suite, target: target.target, run: "doctor-\(getpid())", profile: profile)
      let lines = await ServerExamination(
        client: client, detection: detection, profile: profile, checksCertificate: !access.tls.insecure
      ).lines()
      show(lines)
      try CommandStatus([.failures: lines.contains { $0.state == .wrong }]).endUnlessGood()
    }
  }

  private func show(_ lines: [DoctorLine]) {
    for line in lines { print(line.text(columns: TerminalWidth.columns)) }
  }

  private func installation() -> (ProbeSuite?, [DoctorLine]) {
    do throws(DataFaults) {
      let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
      let suite = try ProbeSuite.load(directory)
      let line = DoctorLine(
        .good, "vectors", "suite \(suite.version) in \(directory.vectors), with \(suite.cases.count) probes of servers")
      return (suite, [DoctorLine(.good, "program", AbsolutePath.executable), line])
    } catch {
      let fault = error.faults[0]
      let place = [fault.file, fault.place].filter { !$0.isEmpty }.joined(separator: ": ")
      return (nil, [DoctorLine(.wrong, "vectors", "\(place): \(fault.reason)", remedy: fault.remedy)])
    }
  }

  private func capturing() -> [DoctorLine] {
    let missing = CaptureAbility.missingDecompressors()
    let files =
      missing.isEmpty
      ? DoctorLine(.good, "captures", "pcap and pcapng, plain or compressed with gzip, zstd or lz4")
      : DoctorLine(
        .remark, "captures",
        "pcap and pcapng, plain or gzipped; not with \(missing.map(\.format).joined(separator: ", "))",
        remedy: "install \(missing.map(\.library).joined(separator: ", "))")
    guard let lack = CaptureAbility.lackOfLiveCapture() else {
      return [files, DoctorLine(.good, "interfaces", "can be captured as packets come")]
    }
    let remedy =
      lack.isPermission ? "run inspect --interface with sudo, or pipe tcpdump -w - into wireproof inspect -" : nil
    return [files, DoctorLine(.remark, "interfaces", "cannot be captured: \(lack.reason)", remedy: remedy)]
  }
}
