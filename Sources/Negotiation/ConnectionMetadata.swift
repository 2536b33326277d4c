/// What a client says about its connection in the query of its upgrade request (specification, metadata).
///
/// Texts are bytes, since percent escapes can give bytes that are no UTF-8 and the identity is made of exactly these.
public struct ConnectionMetadata: Hashable, Sendable {
  /// The user, `uid`.
  public var uid: [UInt8]

  /// The kind of client or platform, `typed`.
  public var typed: Int64

  /// The device, `deviceId`.
  public var deviceId: [UInt8]

  /// Where the connection comes from, such as `android` or `web`: `source`.
  public var source: [UInt8]

  /// The version that the client speaks; 0 where it does not say.
  public var version: Int64

  /// The code of the charset; see ``Charset``. Any value can come.
  public var charset: Int64

  /// Metadata from their values.
  public init(
    uid: [UInt8] = [], typed: Int64 = 0, deviceId: [UInt8] = [], source: [UInt8] = [], version: Int64 = 0,
    charset: Int64 = 0
  ) {
    self.uid = uid
    self.typed = typed
    self.deviceId = deviceId
    self.source = source
    self.version = version
    self.charset = charset
  }

  /// Metadata from texts.
  public init(
    uid: String, typed: Int64 = 0, deviceId: String = "", source: String = "", version: Int64 = 0, charset: Int64 = 0
  ) {
    self.init(
      uid: Array(uid.utf8), typed: typed, deviceId: Array(deviceId.utf8), source: Array(source.utf8),
      version: version, charset: charset)
  }

  /// Reads metadata from a query. What is missing is empty or 0, and so is an integer that is none; integers beyond 64
  /// bits are clamped. Never fails.
  public init(query: [UInt8]) { self.init(parameters: QueryParameters(query)) }

  /// Reads metadata from parameters; see ``init(query:)``.
  public init(parameters: QueryParameters) {
    func integer(_ name: String) -> Int64 { parameters.first(name).flatMap(DecimalInteger.parse) ?? 0 }
    self.init(
      uid: parameters.first("uid") ?? [], typed: integer("typed"), deviceId: parameters.first("deviceId") ?? [],
      source: parameters.first("source") ?? [], version: integer("version"), charset: integer("charset"))
  }

  /// ``uid`` as text, with U+FFFD for what is no UTF-8.
  public var uidText: String { String(decoding: uid, as: UTF8.self) }

  /// ``deviceId`` as text, with U+FFFD for what is no UTF-8.
  public var deviceIdText: String { String(decoding: deviceId, as: UTF8.self) }

  /// ``source`` as text, with U+FFFD for what is no UTF-8.
  public var sourceText: String { String(decoding: source, as: UTF8.self) }

  /// The query that says the same: all six parameters, escaped, in the order of the members.
  public var query: [UInt8] {
    let pairs: [(String, [UInt8])] = [
      ("uid", uid), ("typed", Array(String(typed).utf8)), ("deviceId", deviceId), ("source", source),
      ("version", Array(String(version).utf8)), ("charset", Array(String(charset).utf8)),
    ]
    return Array(pairs.map { Array("\($0.0)=".utf8) + PercentEncoding.encode($0.1) }.joined(separator: "&".utf8))
  }

  /// The identity of the connection: `uid-typed-deviceId-source`, every part always there, nothing escaped (requirements
  /// `identity.join`, `identity.parts`). The join is not injective, since the parts may hold `-` themselves.
  ///
  /// - Parameter withSource: false for the form of releases before 1.3.7, `uid-typed-deviceId`.
  public func identity(withSource: Bool = true) -> [UInt8] {
    let parts = [uid, Array(String(typed).utf8), deviceId] + (withSource ? [source] : [])
    return Array(parts.joined(separator: "-".utf8))
  }

  /// The identity as text, with U+FFFD for what is no UTF-8.
  public var identityText: String { String(decoding: identity(), as: UTF8.self) }
}
