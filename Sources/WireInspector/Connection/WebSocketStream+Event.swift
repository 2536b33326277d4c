import PacketCapture
import WebSocketCodec

extension WebSocketStream {
  /// What was found. Offsets count from the start of the direction's bytes.
  enum Event {
    /// A whole message. Its payload goes with the event.
    case message(MessageInfo)

    /// A message that is not whole. What came before the first missing byte goes with the event.
    case lost(MessageInfo, LossDetails)

    /// A ping, pong or close frame.
    case control(WebSocketControl, first: PacketStamp)

    /// A rule that the sender broke.
    case violation(WebSocketViolation)

    /// A close frame behind a close frame, which no rule forbids.
    case closedAgain(offset: Int)

    /// A frame that announces more bytes than any has.
    case impossibleLength(UInt64, offset: Int)

    /// What stands where a header should be breaks several rules and leads to no other header.
    case notAHeader(offset: Int)

    /// The place of the next frame is not known, and messages may be lost.
    case lostBytes

    /// A frame shows whether this direction's frames are masked.
    case learnedMask(Bool)

    /// A frame was found, so many bytes behind where the search began; after a loss, or for the first time.
    case resumed(offset: Int, skipped: Int, isAfterLoss: Bool)

    /// The stream ends inside of a frame that belongs to no message.
    case endsInside(offset: Int)
  }

  /// How a message was lost.
  struct LossDetails {
    /// Why it is not whole.
    var loss: WebSocketMessage.Loss?
    /// Whether all that is missing was cut from packets that are there.
    var isCut: Bool
    /// Where the stream ended inside of it; nil: that is not what happened.
    var end: Int?
  }
}
