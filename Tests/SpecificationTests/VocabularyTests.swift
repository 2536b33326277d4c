import Specification
import Testing

/// The raw values are written into vectors, catalogues and result files: they are promises.
@Suite struct VocabularyTests {
  @Test func levels() {
    #expect(RequirementLevel.allCases.map(\.rawValue) == ["MUST", "SHOULD", "MAY"])
  }

  @Test func verdicts() {
    #expect(
      Verdict.allCases.map(\.rawValue) == [
        "pass", "nonStrict", "informational", "fail", "errored", "notApplicable", "couldNotRun",
      ])
    #expect(Verdict.allCases.filter(\.isFailure) == [.fail, .errored])
  }

  @Test func classes() {
    #expect(
      ConformanceClass.allCases.map(\.rawValue) == [
        "Core", "RPC", "Compression", "Negotiation", "Hub", "Legacy-1.1", "Legacy-1.2", "Legacy-1.3.0",
      ])
  }

  @Test func roles() {
    #expect(RequirementRole.allCases.map(\.rawValue) == ["sender", "receiver", "server", "client", "both"])
    #expect(PeerRole.allCases.map(\.rawValue) == ["client", "server"])
  }

  @Test(arguments: PeerRole.allCases)
  func peerOfPeerIsSelf(role: PeerRole) {
    #expect(role.peer != role)
    #expect(role.peer.peer == role)
  }

  @Test(arguments: RequirementRole.allCases, PeerRole.allCases)
  func binding(role: RequirementRole, peer: PeerRole) {
    let isExcluded = (role == .server && peer == .client) || (role == .client && peer == .server)
    #expect(role.binds(peer) == !isExcluded)
  }
}
