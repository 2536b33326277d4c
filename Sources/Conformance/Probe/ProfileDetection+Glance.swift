package import FrameCodec
import Specification

/// A first look at a server, within a few seconds.
extension ProfileDetection {
  /// What a first look shows.
  package struct Glance: Hashable, Sendable {
    /// What answered the echo call.
    package struct Answer: Hashable, Sendable {
      /// Its protocolId.
      package let response: Int64

      /// Whether it held the payload of the call.
      package let isEcho: Bool
    }

    /// The answer to a call of the current revision; nil: none came.
    package var call: Answer?

    /// Why there was no answer to the call.
    package var lack = ""

    /// The protocolId of what answered a one-way message of the current revision; nil: nothing did.
    package var oneWayResponse: Int64?

    /// The revisions in which something was answered.
    package var revisions: [Revision] = []

    /// The protocolIds of what came on a connection that said nothing.
    package var unasked: [Int64] = []

    /// Whether permessage-deflate was taken.
    package var compresses = false
  }

  /// How long an answer is waited for.
  private static let wait = "2s|20rtt"

  private static let payload = "wireproof"

  /// Looks at the echo, at each revision, and at what comes unasked.
  ///
  /// - Parameter profile: The call and the message to try. Where it has no message, the one-way form of the call is tried.
  package func glance(at profile: PeerProfile) async -> Glance {
    async let unasked = self.unasked(for: "1s")
    async let compresses = plays("connect: {deflate: true}")
    var glance = Glance()
    let message = profile.oneWay ?? profile.echo
    let others = Revision.allCases.filter { $0 != .current }
    async let older = withTaskGroup(of: Revision?.self) { group in
      for revision in others {
        group.addTask { await oneWay(message, revision) == nil ? nil : revision }
      }
      var spoken: Set<Revision> = []
      for await revision in group { if let revision { spoken.insert(revision) } }
      return spoken
    }
    if let echo = profile.echo {
      let call = await play(
        "call",
        [
          "connect", "send: {id: \(echo.request), sn: 2, payload: \(Self.payload)}",
          "expect: {sn: 2}\nwithin: \(Self.wait)\nsave: {answer: id, payload: payload}",
        ])
      if let call, call.verdict == .pass, case .integer(let response)? = call.variables["answer"] {
        glance.call = Glance.Answer(response: response, isEcho: call.variables["payload"]?.text == Self.payload)
      } else {
        glance.lack = call?.actual ?? ""
      }
    }
    glance.oneWayResponse = await oneWay(message, .current)
    let spoken = await older.union(glance.call == nil && glance.oneWayResponse == nil ? [] : [.current])
    glance.revisions = Revision.allCases.filter(spoken.contains)
    glance.unasked = await unasked
    glance.compresses = await compresses
    return glance
  }

  /// The protocolId of what answers a one-way message; nil: nothing does, or there is none to ask.
  private func oneWay(_ wanted: PeerProfile.Exchange?, _ revision: Revision) async -> Int64? {
    guard let wanted else { return nil }
    let outcome = await outcome(
      "glance-\(revision.rawValue)", revision: revision,
      [
        "connect", "send: {id: \(wanted.request), payload: \(Self.payload)}",
        "expect: {id: \(wanted.response)}\nwithin: \(Self.wait)\nsave: {answer: id}",
      ])
    guard let outcome, case .integer(let response)? = outcome.variables["answer"] else { return nil }
    return response
  }
}
