import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import StrictJSON
import SystemFiles

/// `wireproof probe profile`.
struct ProbeProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Find out what a server offers, and write it as a profile.",
    discussion: """
      Tries the protocolIds 1 to 32 as calls and as one-way messages, the four revisions, compression, the limit on frames, \
      negotiation and the other capabilities, and waits six seconds for a short read wait. Use it on a test server only: it \
      sets off whatever the application does with those ids. Names of query parameters cannot be found out; look at what \
      is written before you rely on it.
      """)

  @OptionGroup var target: ProbeTargetArguments

  @Option(help: "Write the profile into this file instead of to standard output.")
  var output: String?

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  func run() async throws {
    try await reporting {
      let suite = try ProbeSuite.load(DataDirectory.locate(.ofProcess(explicit: vectors)))
      let target = try target.resolved(target.url)
      let detection = ProfileDetection(suite: suite, target: target.target, run: "profile-\(getpid())")
      let line = ProgressLine()
      let profile: PeerProfile
      do {
        profile = try await detection.detect { line.show("looking at \($0)") }
      } catch let failure as DetectionFailure {
        line.clear()
        throw SetupFault("\(target.name): \(failure)")
      }
      line.clear()
      let text = ProfileWriter.text(
        of: profile, comment: "What wireproof probe profile found out about \(target.name).")
      guard let output else { return print(text, terminator: "") }
      try OutputFile.write(text, to: output)
      print("profile: \(output)")
    }
  }
}
