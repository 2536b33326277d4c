import NIOCore
import Specification
import WebSocketCodec

/// What comes in on a connection after its upgrade: bytes become WebSocket messages and control frames, and wait here while
/// there is no room to hand them on.
struct InboundStream {
  private var decoder: WebSocketDecoder

  /// Where the unfinished message began that was announced.
  private var announcedStart: Int?

  private var backlog: InboundBacklog?

  /// What a peer of this role receives.
  init(receiver role: PeerRole) {
    decoder = WebSocketDecoder(WebSocketDecoder.Configuration(receiver: role))
  }

  /// Takes note of what holds from the upgrade on.
  ///
  /// - Parameters:
  ///   - allowsCompression: Whether permessage-deflate was agreed.
  ///   - maxMessageLength: The longest message that is taken, in bytes.
  mutating func open(allowsCompression: Bool, maxMessageLength: Int) {
    decoder.configuration.allowsCompression = allowsCompression
    decoder.configuration.maxMessageLength = maxMessageLength
  }

  /// Goes on behind violations where that is possible, instead of stopping at the first.
  mutating func goOnAfterViolations() { decoder.configuration.mode = .lenient }

  /// Decodes all of `buffer`, unmasking it in place.
  mutating func decode(_ buffer: inout ByteBuffer, into items: inout [InboundItem], allocator: ByteBufferAllocator) {
    let announced = announcedStart
    buffer.withUnsafeReadableBytes { readable in
      // The one other reference is that of NIO, which waits for this read to return: writing through `buffer` would copy all
      // of it for nothing. Slices are made only after this.
      let bytes = UnsafeMutableRawBufferPointer(mutating: readable)
      var position = 0
      while let event = decoder.next(unmaskingInPlace: bytes, at: &position) {
        switch event {
        case .message(let message):
          items.append(
            .message(
              place(of: message.payload, in: bytes, allocator), isText: message.opcode == .text,
              isCompressed: message.compressed,
              wasAnnounced: announced != nil && message.streamRange.lowerBound == announced))
        case .control(let control): items.append(.control(control.opcode, control.payload))
        case .violation(let violation): items.append(.violation(violation))
        case .lostMessage: break
        }
      }
    }
    if decoder.isBetweenMessages {
      announcedStart = nil
      decoder.releaseMemory()
    } else if let start = decoder.unfinishedMessageStart, start != announced {
      announcedStart = start
      items.append(.messageStarted)
    }
  }

  private func place(
    of payload: WebSocketPayload, in bytes: UnsafeMutableRawBufferPointer, _ allocator: ByteBufferAllocator
  ) -> InboundPayload {
    switch payload {
    case .input(let range): return .inBuffer(range)
    case .buffer:
      var copy = allocator.buffer(capacity: payload.count)
      decoder.withPayload(payload, of: bytes.bytes) { span in
        span.withUnsafeBytes { _ = copy.writeBytes($0) }
      }
      return .assembled(copy)
    }
  }

  // MARK: - What waits

  /// Whether something waits for room; then nothing more is to be read.
  var isHeld: Bool { backlog != nil }

  /// Keeps `items` from `next` on until there is room.
  mutating func hold(_ items: [InboundItem], from next: Int, of buffer: ByteBuffer) {
    backlog = InboundBacklog(items: items, next: next, buffer: buffer)
  }

  /// Puts items behind those that wait; false: none do. NIO may deliver a last read after reading was switched off.
  mutating func holdAsWell(_ items: [InboundItem], of buffer: ByteBuffer) -> Bool {
    guard let backlog else { return false }
    backlog.items += items.map { $0.detached(from: buffer) }
    return true
  }

  /// Gives back what waits, if there is some; it does not wait any more.
  mutating func release() -> InboundBacklog? {
    defer { backlog = nil }
    return backlog
  }
}

/// What the decoder found in one read, kept until all of the read is decoded: unmasking happens in place, so the buffer must
/// not be shared before.
enum InboundItem {
  /// A data message; where its first fragment was announced before, it does not restart the read deadline.
  case message(InboundPayload, isText: Bool, isCompressed: Bool, wasAnnounced: Bool)
  case control(WebSocketOpcode, [UInt8])
  case violation(WebSocketViolation)
  /// A message began and is not complete.
  case messageStarted

  /// The item with bytes of its own, for when the read buffer is given back.
  fileprivate func detached(from buffer: ByteBuffer) -> InboundItem {
    guard case .message(let payload, let isText, let isCompressed, let wasAnnounced) = self else { return self }
    return .message(
      .assembled(payload.bytes(in: buffer)), isText: isText, isCompressed: isCompressed, wasAnnounced: wasAnnounced)
  }
}

/// Where a message is.
enum InboundPayload {
  /// In the read buffer, counted from its reader index: nothing was copied.
  case inBuffer(Range<Int>)
  /// It came in pieces and was put together.
  case assembled(ByteBuffer)

  /// Its bytes, a slice of the read buffer where they are there.
  func bytes(in buffer: ByteBuffer) -> ByteBuffer {
    switch self {
    case .assembled(let assembled): assembled
    case .inBuffer(let range):
      buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
  }
}

/// What came in while the send queue had no room: it waits here, and nothing more is read.
final class InboundBacklog {
  fileprivate(set) var items: [InboundItem]
  let next: Int
  let buffer: ByteBuffer

  fileprivate init(items: [InboundItem], next: Int, buffer: ByteBuffer) {
    self.items = items
    self.next = next
    self.buffer = buffer
  }
}

/// A WebSocket message, unmasked and inflated.
struct InboundMessage {
  var bytes: ByteBuffer
  var isText: Bool
  /// How it came.
  let isCompressed: Bool
  /// Whether its first fragment restarted the read deadline already.
  let wasAnnounced: Bool
}

/// A frame of the protocol.
struct InboundFrame {
  var protocolId: Int64
  var sn: UInt32
  var payload: ByteBuffer
  /// Whether the first fragment of its message restarted the read deadline already.
  let wasAnnounced: Bool
}
