public import Specification

/// A violation of RFC 6455 (or of RFC 7692 section 6) by the peer, and where in the stream it stands.
public struct WebSocketViolation: Error, Hashable, Sendable {
  /// The kinds of violation; the raw values are the codes of `ws.decode`.
  public enum Code: String, CaseIterable, Hashable, Sendable {
    /// RSV2, RSV3, or RSV1 without permessage-deflate. At the first byte of the frame.
    case reservedBits = "reserved-bits"

    /// An opcode of 3 to 7 or 11 to 15. At the first byte.
    case reservedOpcode = "reserved-opcode"

    /// RSV1 on a control frame of a connection with permessage-deflate. At the first byte.
    case controlCompressed = "control-compressed"

    /// A control frame without FIN. At the first byte.
    case controlFragmented = "control-fragmented"

    /// A continuation outside of a fragmented message. At the first byte.
    case strayContinuation = "stray-continuation"

    /// A new data frame inside of a fragmented message. At the first byte.
    case interleavedMessage = "interleaved-message"

    /// RSV1 on a continuation of a connection with permessage-deflate. At the first byte.
    case continuationCompressed = "continuation-compressed"

    /// A client got a masked frame. At the second byte.
    case maskedServer = "masked-server"

    /// A server got a frame that is not masked. At the second byte.
    case unmaskedClient = "unmasked-client"

    /// A control frame with the 16-bit or 64-bit length. At the second byte.
    case controlTooLong = "control-too-long"

    /// A length that fits a shorter form. At the second byte.
    case nonminimalLength = "nonminimal-length"

    /// A 64-bit length with its top bit set. At the extended length.
    case badLength = "bad-length"

    /// The announced lengths of a message's fragments pass the limit. At the first byte of the frame that does it.
    case messageTooLarge = "message-too-large"

    /// A text message that is not UTF-8. At the first byte that cannot continue a sequence, or at the end of the message.
    case textUTF8 = "text-utf8"

    /// A close frame with a body of one byte. At the payload.
    case closeLengthOne = "close-length-one"

    /// A close code that may not be sent. At the payload.
    case closeCode = "close-code"

    /// A reason that is not UTF-8. At the payload.
    case closeUTF8 = "close-utf8"

    /// Bytes after a close frame: reported by a lenient decoder only, ignored by a strict one. At the first of them.
    case dataAfterClose = "data-after-close"
  }

  /// The kind.
  public var code: Code

  /// The byte at fault, counted from the start of the stream.
  public var offset: Int

  /// A violation of `code` at `offset`.
  public init(_ code: Code, offset: Int) {
    self.code = code
    self.offset = offset
  }

  /// The close code to fail the connection with (RFC 6455 section 7.4.1): 1007 for text, 1009 for size, else 1002.
  public var closeCode: UInt16 {
    switch code {
    case .messageTooLarge: 1009
    case .textUTF8, .closeUTF8: 1007
    default: 1002
    }
  }

  /// The requirement on the sender that was not met, from the catalogue; nil where the sender broke no rule but a limit of
  /// the receiver.
  public var requirement: RequirementID? {
    switch code {
    case .reservedBits: "ws.rsv"
    case .reservedOpcode: "ws.opcode"
    case .controlCompressed: "deflate.rsv1.control"
    case .controlFragmented: "ws.control.fragmented"
    case .strayContinuation, .interleavedMessage: "ws.fragment.form"
    case .continuationCompressed: "deflate.rsv1.continuation"
    case .maskedServer: "ws.mask.server"
    case .unmaskedClient: "ws.mask.client"
    case .controlTooLong: "ws.control.length"
    case .nonminimalLength, .badLength: "ws.length.minimal"
    case .messageTooLarge: nil
    case .textUTF8: "ws.text.utf8"
    case .closeLengthOne: "close.body.one"
    case .closeCode: "close.code"
    case .closeUTF8: "close.reason.utf8"
    case .dataAfterClose: "close.after"
    }
  }

  /// What was wrong, for people, with the section that says so.
  public var reason: String {
    switch code {
    case .reservedBits: "a reserved bit is set that no extension defined (RFC 6455 section 5.2)"
    case .reservedOpcode: "the opcode is reserved (RFC 6455 section 5.2)"
    case .controlCompressed: "RSV1 is set on a control frame (RFC 7692 section 6)"
    case .controlFragmented: "a control frame is fragmented (RFC 6455 section 5.5)"
    case .strayContinuation: "a continuation without a message to continue (RFC 6455 section 5.4)"
    case .interleavedMessage: "a new message begins inside a fragmented one (RFC 6455 section 5.4)"
    case .continuationCompressed: "RSV1 is set on a continuation (RFC 7692 section 6)"
    case .maskedServer: "a server's frame is masked (RFC 6455 section 5.1)"
    case .unmaskedClient: "a client's frame is not masked (RFC 6455 section 5.1)"
    case .controlTooLong: "a control frame has more than 125 bytes (RFC 6455 section 5.5)"
    case .nonminimalLength: "the length is not written in its shortest form (RFC 6455 section 5.2)"
    case .badLength: "the highest bit of a 64-bit length is set (RFC 6455 section 5.2)"
    case .messageTooLarge: "the message is longer than the receiver's limit (RFC 6455 sections 7.4.1 and 10.4)"
    case .textUTF8: "a text message is not UTF-8 (RFC 6455 section 8.1)"
    case .closeLengthOne: "the body of a close frame has one byte (RFC 6455 section 5.5.1)"
    case .closeCode: "the code of a close frame may not be sent (RFC 6455 section 7.4)"
    case .closeUTF8: "the reason of a close frame is not UTF-8 (RFC 6455 section 5.5.1)"
    case .dataAfterClose: "bytes follow a close frame (RFC 6455 section 5.5.1)"
    }
  }
}
