import Deflate
import Negotiation
import Specification

/// Holds the request for an upgrade, its answer, and what each side made of the other's against the rules.
///
/// A head is judged by its first violation, as an implementation would: the rules behind it are neither kept nor broken.
struct UpgradeJudge {
  private let end: ConnectionEndRecord
  /// Whether the client sent frames, other than a close frame, behind the answer.
  private let clientWentOn: Bool

  private init(_ end: ConnectionEndRecord, clientWentOn: Bool) {
    self.end = end
    self.clientWentOn = clientWentOn
  }

  /// What a connection shows.
  ///
  /// - Parameter clientWentOn: Whether the client sent frames, other than a close frame.
  static func observations(_ end: ConnectionEndRecord, clientWentOn: Bool) -> [RuleObservation] {
    guard let request = end.request else { return [] }
    let judge = UpgradeJudge(end, clientWentOn: clientWentOn)
    var found = judge.ofRequest(request)
    if let answer = end.answer { found += judge.ofAnswer(answer, to: request) }
    return found
  }

  // MARK: The request

  /// What the client has to write, in the order in which it is looked at, and what of a server that it has to refuse.
  private static let requestRules: [(code: Set<HandshakeErrorCode>, client: RequirementID, server: RequirementID)] = [
    ([.notGet], "handshake.request.get", "handshake.refuse.method"),
    ([.missingHost], "handshake.request.host", "handshake.refuse.host"),
    ([.missingUpgrade], "handshake.request.upgrade", "handshake.refuse.upgrade"),
    ([.missingConnection], "handshake.request.connection", "handshake.refuse.connection"),
    ([.missingVersion, .unsupportedVersion], "handshake.request.version", "handshake.refuse.version"),
    ([.missingKey, .badKey], "handshake.request.key", "handshake.refuse.key"),
  ]

  private func ofRequest(_ request: HTTPMessageHead) -> [RuleObservation] {
    var found: [RuleObservation] = []
    do throws(HandshakeError) {
      _ = try UpgradeRequest(request)
      found += Self.requestRules.map { .kept($0.client, by: .client) }
    } catch {
      if let index = Self.requestRules.firstIndex(where: { $0.code.contains(error.code) }) {
        found += Self.requestRules[..<index].map { .kept($0.client, by: .client) }
        found.append(.broken(Self.requestRules[index].client, by: .client, "the upgrade request: \(error.reason)"))
      }
      found += ofRefusal(error, of: request)
    }
    if end.answer?.status == 101 {
      found.append(
        end.hasEarlyBytes
          ? .broken("handshake.early.client", by: .client, "bytes follow the upgrade request before its answer")
          : .kept("handshake.early.client", by: .client))
    }
    return found
  }

  /// What the server made of a request that breaks a rule.
  private func ofRefusal(_ error: HandshakeError, of request: HTTPMessageHead) -> [RuleObservation] {
    guard let answer = end.answer, let status = answer.status, let rule = Self.refusal(of: error, request) else {
      return []
    }
    guard status != 101 else {
      return [.broken(rule, by: .server, "a wrong upgrade request is granted: \(error.reason)")]
    }
    var found: [RuleObservation] = [.kept(rule, by: .server)]
    if error.code == .unsupportedVersion {
      found.append(
        answer.text("sec-websocket-version")?.contains("13") == true
          ? .kept("handshake.refuse.version.field", by: .server)
          : .broken(
            "handshake.refuse.version.field", by: .server,
            "the refusal of another version does not name the server's own in Sec-WebSocket-Version"))
      found.append(
        status == 426
          ? .kept("handshake.refuse.version.status", by: .server)
          : .broken(
            "handshake.refuse.version.status", by: .server, "another version is refused with status \(status), not 426")
      )
    }
    return found
  }

  /// The rule by which a server has to refuse a request.
  private static func refusal(of error: HandshakeError, _ request: HTTPMessageHead) -> RequirementID? {
    switch error.code {
    case .badRequestLine: return "handshake.refuse.request-line"
    case .badHTTPVersion: return "handshake.refuse.http-version"
    case .badHeader: return "handshake.refuse.header"
    case .badFraming: return "handshake.refuse.framing"
    case .badKey:
      // Two keys, or one of the right length with bits behind its bytes, are not refused by all.
      let keys = request.fields(named: "sec-websocket-key")
      return keys.count == 1 && keys[0].value.count != 24 ? "handshake.refuse.key" : "handshake.refuse.key.form"
    default: return requestRules.first { $0.code.contains(error.code) }?.server
    }
  }

  // MARK: The answer

  private func ofAnswer(_ answer: HTTPMessageHead, to request: HTTPMessageHead) -> [RuleObservation] {
    guard answer.status == 101 else { return [] }
    var found: [RuleObservation] = [.kept("handshake.answer.status", by: .server)]
    let expectation = UpgradeExpectation(
      key: request.text("sec-websocket-key") ?? "", offeredExtensions: request.text("sec-websocket-extensions") ?? "",
      offeredProtocols: request.elements("sec-websocket-protocol").map { String(decoding: $0, as: UTF8.self) })
    let server: [RequirementID] = [
      "handshake.answer.upgrade", "handshake.answer.connection", "handshake.answer.protocol",
    ]
    do throws(HandshakeError) {
      _ = try UpgradeAnswer(answer, expecting: expectation)
      let kept = server + Self.extensions(answer, expectation).keptRules
      return found + kept.map { .kept($0, by: .server) }
    } catch {
      // A wrong Accept and wrong extensions are findings, and counted as such.
      let broken: RequirementID? =
        switch error.code {
        case .missingUpgrade: "handshake.answer.upgrade"
        case .missingConnection: "handshake.answer.connection"
        case .unofferedProtocol: "handshake.answer.protocol"
        default: nil
        }
      if let broken { found.append(.broken(broken, by: .server, "the answer to the upgrade: \(error.reason)")) }
      guard let rule = reaction(to: error, answer, expectation) else { return found }
      if clientWentOn {
        found.append(.broken(rule, by: .client, "the client goes on after a wrong answer: \(error.reason)"))
      } else if end.wasReset || end.finishes.contains(where: { $0.role == .client }) {
        found.append(.kept(rule, by: .client))
      }
      return found
    }
  }

  /// The rule by which a client has to fail the connection for an answer. What it had sent before it could know says nothing.
  private func reaction(
    to error: HandshakeError, _ answer: HTTPMessageHead, _ expectation: UpgradeExpectation
  ) -> RequirementID? {
    guard !end.hasEarlyBytes else { return nil }
    switch error.code {
    case .missingUpgrade: return "handshake.client.upgrade"
    case .missingConnection: return "handshake.client.connection"
    case .missingAccept, .wrongAccept: return "handshake.client.accept"
    case .unofferedProtocol: return "handshake.client.protocol"
    case .unofferedExtension, .badExtension:
      let extensions = Self.extensions(answer, expectation)
      do throws(DeflateNegotiationError) {
        _ = try extensions.parameters()
        return nil
      } catch {
        return extensions.reaction(to: error)
      }
    default: return nil
    }
  }

  private static func extensions(_ answer: HTTPMessageHead, _ expectation: UpgradeExpectation) -> ExtensionsAnswer {
    ExtensionsAnswer(
      answer: answer.text("sec-websocket-extensions") ?? "", offer: expectation.offeredExtensions)
  }
}
