/// The head of an HTTP/1 message as it is, a request's or a response's, whether or not it is an upgrade.
///
/// Reading never fails: what is wrong is listed in ``faults``. ``UpgradeRequest`` and ``UpgradeAnswer`` judge a head.
public struct HTTPMessageHead: Hashable, Sendable {
  /// The first line.
  public enum StartLine: Hashable, Sendable {
    /// A method, a target, and a version such as `HTTP/1.1`.
    case request(method: String, target: [UInt8], version: String)

    /// A version such as `HTTP/1.1`, a status, and a reason, which may be empty.
    case response(version: String, status: Int, reason: String)

    /// A line that is neither.
    case unreadable([UInt8])
  }

  /// The first line.
  public let startLine: StartLine

  /// The header fields in their order. Lines that are no fields are only in ``faults``.
  public let fields: [HTTPField]

  /// What is wrong with the first line and the fields, in the order of the bytes.
  public let faults: [HandshakeError]

  /// How many bytes the head takes, with the empty line.
  public let byteCount: Int

  /// The method of a request, else nil.
  public var method: String? {
    if case .request(let method, _, _) = startLine { return method }
    return nil
  }

  /// The status of a response, else nil.
  public var status: Int? {
    if case .response(_, let status, _) = startLine { return status }
    return nil
  }

  /// The path of a request's target, with U+FFFD for what is no UTF-8; percent escapes stay. Nil for a response.
  public var path: String? { target.map { String(decoding: $0.path, as: UTF8.self) } }

  /// The query of a request: what stands behind the first `?`, empty without one. Nil for a response.
  public var query: [UInt8]? { target.map { Array($0.query) } }

  /// The host, with its port, that a request names in its target: the absolute form of RFC 9112 section 3.2.2. Nil in any
  /// other form.
  public var targetAuthority: String? { target?.authority.map { String(decoding: $0, as: UTF8.self) } }

  /// The fields of a name, without regard to case.
  public func fields(named name: String) -> [HTTPField] { fields.filter { $0.isNamed(name) } }

  /// The values of all fields of a name, joined with a comma and a space, or nil without such a field.
  public func joined(_ name: String) -> [UInt8]? {
    let values = fields(named: name).map(\.value)
    return values.isEmpty ? nil : Array(values.joined(separator: ", ".utf8))
  }

  /// ``joined(_:)`` as text, with U+FFFD for what is no UTF-8.
  public func text(_ name: String) -> String? { joined(name).map { String(decoding: $0, as: UTF8.self) } }

  /// The elements of all fields of a name, which are lists, in their order. Empty elements are left out.
  public func elements(_ name: String) -> [[UInt8]] {
    fields(named: name).flatMap(\.elements).filter { !$0.isEmpty }
  }

  /// Whether a list holds a token, without regard to case (requirements `handshake.read.case`, `handshake.read.list`).
  public func hasToken(_ token: String, in name: String) -> Bool {
    elements(name).contains { ASCII.areEqual($0, token.utf8) }
  }

  /// Whether this is a request that asks for WebSocket, or a response that grants it, however faulty otherwise.
  public var isUpgrade: Bool {
    if case .unreadable = startLine { return false }
    return hasToken("websocket", in: "upgrade") && (status ?? 101) == 101
  }

  /// The target of a request, else nil.
  var target: RequestTarget? {
    if case .request(_, let target, _) = startLine { return RequestTarget(target) }
    return nil
  }

  /// Whether this is an answer that another one follows, 101 being none (RFC 9110 section 15.2).
  var isInterim: Bool { faults.isEmpty && (100...199).contains(status ?? 0) && status != 101 }
}
