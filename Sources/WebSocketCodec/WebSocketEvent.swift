/// What a decoder found in the stream.
public enum WebSocketEvent: Hashable, Sendable {
  /// A whole data message.
  case message(WebSocketMessage)

  /// A ping, pong or close frame.
  case control(WebSocketControl)

  /// The peer broke a rule. A strict decoder reports nothing after it; a lenient one reports it before what it still makes of
  /// the frame.
  case violation(WebSocketViolation)

  /// A message whose bytes are not all there; ``WebSocketMessage/loss`` says why. Lenient decoders only, and any after `skip`.
  case lostMessage(WebSocketMessage)
}

/// Where an event's payload is, until the next call of the decoder; `WebSocketDecoder.withPayload` gives it.
public enum WebSocketPayload: Hashable, Sendable {
  /// In the chunk that was given, unmasked: nothing was copied.
  case input(Range<Int>)

  /// In the decoder's buffer of messages, unmasked and put together.
  case buffer(Range<Int>)

  /// How many bytes it has.
  public var count: Int {
    switch self {
    case .input(let range), .buffer(let range): range.count
    }
  }
}

/// A data message.
public struct WebSocketMessage: Hashable, Sendable {
  /// Why a message is not whole.
  public enum Loss: Hashable, Sendable {
    /// Part of it was left out with `skip`, or what followed was given up with `resynchronise`.
    case skipped

    /// It passed the bound of a lenient decoder's memory.
    case memoryLimit

    /// Another message began before its last fragment.
    case unfinished
  }

  /// `text` or `binary`.
  public var opcode: WebSocketOpcode

  /// Whether RSV1 was set on its first frame and permessage-deflate allowed: its payload is compressed (RFC 7692).
  public var compressed: Bool

  /// How many frames it came in.
  public var fragmentCount: Int

  /// Its payload, of all fragments together, as it came: unmasked, not inflated. Of a message that was `skipped` it is what
  /// came before the bytes that are missing; of one that was lost otherwise it is empty.
  public var payload: WebSocketPayload

  /// The lengths that the headers of its frames announce, together: those of the frames that came.
  public var announcedLength: UInt64

  /// The bytes of the stream from its first frame's header to its last frame's end.
  public var streamRange: Range<Int>

  /// Where the last of its frames begins that came.
  public var lastFrameStart: Int

  /// The header of its first frame, as it stood there.
  public var header: WebSocketFrameHeader

  /// Why the message is lost; nil: it is whole.
  public var loss: Loss?
}

/// One frame of a data message, as a decoder that `recordsFragments` keeps it.
public struct WebSocketFragment: Hashable, Sendable {
  /// The header, as it stood there.
  public var header: WebSocketFrameHeader

  /// The first byte of the header, counted from the start of the stream.
  public var offset: Int
}

/// A control frame.
public struct WebSocketControl: Hashable, Sendable {
  /// `ping`, `pong` or `close`.
  public var opcode: WebSocketOpcode

  /// Its payload, unmasked: at most 125 bytes, in a lenient decoder at most the first 4096 of what came.
  public var payload: [UInt8]

  /// The bytes of the stream that the frame takes.
  public var streamRange: Range<Int>

  /// The header, as it stood there.
  public var header: WebSocketFrameHeader

  /// The body of a close frame.
  public var closeBody: CloseBody { CloseBody(reading: payload) }
}
