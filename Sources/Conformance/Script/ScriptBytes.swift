import Negotiation

/// Bytes of a script, as they are written there.
indirect enum ScriptBytes: Hashable, Sendable {
  /// A text, or what a variable holds.
  case template(ScriptTemplate)

  /// Bytes that the engine has made.
  case raw([UInt8])

  /// Hexadecimal digits; spaces are skipped.
  case hex(ScriptTemplate)

  /// A text in a charset.
  case text(ScriptTemplate, Charset)

  /// So many bytes from the seed.
  case generated(size: ScriptTemplate)

  /// So many bytes, the same part over and over.
  case filled(size: ScriptTemplate, with: ScriptTemplate)

  /// An integer.
  case integer(ScriptTemplate, IntegerForm)

  /// A frame of the protocol.
  case frame(FrameSpec)

  /// WebSocket frames as they go on the wire.
  case webSocket(SendSpec)

  /// The payload of a displacement.
  case displacement(old: ScriptTemplate?, new: ScriptTemplate?, timestamp: ScriptTemplate?)

  /// A `P_MESSAGE`.
  case protobuf(id: ScriptTemplate?, data: ScriptBytes?)

  /// An order to a driven client.
  case order(OrderSpec)

  /// Compressed data.
  case deflated(ScriptBytes, CompressionForm)

  /// Part of bytes, repeated.
  case part(of: ScriptBytes, skip: ScriptTemplate?, take: ScriptTemplate?, times: ScriptTemplate?)

  /// One after the other.
  case joined([ScriptBytes])

  /// How an integer becomes bytes.
  enum IntegerForm: String, CaseIterable, Hashable, Sendable {
    case le16, le32, le64, be16, be32, be64, varint
  }
}

/// How data is compressed.
enum CompressionForm: String, CaseIterable, Hashable, Sendable {
  /// As was negotiated.
  case negotiated = "true"

  /// One stored block, and the empty one of a flush without its tail.
  case stored

  /// One stored block with BFINAL, and a byte 00 behind it.
  case final

  /// One stored block with BFINAL and nothing behind it.
  case finalBare = "final-bare"

  /// As was negotiated, with 00 00 FF FF left on.
  case tail

  /// With reference to earlier messages, whatever was negotiated.
  case takeover
}

/// Something to send.
struct SendSpec: Hashable, Sendable {
  /// What it is.
  enum Content: Hashable, Sendable {
    /// A frame of the protocol.
    case frame(FrameSpec)

    /// Any WebSocket message.
    case message(ScriptBytes)

    /// Bytes on TCP.
    case raw(ScriptBytes)
  }

  /// Where to cut.
  enum Cuts: Hashable, Sendable {
    /// After every byte.
    case each

    /// Into pieces of a size.
    case size(ScriptTemplate)

    /// At offsets; nil is the end.
    case offsets([ScriptTemplate?])
  }

  /// What it is.
  var content: Content

  /// The opcode of the first frame.
  var opcode: ScriptTemplate?

  /// FIN of the last frame.
  var fin: ScriptTemplate?

  /// The reserved bits of the first frame.
  var rsv: ScriptTemplate?

  /// Whether it is masked, or the key in hexadecimal digits.
  var mask: ScriptTemplate?

  /// How the length is written: 7, 16 or 64.
  var form: ScriptTemplate?

  /// The length that the header says.
  var declared: ScriptTemplate?

  /// Where the message is cut into frames.
  var fragments: Cuts?

  /// What goes between two fragments.
  var between: [SendSpec] = []

  /// How it is compressed.
  var compress: CompressionForm?

  /// Where the bytes are cut into writes.
  var segments: Cuts?

  /// The time between two writes.
  var pause: ScriptTemplate?

  /// Only so many bytes go out.
  var wireTake: ScriptTemplate?

  /// Where it stands.
  var place: SourcePlace
}

/// A frame of the protocol, right or wrong.
struct FrameSpec: Hashable, Sendable {
  /// The protocolId.
  var id: ScriptTemplate?

  /// The serial number; `next` allocates one.
  var sn: ScriptTemplate?

  /// The payload.
  var payload: ScriptBytes?

  /// The magic in hexadecimal digits.
  var magic: ScriptTemplate?

  /// The field `length`.
  var length: ScriptTemplate?

  /// What is added to the right length.
  var lengthBy: ScriptTemplate?

  /// Only so many bytes of the message; negative: all but so many.
  var take: ScriptTemplate?

  /// Bytes behind the frame.
  var append: ScriptBytes?

  /// The revision.
  var revision: ScriptTemplate?
}
