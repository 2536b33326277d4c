public import Specification

/// What both peers of a connection have agreed on (RFC 7692 §7.1). Each side's pair of parameters is about what that side sends.
public struct DeflateParameters: Hashable, Sendable {
  /// The server begins every message with an empty window.
  public var serverNoContextTakeover: Bool
  /// The client begins every message with an empty window.
  public var clientNoContextTakeover: Bool
  /// The base-2 logarithm of the window that the server uses at most, 8 to 15.
  public var serverMaxWindowBits: Int
  /// The base-2 logarithm of the window that the client uses at most, 8 to 15.
  public var clientMaxWindowBits: Int

  /// Makes a set of parameters; what is left out is what an answer without parameters means.
  public init(
    serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false, serverMaxWindowBits: Int = 15,
    clientMaxWindowBits: Int = 15
  ) {
    self.serverNoContextTakeover = serverNoContextTakeover
    self.clientNoContextTakeover = clientNoContextTakeover
    self.serverMaxWindowBits = serverMaxWindowBits
    self.clientMaxWindowBits = clientMaxWindowBits
  }

  /// Whether the messages that a peer sends may refer back to its earlier messages.
  public func contextTakeover(from sender: PeerRole) -> Bool {
    sender == .server ? !serverNoContextTakeover : !clientNoContextTakeover
  }

  /// The window bits of the messages that a peer sends.
  public func windowBits(from sender: PeerRole) -> Int {
    sender == .server ? serverMaxWindowBits : clientMaxWindowBits
  }
}

/// An offer of permessage-deflate by a client (RFC 7692 §7.1).
public struct DeflateOffer: Hashable, Sendable {
  /// What an offer says about client_max_window_bits.
  public enum ClientWindow: Hashable, Sendable {
    /// The client can obey any value that the server names.
    case anyBits
    /// The client will use at most these bits, 8 to 15, and can obey any smaller value.
    case bits(Int)

    /// The largest window that the server may name.
    public var limit: Int {
      switch self {
      case .anyBits: 15
      case .bits(let bits): bits
      }
    }
  }

  /// The name of the extension.
  public static let extensionName = "permessage-deflate"

  /// Insists that the server begins every message with an empty window.
  public var serverNoContextTakeover: Bool
  /// Announces that the client will do so.
  public var clientNoContextTakeover: Bool
  /// Insists on a window of the server of at most these bits, 8 to 15; nil for no wish.
  public var serverMaxWindowBits: Int?
  /// Lets the server choose the client's window; nil: the server must not name it.
  public var clientMaxWindowBits: ClientWindow?

  /// Makes an offer; without arguments the one that asks for nothing.
  public init(
    serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false, serverMaxWindowBits: Int? = nil,
    clientMaxWindowBits: ClientWindow? = nil
  ) {
    self.serverNoContextTakeover = serverNoContextTakeover
    self.clientNoContextTakeover = clientNoContextTakeover
    self.serverMaxWindowBits = serverMaxWindowBits
    self.clientMaxWindowBits = clientMaxWindowBits
  }

  /// The offer as an element of a `Sec-WebSocket-Extensions` value.
  public var headerValue: String {
    var text = Self.extensionName
    if serverNoContextTakeover { text += "; \(ParameterName.serverNoContextTakeover.rawValue)" }
    if clientNoContextTakeover { text += "; \(ParameterName.clientNoContextTakeover.rawValue)" }
    if let bits = serverMaxWindowBits { text += "; \(ParameterName.serverMaxWindowBits.rawValue)=\(bits)" }
    switch clientMaxWindowBits {
    case .anyBits: text += "; \(ParameterName.clientMaxWindowBits.rawValue)"
    case .bits(let bits): text += "; \(ParameterName.clientMaxWindowBits.rawValue)=\(bits)"
    case nil: break
    }
    return text
  }

  /// Reads an offer from an element named permessage-deflate.
  ///
  /// - Throws: `unknown-parameter`, `repeated-parameter` or `bad-value` for the first parameter at fault: such an offer has to
  ///   be declined (RFC 7692 §7.1).
  public init(_ element: WebSocketExtension) throws(DeflateNegotiationError) {
    self.init()
    var seen: Set<ParameterName> = []
    for parameter in element.parameters {
      let name = try ParameterName(parameter, seen: &seen)
      switch name {
      case .serverNoContextTakeover:
        try parameter.requireNoValue()
        serverNoContextTakeover = true
      case .clientNoContextTakeover:
        try parameter.requireNoValue()
        clientNoContextTakeover = true
      case .serverMaxWindowBits: serverMaxWindowBits = try parameter.windowBits()
      case .clientMaxWindowBits:
        clientMaxWindowBits = parameter.value == nil ? .anyBits : .bits(try parameter.windowBits())
      }
    }
  }
}

/// The parameters of permessage-deflate.
enum ParameterName: String {
  case serverNoContextTakeover = "server_no_context_takeover"
  case clientNoContextTakeover = "client_no_context_takeover"
  case serverMaxWindowBits = "server_max_window_bits"
  case clientMaxWindowBits = "client_max_window_bits"

  /// The name of a parameter, which must be known and not among those seen; it is added to them.
  init(_ parameter: WebSocketExtensionParameter, seen: inout Set<ParameterName>) throws(DeflateNegotiationError) {
    guard let name = ParameterName(rawValue: parameter.name) else {
      throw DeflateNegotiationError(.unknownParameter, offset: parameter.offset)
    }
    guard seen.insert(name).inserted else {
      throw DeflateNegotiationError(.repeatedParameter, offset: parameter.offset)
    }
    self = name
  }
}

extension WebSocketExtensionParameter {
  func requireNoValue() throws(DeflateNegotiationError) {
    guard value == nil else { throw DeflateNegotiationError(.badValue, offset: offset) }
  }

  /// The value as window bits: 8 to 15 in decimal without sign or leading zero (RFC 7692 §7.1.2).
  func windowBits() throws(DeflateNegotiationError) -> Int {
    switch value {
    case "8": 8
    case "9": 9
    case "10": 10
    case "11": 11
    case "12": 12
    case "13": 13
    case "14": 14
    case "15": 15
    default: throw DeflateNegotiationError(.badValue, offset: offset)
    }
  }
}
