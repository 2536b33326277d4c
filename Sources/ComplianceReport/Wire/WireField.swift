/// A stretch of bytes on the wire that means one thing.
struct WireField: Hashable, Sendable {
  /// What such a stretch is, and how the byte view colours it.
  enum Kind: String, CaseIterable, Hashable, Sendable {
    /// The head of an HTTP request or answer.
    case http

    /// FIN, RSV, opcode and length of a WebSocket frame.
    case header

    /// The masking key.
    case mask

    /// The two bytes that begin a frame of the protocol.
    case magic

    /// The length of such a frame.
    case length

    /// The protocolId.
    case identifier = "id"

    /// The serial number.
    case serial = "sn"

    /// The payload, or what is not told apart further.
    case payload

    /// The code of a close frame.
    case code

    /// Bytes that are no whole field, or follow no rule.
    case rest

    /// What the legend of the byte view calls it.
    var title: String {
      switch self {
      case .http: "HTTP"
      case .header: "WebSocket header"
      case .mask: "masking key"
      case .magic: "magic"
      case .length: "length"
      case .identifier: "id"
      case .serial: "sn"
      case .payload: "payload"
      case .code: "close code"
      case .rest: "not a whole field"
      }
    }
  }

  /// What it is.
  let kind: Kind

  /// Where it stands, as offsets into the bytes of its direction.
  let range: Range<Int>

  /// What it says, for people: raw text from the wire in it has still to be made inert.
  let label: String
}
