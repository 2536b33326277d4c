/// What a number has to be.
indirect enum NumberPattern: Hashable, Sendable {
  case any
  case zero
  case nonzero
  case even
  case odd
  case oneOf([ScriptTemplate])
  case range(min: ScriptTemplate?, max: ScriptTemplate?)
  case not(NumberPattern)
}

/// What bytes have to be.
indirect enum BytesPattern: Hashable, Sendable {
  case any
  case equal(ScriptBytes)
  case contains(ScriptBytes)
  case prefix(ScriptBytes)
  case suffix(ScriptBytes)
  /// Equal where the profile's echo returns what it got.
  case echo(ScriptBytes)
  /// A JSON object with at least these members.
  case json([ScriptNode.Entry])
  case not(BytesPattern)
  case anyOf([BytesPattern])
}

/// What a text, such as a header field, has to be.
indirect enum TextPattern: Hashable, Sendable {
  case any
  case absent
  case oneOf([ScriptTemplate])
  case contains(ScriptTemplate)
  case prefix(ScriptTemplate)
  case not(TextPattern)
}

/// What the WebSocket layer of a message has to look like.
struct MessageFormPattern: Hashable, Sendable {
  var opcode: ScriptTemplate?
  var compressed: ScriptTemplate?
  var fragments: NumberPattern?
  var minimal: ScriptTemplate?
}

/// Something that a peer does.
enum ScriptPattern: Hashable, Sendable {
  /// A frame of the protocol.
  case frame(FramePattern)

  /// A ping.
  case ping(BytesPattern)

  /// A pong.
  case pong(BytesPattern)

  /// A close frame with one of these codes, nil standing for an empty body; nil: any.
  case close([ScriptTemplate?]?)

  /// The end of TCP: `any`, `fin` or `reset`.
  case end(String)

  /// A close frame and/or the end of TCP.
  case closed

  /// A close frame, then the end of TCP.
  case clean

  /// A displacement frame; nil for what may be anything.
  case displacement(old: TextPattern?, new: TextPattern?, timestamp: ScriptTemplate?)

  /// A rule of the WebSocket layer that was broken, or a message that is no frame.
  case violation

  /// A WebSocket message that is no frame.
  case message(BytesPattern, opcode: ScriptTemplate?)

  /// What a driven client reports about an order.
  case report(ReportPattern)

  /// A frame of the protocol; nil for what may be anything.
  struct FramePattern: Hashable, Sendable {
    var id: NumberPattern?
    var sn: NumberPattern?
    var payload: BytesPattern?
    var size: NumberPattern?
    var length: NumberPattern?
    var form: MessageFormPattern?
  }
}

/// What the answer to an upgrade request has to be.
struct ResponsePattern: Hashable, Sendable {
  /// The status.
  var status: NumberPattern?

  /// Header fields by name.
  var headers: [HeaderPattern] = []

  /// The body.
  var body: BytesPattern?

  /// `Sec-WebSocket-Extensions`.
  var extensions: TextPattern?

  /// The parameters of permessage-deflate that were answered.
  var deflate: DeflateAnswerPattern?

  /// `Sec-WebSocket-Protocol`.
  var subprotocol: TextPattern?

  /// A field and what its value has to be.
  struct HeaderPattern: Hashable, Sendable {
    let name: String
    let value: TextPattern
  }
}

/// What was answered to an offer of permessage-deflate.
enum DeflateAnswerPattern: Hashable, Sendable {
  /// Nothing.
  case absent

  /// An answer that follows from the offer, with these parameters.
  case granted([Parameter])

  /// A parameter and what it has to be: a window, or `true`/`false` for whether it is there.
  struct Parameter: Hashable, Sendable {
    let name: String
    let value: NumberPattern
  }
}

/// What an upgrade request has to be.
struct RequestPattern: Hashable, Sendable {
  var isAnyAllowed = false
  var method: TextPattern?
  var path: TextPattern?
  var headers: [ResponsePattern.HeaderPattern] = []
  var query: [ResponsePattern.HeaderPattern] = []
  var protocols: TextPattern?
}
