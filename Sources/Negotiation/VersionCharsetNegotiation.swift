/// The versions that a server supports: a closed range.
public struct VersionRange: Hashable, Sendable {
  /// The lowest.
  public let min: Int64

  /// The highest.
  public let max: Int64

  /// A range; nil where the lowest is above the highest.
  public init?(min: Int64, max: Int64) {
    guard min <= max else { return nil }
    self.min = min
    self.max = max
  }

  /// Whether a version is in the range.
  public func contains(_ version: Int64) -> Bool { version >= min && version <= max }
}

/// What a server negotiates. With neither versions nor charsets it only declares: everything is accepted and kept.
public struct NegotiationPolicy: Hashable, Sendable {
  /// The supported versions; nil to take any.
  public var versions: VersionRange?

  /// The codes of the supported charsets; nil to take any.
  public var charsets: [Int64]?

  /// A policy from its parts.
  public init(versions: VersionRange? = nil, charsets: [Int64]? = nil) {
    self.versions = versions
    self.charsets = charsets
  }

  /// Whether anything is negotiated at all.
  public var negotiates: Bool { versions != nil || charsets != nil }
}

/// What holds for a connection.
public struct NegotiatedSelection: Hashable, Sendable {
  /// The version.
  public let version: Int64

  /// The code of the charset.
  public let charset: Int64

  /// The subprotocol that was selected, nil in the form of the query.
  public let selectedProtocol: String?

  /// A selection from its parts.
  public init(version: Int64, charset: Int64, selectedProtocol: String? = nil) {
    self.version = version
    self.charset = charset
    self.selectedProtocol = selectedProtocol
  }
}

/// Why a server cannot agree. The raw values are the codes of `negotiate.select`.
public enum NegotiationErrorCode: String, CaseIterable, Hashable, Sendable {
  /// None of the offered subprotocols is supported: 406.
  case noProtocol = "no-protocol"

  /// A parameter is no decimal integer: 400.
  case badParameter = "bad-parameter"

  /// The client's version is below the lowest: 426.
  case versionTooLow = "version-too-low"

  /// The charset is not supported: 406.
  case charsetUnsupported = "charset-unsupported"
}

/// Why a server cannot agree, and about what.
public struct NegotiationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why.
  public let code: NegotiationErrorCode

  /// The name of the parameter or the field.
  public let subject: String

  /// What the client said, as text.
  public let value: String

  /// The HTTP status to refuse with.
  public var status: Int {
    switch code {
    case .noProtocol, .charsetUnsupported: 406
    case .badParameter: 400
    case .versionTooLow: 426
    }
  }

  /// The reason, for people.
  public var reason: String {
    switch code {
    case .noProtocol: "none of the offered subprotocols is supported: \(value)"
    case .badParameter: "the parameter \(subject) is no decimal integer: \(value)"
    case .versionTooLow: "version \(value) is no longer supported"
    case .charsetUnsupported: "charset \(value) is not supported"
    }
  }

  /// ``reason``.
  public var description: String { reason }
}

/// The server's decision about version and charset, before it answers with 101 (specification, negotiation).
public enum VersionCharsetNegotiation {
  /// The largest number in a subprotocol.
  private static let largest: Int64 = 2_147_483_647

  /// Selects version and charset.
  ///
  /// - Parameters:
  ///   - query: The query of the request.
  ///   - protocols: The offered subprotocols in order of preference, nil where none were offered. Where there are any they
  ///     alone count.
  ///   - policy: What the server supports.
  /// - Throws: Why the client has to be refused.
  public static func select(
    query: [UInt8], protocols: [String]?, policy: NegotiationPolicy
  ) throws(NegotiationError) -> NegotiatedSelection {
    let parameters = QueryParameters(query)
    let metadata = ConnectionMetadata(parameters: parameters)
    guard policy.negotiates else { return NegotiatedSelection(version: metadata.version, charset: metadata.charset) }
    if let protocols { return try select(of: protocols, policy) }
    if policy.versions != nil { try check("version", of: parameters) }
    if policy.charsets != nil { try check("charset", of: parameters) }
    let version = try version(of: metadata, policy)
    if let charsets = policy.charsets, !charsets.contains(metadata.charset) {
      throw NegotiationError(code: .charsetUnsupported, subject: "charset", value: String(metadata.charset))
    }
    return NegotiatedSelection(version: version, charset: metadata.charset)
  }

  /// The elements of a value of `Sec-WebSocket-Protocol`.
  public static func protocols(in value: String) -> [String] {
    HTTPField("", value).elements.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func check(_ name: String, of parameters: QueryParameters) throws(NegotiationError) {
    guard let value = parameters.first(name), DecimalInteger.parse(value) == nil else { return }
    throw NegotiationError(code: .badParameter, subject: name, value: String(decoding: value, as: UTF8.self))
  }

  private static func version(
    of metadata: ConnectionMetadata, _ policy: NegotiationPolicy
  ) throws(NegotiationError) -> Int64 {
    guard let versions = policy.versions else { return metadata.version }
    guard metadata.version != 0 else { return versions.min }
    guard metadata.version >= versions.min else {
      throw NegotiationError(code: .versionTooLow, subject: "version", value: String(metadata.version))
    }
    return min(metadata.version, versions.max)
  }

  private static func select(
    of protocols: [String], _ policy: NegotiationPolicy
  ) throws(NegotiationError) -> NegotiatedSelection {
    for name in protocols {
      guard let (version, charset) = numbers(in: Array(name.utf8)), policy.versions?.contains(version) ?? true,
        policy.charsets?.contains(charset) ?? true
      else { continue }
      return NegotiatedSelection(version: version, charset: charset, selectedProtocol: name)
    }
    throw NegotiationError(
      code: .noProtocol, subject: "Sec-WebSocket-Protocol", value: protocols.joined(separator: ", "))
  }

  /// The numbers of `ws.vN.cM`, or nil for any other token (requirement `negotiation.protocol.token`).
  package static func numbers(in token: [UInt8]) -> (version: Int64, charset: Int64)? {
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual("ws".utf8), parts[1].first == UInt8(ascii: "v"),
      parts[2].first == UInt8(ascii: "c"),
      let version = DecimalInteger.parseCanonical(parts[1].dropFirst(), limit: largest),
      let charset = DecimalInteger.parseCanonical(parts[2].dropFirst(), limit: largest)
    else { return nil }
    return (version, charset)
  }
}
