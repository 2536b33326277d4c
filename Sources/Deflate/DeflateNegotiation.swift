/// What a server wants of permessage-deflate.
public struct DeflateConfiguration: Hashable, Sendable {
  /// The server begins every message with an empty window, whatever was offered.
  public var serverNoContextTakeover: Bool
  /// The server asks the client to begin every message with an empty window.
  public var clientNoContextTakeover: Bool
  /// The window that the server uses at most, 8 to 15 bits.
  public var serverMaxWindowBits: Int
  /// The window that the server asks the client to keep to where the offer lets it, 8 to 15 bits.
  public var clientMaxWindowBits: Int

  /// Makes a configuration; without arguments one that asks for nothing.
  public init(
    serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false, serverMaxWindowBits: Int = 15,
    clientMaxWindowBits: Int = 15
  ) {
    self.serverNoContextTakeover = serverNoContextTakeover
    self.clientNoContextTakeover = clientNoContextTakeover
    self.serverMaxWindowBits = serverMaxWindowBits
    self.clientMaxWindowBits = clientMaxWindowBits
  }
}

/// A server's acceptance of an offer.
public struct DeflateAcceptance: Hashable, Sendable {
  /// What holds for the connection.
  public let parameters: DeflateParameters
  /// The value of the answer's `Sec-WebSocket-Extensions`.
  public let headerValue: String
}

/// Agreeing on permessage-deflate (RFC 7692 §5 and §7.1), for both sides.
public enum DeflateNegotiation {
  /// A server's answer to what a client offers.
  ///
  /// The first offer of permessage-deflate without a fault is taken; one with an unknown, repeated or invalid parameter is
  /// declined, other extensions are passed over.
  ///
  /// - Parameters:
  ///   - offers: The value of the request's `Sec-WebSocket-Extensions`; several fields joined with commas.
  ///   - configuration: What the server wants.
  /// - Returns: The acceptance, or nil to answer without the extension.
  /// - Throws: `bad-grammar`: the request has to be refused (RFC 6455 §9.1).
  public static func accept(
    offers: String, configuration: DeflateConfiguration = DeflateConfiguration()
  ) throws(DeflateNegotiationError) -> DeflateAcceptance? {
    for element in try ExtensionList(parsing: offers).extensions where element.name == DeflateOffer.extensionName {
      guard let offer = try? DeflateOffer(element) else { continue }
      return accept(offer, configuration: configuration)
    }
    return nil
  }

  /// A server's acceptance of an offer.
  public static func accept(_ offer: DeflateOffer, configuration: DeflateConfiguration) -> DeflateAcceptance {
    var parameters = DeflateParameters()
    var text = DeflateOffer.extensionName
    func add(_ name: ParameterName, _ bits: Int? = nil) {
      text += "; " + name.rawValue
      if let bits { text += "=\(bits)" }
    }
    if offer.serverNoContextTakeover || configuration.serverNoContextTakeover {
      parameters.serverNoContextTakeover = true
      add(.serverNoContextTakeover)
    }
    if offer.clientNoContextTakeover || configuration.clientNoContextTakeover {
      parameters.clientNoContextTakeover = true
      add(.clientNoContextTakeover)
    }
    let serverBits = min(offer.serverMaxWindowBits ?? 15, configuration.serverMaxWindowBits)
    if offer.serverMaxWindowBits != nil || serverBits < 15 {
      parameters.serverMaxWindowBits = serverBits
      add(.serverMaxWindowBits, serverBits)
    }
    if let window = offer.clientMaxWindowBits {
      let clientBits = min(window.limit, configuration.clientMaxWindowBits)
      if clientBits < 15 {
        parameters.clientMaxWindowBits = clientBits
        add(.clientMaxWindowBits, clientBits)
      }
    }
    return DeflateAcceptance(parameters: parameters, headerValue: text)
  }

  /// A client's check of the server's answer.
  ///
  /// An answer to several offers of permessage-deflate is good if it follows from any one of them; if from none, the error is
  /// the one that it makes as an answer to the first.
  ///
  /// - Parameters:
  ///   - response: The value of the answer's `Sec-WebSocket-Extensions`; empty for none.
  ///   - offer: The value that the client sent; empty for none.
  /// - Returns: What holds for the connection, or nil if the server answered without extension.
  /// - Throws: Why the client has to fail the connection.
  public static func check(
    response: String, offer: String
  ) throws(DeflateNegotiationError) -> DeflateParameters? {
    guard !isBlank(response) else { return nil }
    let answered = try ExtensionList(parsing: response).extensions
    let offers = try offeredElements(offer)
    var acceptance: WebSocketExtension?
    for element in answered {
      guard element.name == DeflateOffer.extensionName, !offers.isEmpty else {
        throw DeflateNegotiationError(.unofferedExtension, offset: element.offset)
      }
      guard acceptance == nil else { throw DeflateNegotiationError(.repeatedExtension, offset: element.offset) }
      acceptance = element
    }
    guard let acceptance else { return nil }
    var firstError: DeflateNegotiationError?
    for offer in offers {
      do throws(DeflateNegotiationError) {
        return try check(acceptance, offer: offer, end: response.utf8.count)
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? DeflateNegotiationError(.unofferedExtension, offset: acceptance.offset)
  }

  /// The offers of permessage-deflate in a client's own header. A faulty one counts as an offer of nothing in particular.
  private static func offeredElements(_ offer: String) throws(DeflateNegotiationError) -> [DeflateOffer] {
    guard !isBlank(offer) else { return [] }
    return try ExtensionList(parsing: offer).extensions.filter { $0.name == DeflateOffer.extensionName }
      .map { (try? DeflateOffer($0)) ?? DeflateOffer() }
  }

  private static func check(
    _ acceptance: WebSocketExtension, offer: DeflateOffer, end: Int
  ) throws(DeflateNegotiationError) -> DeflateParameters {
    var parameters = DeflateParameters()
    var seen: Set<ParameterName> = []
    for parameter in acceptance.parameters {
      switch try ParameterName(parameter, seen: &seen) {
      case .serverNoContextTakeover:
        try parameter.requireNoValue()
        parameters.serverNoContextTakeover = true
      case .clientNoContextTakeover:
        try parameter.requireNoValue()
        parameters.clientNoContextTakeover = true
      case .serverMaxWindowBits:
        parameters.serverMaxWindowBits = try parameter.windowBits()
        guard parameters.serverMaxWindowBits <= offer.serverMaxWindowBits ?? 15 else {
          throw DeflateNegotiationError(.windowAboveOffer, offset: parameter.offset)
        }
      case .clientMaxWindowBits:
        parameters.clientMaxWindowBits = try parameter.windowBits()
        guard let window = offer.clientMaxWindowBits else {
          throw DeflateNegotiationError(.unofferedWindow, offset: parameter.offset)
        }
        guard parameters.clientMaxWindowBits <= window.limit else {
          throw DeflateNegotiationError(.windowAboveOffer, offset: parameter.offset)
        }
      }
    }
    if offer.serverNoContextTakeover && !seen.contains(.serverNoContextTakeover)
      || offer.serverMaxWindowBits != nil && !seen.contains(.serverMaxWindowBits)
    {
      throw DeflateNegotiationError(.missingParameter, offset: end)
    }
    return parameters
  }

  private static func isBlank(_ value: String) -> Bool { value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}
