import Specification
import Testing

/// The raw values are written into vectors, catalogues and result files: they are promises.
@Suite struct VocabularyTests {
  @Test("Levels have their words") func levels() {
    #expect(RequirementLevel.allCases.map(\.rawValue) == ["MUST", "SHOULD", "MAY"])
  }

  @Test("Verdicts have their words") func verdicts() {
    #expect(
      Verdict.allCases.map(\.rawValue) == [
        "pass", "nonStrict", "informational", "fail", "errored", "notApplicable", "couldNotRun",
      ])
    #expect(Verdict.allCases.filter(\.isFailure) == [.fail, .errored])
  }

  @Test("Classes have their names") func classes() {
    #expect(
      ConformanceClass.allCases.map(\.rawValue) == [
        "Core", "RPC", "Compression", "Negotiation", "Hub", "Legacy-1.1", "Legacy-1.2", "Legacy-1.3.0",
      ])
  }

  @Test("Roles have their words") func roles() {
    #expect(RequirementRole.allCases.map(\.rawValue) == ["sender", "receiver", "server", "client", "both"])
    #expect(PeerRole.allCases.map(\.rawValue) == ["client", "server"])
  }

  @Test("Peer of peer is self", arguments: PeerRole.allCases)
  func peerOfPeerIsSelf(role: PeerRole) {
    #expect(role.peer != role)
    #expect(role.peer.peer == role)
  }

  @Test("A role binds the peers that it names", arguments: RequirementRole.allCases, PeerRole.allCases)
  func binding(role: RequirementRole, peer: PeerRole) {
    let isExcluded = (role == .server && peer == .client) || (role == .client && peer == .server)
    #expect(role.binds(peer) == !isExcluded)
  }
}
