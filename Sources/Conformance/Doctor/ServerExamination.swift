import FrameCodec
package import ReferencePeer

/// Looks at a server step by step, as a client comes to it: whether it answers, speaks TLS and is trusted, grants the upgrade, which
/// revision it speaks, whether it echoes, and what comes unasked. Where a step fails, those behind it are left out.
package struct ServerExamination: Sendable {
  private var client: ClientConfiguration
  private let detection: ProfileDetection
  private let profile: PeerProfile
  private let checksCertificate: Bool

  /// An examination.
  ///
  /// - Parameters:
  ///   - client: How the server is reached; it is dialled once.
  ///   - detection: The same place, for what is asked behind the upgrade.
  ///   - profile: What the server's application offers.
  ///   - checksCertificate: Whether the client asks for a certificate that it trusts.
  package init(
    client: ClientConfiguration, detection: ProfileDetection, profile: PeerProfile, checksCertificate: Bool
  ) {
    self.profile = profile
    self.checksCertificate = checksCertificate
    self.client = client
    self.client.attempts = 1
    self.detection = detection
  }

  /// Looks at the server.
  ///
  /// - Returns: A line for each step that was come to.
  package func lines() async -> [DoctorLine] {
    let failure: DialFailure
    do {
      let connection = try await Client(client).connect()
      connection.close()
      return reached + [DoctorLine(.good, "upgrade", "granted with 101")] + (await behindTheUpgrade())
    } catch {
      failure = TransportFault.failure(of: error)
    }
    func wrong(_ subject: String) -> DoctorLine {
      DoctorLine(.wrong, subject, failure.reason, remedy: DialAdvice.remedy(for: failure.kind))
    }
    switch failure.kind {
    case .badRequest, .unreachable: return [wrong("server")]
    case .peerLacksTLS, .peerWantsTLS, .tlsFailed: return [reached[0], wrong("TLS")]
    case .untrustedCertificate, .clientCertificateWanted:
      return [reached[0], DoctorLine(.good, "TLS", "spoken"), wrong("trust")]
    case .closed, .silent, .notHTTP, .refused, .badAnswer: return reached + [wrong("upgrade")]
    }
  }

  /// What is known where the upgrade was come to.
  private var reached: [DoctorLine] {
    let url = client.url
    let server = DoctorLine(.good, "server", "\(url.hostField) takes connections")
    guard url.isSecure else { return [server, DoctorLine(.good, "TLS", "none, as ws:// says")] }
    return [
      server, DoctorLine(.good, "TLS", "spoken"),
      checksCertificate
        ? DoctorLine(.good, "trust", "the certificate is trusted, and for this name")
        : DoctorLine(.remark, "trust", "the certificate was not looked at, as --insecure says"),
    ]
  }

  private func behindTheUpgrade() async -> [DoctorLine] {
    let glance = await detection.glance(at: profile)
    return [revision(glance), echo(glance), unasked(glance), compression(glance)]
  }

  private func revision(_ glance: ProfileDetection.Glance) -> DoctorLine {
    func names(_ revisions: [Revision]) -> String { revisions.map(\.rawValue).joined(separator: ", ") }
    let spoken = glance.revisions
    if spoken.isEmpty {
      return DoctorLine(.unseen, "revision", "cannot be told where nothing is answered")
    }
    if profile.revisions == [.current], !spoken.contains(.current) {
      return DoctorLine(
        .wrong, "revision", "\(names(spoken)), and not \(Revision.current.rawValue), the current one",
        remedy: "most probes speak the current one; those of older ones run where the profile names them in revisions")
    }
    let missing = profile.revisions.filter { !spoken.contains($0) }
    guard missing.isEmpty else {
      return DoctorLine(
        .wrong, "revision", "\(names(spoken)), and not \(names(missing)), which the profile names",
        remedy: "let revisions in the profile have what the server speaks")
    }
    return DoctorLine(.good, "revision", names(spoken) + (spoken == [.current] ? ", the current one" : ""))
  }

  private func echo(_ glance: ProfileDetection.Glance) -> DoctorLine {
    guard profile.revisions.contains(.current), let wanted = profile.echo else { return message(glance) }
    let asked = "a call with id \(wanted.request)"
    if let call = glance.call {
      guard call.response == wanted.response else {
        return DoctorLine(
          .wrong, "echo", "\(asked) is answered with id \(call.response), not \(wanted.response)",
          remedy: Self.finding)
      }
      guard call.isEcho || wanted.mode != .echo else {
        return DoctorLine(
          .wrong, "echo", "\(asked) is answered with id \(call.response) and another payload",
          remedy: "mode: constant or mode: any in the profile says so")
      }
      return DoctorLine(
        .good, "echo", "\(asked) is answered with id \(call.response)" + (call.isEcho ? " and its payload" : ""))
    }
    if let response = glance.oneWayResponse {
      return DoctorLine(
        .wrong, "echo",
        "a one-way message with id \(profile.oneWay?.request ?? wanted.request) is answered with id \(response), and "
          + "no call is: \(glance.lack)",
        remedy: "add a handler that answers calls, or probe with --profile minimal")
    }
    return DoctorLine(
      .wrong, "echo", "nothing answers id \(wanted.request), neither as a call nor one-way: \(glance.lack)",
      remedy: profile == .reference
        ? "add the handlers of the reference application (docs/probing-a-server.md); \(Self.finding)" : Self.finding)
  }

  /// The same where the profile has no call, or only revisions that know none.
  private func message(_ glance: ProfileDetection.Glance) -> DoctorLine {
    guard let wanted = profile.oneWay ?? profile.echo else {
      return DoctorLine(
        .unseen, "echo", "the profile has neither a call nor a message that is answered", remedy: Self.finding)
    }
    let asked = "a one-way message with id \(wanted.request)"
    return glance.revisions.isEmpty
      ? DoctorLine(.wrong, "echo", "\(asked) is not answered with id \(wanted.response)", remedy: Self.finding)
      : DoctorLine(.good, "echo", "\(asked) is answered with id \(wanted.response); the profile has no call")
  }

  private static let finding = "wireproof probe profile finds out which ids the application has"

  private func unasked(_ glance: ProfileDetection.Glance) -> DoctorLine {
    if glance.unasked.isEmpty { return DoctorLine(.good, "unasked", "nothing came within a second") }
    let ids = glance.unasked.map(String.init).joined(separator: ", ")
    return DoctorLine(
      .remark, "unasked", "messages with id \(ids) come unasked",
      remedy: "unsolicited: [\(ids)] in the profile lets them pass")
  }

  private func compression(_ glance: ProfileDetection.Glance) -> DoctorLine {
    glance.compresses
      ? DoctorLine(.good, "compression", "permessage-deflate is taken")
      : DoctorLine(.remark, "compression", "permessage-deflate is not taken; its probes do not apply")
  }
}
