package import Deflate
import FrameCodec
import NIOConcurrencyHelpers
import Negotiation
package import ReferencePeer
package import Specification
package import StrictJSON

/// A deliberately broken version of the reference server or the reference client, which differs from it in one line of behaviour.
package struct Mutant: Sendable {
  /// The name, a slug.
  package let name: String

  /// The side that is broken.
  package private(set) var side = PeerRole.server

  /// What it does wrong, in a few words.
  package let fault: String

  /// The requirements that it breaks.
  package let requirements: [RequirementID]

  /// What the client offers, also when it has no fault; nil: no compression. Of no account for a server.
  package private(set) var offer: DeflateOffer? = usualOffer

  /// The id of the probe that has to find it.
  package let check: String

  /// The id of the probe that has to find the same fault in a client; nil: it is none that a client can have.
  private let clientCheck: String?

  /// Makes the fault.
  private let change: @Sendable (inout PeerMutation) -> Void

  /// The fault itself, for one peer: what some faults remember, such as the answer before, is that peer's alone.
  package var mutation: PeerMutation {
    var mutation = PeerMutation()
    change(&mutation)
    return mutation
  }

  init(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String, client: String? = nil,
    _ change: @escaping @Sendable (inout PeerMutation) -> Void
  ) {
    self.init(name, fault, breaks: requirements, check: check, client: client, change)
  }

  init(
    _ name: String, _ fault: String, breaks requirements: [RequirementID], check: String, client: String? = nil,
    _ change: @escaping @Sendable (inout PeerMutation) -> Void
  ) {
    self.name = name
    self.fault = fault
    self.requirements = requirements
    self.check = check
    clientCheck = client
    self.change = change
  }

  /// The same mutant, of the client.
  var ofClient: Mutant {
    var mutant = self
    mutant.side = .client
    return mutant
  }

  /// The same fault of the client, if it can have it.
  private var inClient: Mutant? {
    clientCheck.map { Mutant("client-" + name, fault, breaks: requirements, check: $0, change) }
  }

  /// What clients offer unless they say otherwise: takeover both ways, and any window for the client. An answer
  /// that takes no part of it up is right, so that what is wrong with another one is the fault alone.
  static let usualOffer: DeflateOffer? = DeflateOffer(clientMaxWindowBits: .anyBits)

  /// The same mutant with another offer.
  func offering(_ offer: DeflateOffer?) -> Mutant {
    var mutant = self
    mutant.offer = offer
    return mutant
  }

  /// All mutants, those of the server first.
  package static let all: [Mutant] = servers + clients

  /// The mutants of the server, by area.
  package static let servers: [Mutant] =
    frameSenders + frameReceivers + webSocketSenders + webSocketReceivers + closing + deflateAnswers + deflateData
    + handshakeAnswers + handshakeRequests + requestHeads + metadata + negotiation + calls + displacement + pairs
    + revisions

  /// The mutants of the client that a probe has to find, by area.
  package static let clients: [Mutant] = clientFaults.filter { !$0.check.isEmpty }

  /// All faults of the client, also those that no probe looks for.
  package static let clientFaults: [Mutant] =
    (servers.compactMap(\.inClient) + clientRequests + clientAnswers + clientFrameSenders + clientFrameReceivers
    + clientWebSocketSenders
    + clientWebSocketReceivers + clientDeflate + clientNumbers + clientCalls + clientRequestsOfServer + clientEnds
    + clientRevisions)
    .map(\.ofClient)

  /// The mutant of a name; nil: there is none.
  package static func named(_ name: String, of side: PeerRole) -> Mutant? {
    (servers + clientFaults + wire).first { $0.name == name && $0.side == side }
  }

  /// Those whose names are like one of some patterns; without patterns all of them.
  ///
  /// - Throws: where a pattern matches none.
  package static func selected(by patterns: [String]) throws(DataFaults) -> [Mutant] {
    try CaseFilter(patterns).select(all, by: \.name, orSay: "no mutant has a name like this", see: "mutate --list")
  }

  /// The reference application with all that the probes can ask for, which the mutants are versions of.
  ///
  /// - Parameter slowDelay: How long the slow call takes.
  package static func configuration(slowDelay: Duration = .seconds(2)) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: slowDelay)
    configuration.options.compression = CompressionOptions(acceptance: .init())
    configuration.options.revision = .detected(until: .current)
    configuration.policy.negotiation = NegotiationPolicy(versions: .init(min: 1, max: 3), charsets: [0, 1])
    configuration.policy.origins = ["https://example.org"]
    configuration.trustsProxyFields = true
    return configuration
  }
}

/// Something that happens once: a server that refused everybody would prove nothing.
final class Once: Sendable {
  private let isTaken = NIOLockedValueBox(false)

  /// Whether this is the first time.
  func take() -> Bool {
    isTaken.withLockedValue { isTaken in
      defer { isTaken = true }
      return !isTaken
    }
  }
}
