public import Deflate

/// What a server lets in.
public struct HandshakePolicy: Hashable, Sendable {
  /// The one path that is served; nil for any.
  public var path: String?

  /// Versions and charsets.
  public var negotiation: NegotiationPolicy

  /// The origins that are let in, compared as they are written; nil for any. A request without `Origin` is let in.
  public var origins: [String]?

  /// What the server wants of permessage-deflate; nil to speak uncompressed only.
  public var compression: DeflateConfiguration?

  /// A policy from its parts.
  public init(
    path: String? = nil, negotiation: NegotiationPolicy = NegotiationPolicy(), origins: [String]? = nil,
    compression: DeflateConfiguration? = nil
  ) {
    self.path = path
    self.negotiation = negotiation
    self.origins = origins
    self.compression = compression
  }
}

/// What a server answers to an upgrade request.
public struct HandshakeDecision: Hashable, Sendable {
  /// What was agreed.
  public struct Agreement: Hashable, Sendable {
    /// What the client said about the connection.
    public let metadata: ConnectionMetadata

    /// The version and the charset that hold.
    public let selection: NegotiatedSelection

    /// The parameters of permessage-deflate, nil without it.
    public let deflate: DeflateParameters?
  }

  /// What has to be sent before the answer: a 100 where the client waits for one and the upgrade is granted (RFC 9110
  /// section 7.8), else nil.
  public let interim: UpgradeResponse?

  /// The answer.
  public let response: UpgradeResponse

  /// What was agreed; nil for a refusal.
  public let agreement: Agreement?

  /// Why the request was refused: a code of ``HandshakeErrorCode`` or ``NegotiationErrorCode``, or `unknown-path`,
  /// `origin-not-allowed`, `bad-grammar`. Nil where it was granted.
  public let rejection: String?
}

/// Decides about upgrade requests: a pure function of request and policy (operation `handshake.respond`).
public enum HandshakeResponder {
  /// The answer to a request that was read whole. Checked are path, origin, the grammar of extensions, and negotiation,
  /// in this order.
  public static func decide(_ request: UpgradeRequest, policy: HandshakePolicy = HandshakePolicy())
    -> HandshakeDecision
  {
    if let path = policy.path, !path.utf8.elementsEqual(request.path.utf8) {
      return refuse(404, "unknown-path", "there is nothing at \(request.path)", policy)
    }
    if let origins = policy.origins, let origin = request.origin,
      !origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) })
    {
      return refuse(403, "origin-not-allowed", "the origin \(origin) is not let in", policy)
    }
    var acceptance: DeflateAcceptance?
    if let extensions = request.extensions {
      do throws(DeflateNegotiationError) {
        acceptance = try DeflateNegotiation.accept(
          offers: extensions, configuration: policy.compression ?? DeflateConfiguration())
      } catch {
        let detail = "Sec-WebSocket-Extensions breaks the grammar at its byte \(error.offset)"
        return refuse(400, error.code.rawValue, detail, policy)
      }
    }
    if policy.compression == nil { acceptance = nil }
    do throws(NegotiationError) {
      let selection = try VersionCharsetNegotiation.select(
        query: request.query, protocols: request.protocols.isEmpty ? nil : request.protocols,
        policy: policy.negotiation)
      return HandshakeDecision(
        interim: request.expectsContinue ? .goOn : nil,
        response: .switchingProtocols(
          key: request.key, extensions: acceptance?.headerValue, selectedProtocol: selection.selectedProtocol,
          selection: policy.negotiation.negotiates ? selection : nil),
        agreement: HandshakeDecision.Agreement(
          metadata: request.metadata, selection: selection, deflate: acceptance?.parameters),
        rejection: nil)
    } catch {
      let fields = error.status == 426 ? [HTTPField("Upgrade", "websocket")] : []
      return refuse(error.status, error.code.rawValue, error.reason, policy, fields)
    }
  }

  /// The answer to a request that breaks a rule.
  public static func refuse(_ error: HandshakeError, policy: HandshakePolicy = HandshakePolicy())
    -> HandshakeDecision
  {
    let (status, fields): (Int, [HTTPField]) =
      switch error.code {
      case .notGet: (405, [HTTPField("Allow", "GET")])
      case .badHTTPVersion: (505, [])
      case .headersTooLarge: (431, [])
      case .missingVersion, .unsupportedVersion:
        (426, [HTTPField("Sec-WebSocket-Version", "13"), HTTPField("Upgrade", "websocket")])
      default: (400, [])
      }
    return refuse(status, error.code.rawValue, error.reason, policy, fields)
  }

  /// The answer to the bytes of a request, all of which are there.
  public static func decide(bytes: [UInt8], policy: HandshakePolicy = HandshakePolicy()) -> HandshakeDecision {
    var parser = UpgradeRequestParser()
    return switch parser.read(bytes.span.bytes) {
    case .incomplete: refuse(parser.unfinished, policy: policy)
    case .violation(let error): refuse(error, policy: policy)
    case .request(let request, _): decide(request, policy: policy)
    }
  }

  private static func refuse(
    _ status: Int, _ rejection: String, _ detail: String, _ policy: HandshakePolicy, _ fields: [HTTPField] = []
  ) -> HandshakeDecision {
    HandshakeDecision(
      interim: nil,
      response: .refusal(
        status: status, fields: fields, detail: detail,
        supported: policy.negotiation.negotiates ? policy.negotiation : nil),
      agreement: nil, rejection: rejection)
  }
}
