import GoldenVectors
package import Specification
import StrictJSON

/// Which of the MUSTs that the probes of a side exercise have a mutant of that side.
package struct MutantCoverage: Sendable {
  /// A MUST without a mutant, and why.
  package struct Exclusion: Sendable {
    /// The requirement.
    package let requirement: RequirementID

    /// Why no version of the reference breaks it.
    package let reason: String
  }

  /// MUSTs that a mutant breaks.
  package let covered: Set<RequirementID>

  /// MUSTs that none breaks, for a reason.
  package let excluded: [Exclusion]

  /// MUSTs that none breaks, and nobody said why: a gap.
  package let uncovered: [RequirementID]

  /// The share of the MUSTs that is excluded, from 0 to 1.
  package var excludedShare: Double {
    let all = covered.count + excluded.count + uncovered.count
    return all == 0 ? 0 : Double(excluded.count) / Double(all)
  }

  /// Looks at the MUSTs that the probes of a suite name.
  package init(suite: ProbeSuite, mutants: [Mutant] = Mutant.all) {
    let mutants = mutants.filter { $0.side == suite.role }
    let reasons = suite.role == .server ? Self.serverReasons : Self.clientReasons
    let probed = Set(suite.cases.flatMap(\.requirements))
    let musts = suite.catalogue.requirements.filter { $0.level == .must && probed.contains($0.id) }.map(\.id)
    let broken = Set(mutants.flatMap(\.requirements))
    covered = Set(musts.filter(broken.contains))
    excluded = musts.filter { !broken.contains($0) }.compactMap { id in
      reasons[id].map { Exclusion(requirement: id, reason: $0) }
    }
    uncovered = musts.filter { !broken.contains($0) && reasons[$0] == nil }
  }

  private static let earlierRevisions =
    "earlier revisions are read and written by the code that the mutants of the server break; vectors hold it"

  /// Why some MUSTs have no mutant of the client.
  private static let clientReasons: [RequirementID: String] = [
    "malformed.others": "a client has one connection",
    "ws.length.announced":
      "memory is judged where it can be seen, and a client in this process has none of its own",
    "deflate.limit.output": "memory is judged where it can be seen, and a client in this process has none of its own",
    "keepalive.deadline.restart": "the read wait of the mutants is a minute; vectors with virtual time hold it",
    "protobuf.message.fields": earlierRevisions,
    "legacy.1_1.message": earlierRevisions,
    "legacy.1_1.reject": earlierRevisions,
    "legacy.1_2.magic.reject": earlierRevisions,
    "legacy.1_2.short": earlierRevisions,
    "legacy.1_3_0.length.minimum": earlierRevisions,
    "legacy.1_3_0.short": earlierRevisions,
    "legacy.1_3_0.no-sn": earlierRevisions,
    "charset.unencodable": "the driver is told bytes, not text; vectors hold what an encoder makes of text",
  ]

  /// Why some MUSTs have no mutant of the server.
  private static let serverReasons: [RequirementID: String] = [
    "origin.any": "a server that refuses an origin may have a list of origins, which nobody outside can tell",
    "address.untrusted": "whether a server was told to believe a proxy cannot be seen from outside",
    "address.real-ip": "whether a server was told to believe a proxy cannot be seen from outside",
    "address.forwarded": "whether a server was told to believe a proxy cannot be seen from outside",
    "protobuf.field.absent": "the probes write every field; vectors hold it",
    "ws.text.utf8.fail":
      "no text message is a frame, so one that is dropped unread is no worse than one that is refused",
    "ws.length.announced": "memory is judged where it can be seen: a test of our own server does",
    "deflate.limit.output": "memory is judged where it can be seen: a test of our own server does",
    "negotiation.declare": "a server that refuses a version negotiates, which it may",
    "negotiation.protocol.declare": "a server that refuses a subprotocol negotiates, which it may",
    "hub.kick": "no message of the reference application kicks anybody; a test of our own server does",
    "keepalive.deadline.restart": "the read wait of the mutants is a minute; vectors with virtual time hold it",
    "malformed.others": "it takes two faults: one connection's violation would have to end another",
    "rpc.answer.second": "the reference's table of calls has no second place for an answer; vectors hold it",
  ]
}
