import GoldenVectors
import StrictJSON

/// The vectors of permessage-deflate (RFC 7692): `vectors/deflate.json`.
enum DeflateVectors {
  /// The whole file.
  static func file() -> VectorFile {
    let groups = serverGroups + clientGroups + [compressGroup] + decompressGroups + violationGroups + framingGroups
    let used = Set(groups.flatMap(\.tests).flatMap(\.flags))
    return VectorFile(area: "deflate", notes: notes.filter { used.contains($0.key) }, groups: groups)
  }

  /// Why each flag exists.
  private static let notes = [
    "bfinal":
      "A block with BFINAL ends the DEFLATE data. RFC 7692 section 7.2.3.4 shows such messages, and some libraries send them.",
    "block-dynamic": "Codes of its own for each block: what zlib writes for all but short messages.",
    "block-fixed": "The fixed codes of RFC 1951 section 3.2.6, what zlib writes for short messages.",
    "block-stored": "Bytes as they are. The original sends these at its default level 0, with RSV1 set.",
    "block-type-three": "The fourth block type does not exist.",
    "bomb": "A short message that inflates to a long one: the limit has to hold while inflating.",
    "client-window": "client_max_window_bits: the server may only name it where the offer does.",
    "cut": "The message ends too early, at one of the many places where it can.",
    "empty": "A message without bytes, or one that inflates to none: no frame is in it, but compression has to cope.",
    "fragments": "RSV1 belongs to the message: only its first frame has it.",
    "grammar":
      "RFC 6455 section 9.1 says that a header that breaks its grammar fails the handshake; the original ignores it.",
    "invalid-codes": "Codes that RFC 1951 does not allow: each is noticed at another place in an inflater.",
    "invalid-value":
      "A window outside of 8 to 15 bits or a flag with a value. The original accepts them as if they were not there.",
    "limit": "The size limit counts inflated bytes: one more than it has to be refused, one less served.",
    "list":
      "Several extensions in one header are separated by commas; implementations that split at semicolons only miss that.",
    "missing-parameter": "An answer without what the offer makes a condition promises too much.",
    "no-context-takeover": "Each message begins with an empty window.",
    "other-extension": "Extensions that nobody negotiated are passed over by servers and fatal to clients.",
    "plain": "Messages may stay uncompressed after the negotiation.",
    "quoted": "A value in quotes means the same as one without.",
    "repeated": "A parameter or extension that stands there twice has no meaning.",
    "rsv1": "RSV1 on frames that cannot be compressed. The original lets it pass on continuations and control frames.",
    "sequence": "Several messages over one context: what goes wrong with the window shows in the second.",
    "server-window":
      "server_max_window_bits binds what the server sends; accepting it silently and using 15 bits breaks the client.",
    "tail": "The four bytes 00 00 FF FF that a sender removes and a receiver appends.",
    "takeover": "Messages refer back to earlier ones.",
    "unknown-parameter": "A parameter that RFC 7692 does not define may change the meaning of the data.",
    "white-space": "RFC 6455 has the implied white space of RFC 2616 between all parts of the header.",
    "window": "References back farther than the window.",
    "window-eight": "zlib cannot deflate with a window of 8 bits: it takes 9, and an answer of 9 would be wrong.",
  ]
}
