import GoldenVectors
import Specification
import StrictJSON

/// `websocket.json`: RFC 6455 frames and messages, encoded and decoded. Close frames are in `close.json`.
enum WebSocketVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "websocket",
      notes: [
        "bad-fragmentation": "The order of a message's fragments breaks the rules.",
        "bad-length": "A 64-bit length whose top bit is set.",
        "bad-mask": "A client that does not mask, or a server that does.",
        "bad-utf8": "Text that is no UTF-8.",
        "compressed": "permessage-deflate was negotiated.",
        "control": "A control frame.",
        "control-too-long": "A control frame of more than 125 bytes.",
        "cut": "The bytes come in pieces.",
        "empty": "A payload without bytes.",
        "fragmented": "A message in several frames.",
        "length-form": "The payload's length stands at the limit of a form.",
        "limit": "A message at the receiver's limit or next to it.",
        "masked": "The payload is masked.",
        "nonminimal-length": "A length in a longer form than it needs.",
        "real-capture": "The bytes were seen on the wire between the original's programs.",
        "reserved-bits": "A reserved bit without a meaning is set.",
        "reserved-opcode": "An opcode that RFC 6455 reserves.",
        "too-large": "A message above the receiver's limit.",
        "unfinished": "The stream ends inside a frame or a message.",
        "utf8": "Text at the limits of UTF-8.",
      ],
      groups: WebSocketEncodeVectors.groups() + WebSocketFrameVectors.groups() + WebSocketViolationVectors.groups()
        + WebSocketFragmentVectors.groups() + WebSocketTextVectors.groups() + WebSocketCaptureVectors.groups())
  }
}
