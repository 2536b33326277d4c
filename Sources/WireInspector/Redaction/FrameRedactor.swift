import Deflate
import PacketCapture
import Specification
import WebSocketCodec

/// One direction of a WebSocket connection with pseudonyms: the same frames, with the same headers, as far as they can be told.
///
/// What is uncompressed stays as long as it was. A compressed message is inflated, and deflated again over as many frames. Of a message that
/// is not whole only the header is left, and where frames cannot be told nothing is.
final class FrameRedactor {
  /// What is known of the connection when bytes come.
  struct Context {
    var message: MessageRedactor.Context
    var expectsMask: Bool?
    var allowsCompression: Bool
    var agreement: MessageInflation.Agreement
    /// Bits of the window that the sender may use.
    var windowBits: Int
    var messageLimit: Int
  }

  typealias Emission = (_ bytes: [UInt8], _ stamp: PacketStamp) -> Void

  /// A frame, and what has come of its payload.
  private struct Frame {
    var header: WebSocketFrameHeader
    /// How many bytes of the header have been given.
    var given: Int
    /// Unmasked.
    var payload: [UInt8] = []
    var remaining: Int
    var stamp: PacketStamp
  }

  private static let maximumFrameLength = 1 << 30

  private let direction: Direction
  private let messages: MessageRedactor
  private let output: InspectionOutput
  private let inflation = MessageInflation()
  private var deflater: Deflater?
  private var headerBytes: [UInt8] = []
  private var headerGiven = 0
  private var current: Frame?
  /// Whether bytes of the payload are given as filler as they come.
  private var isFilling = false
  /// Whether the message that goes on has been given up.
  private var isDamaged = false
  /// The frames of a message that goes on, with control frames between them, whose payloads are final.
  private var queue: [Frame] = []
  private var queuedBytes = 0
  private var search: FrameSearch?

  init(of direction: Direction, _ pseudonyms: Pseudonyms, output: InspectionOutput, isSearching: Bool) {
    self.direction = direction
    messages = MessageRedactor(pseudonyms: pseudonyms)
    self.output = output
    search = isSearching ? FrameSearch() : nil
  }

  /// Earlier messages may be missing that compressed ones refer back to.
  func loseContext() { inflation.loseContext() }

  // MARK: Input

  func consume(_ bytes: RawSpan, _ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    if search != nil {
      search?.append(bytes, stamp)
      return settle(isEnd: false, stamp, context, emit)
    }
    var offset = 0
    while offset < bytes.byteCount {
      guard current != nil else {
        guard takeHeader(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self), stamp, context, emit) else {
          return consume(bytes.extracting((offset + 1)...), stamp, context, emit)
        }
        offset += 1
        continue
      }
      offset += takePayload(bytes.extracting(offset...), stamp, context, emit)
    }
  }

  /// Takes another byte of a header. False: no frame has one like it, and the next is searched.
  private func takeHeader(_ byte: UInt8, _ stamp: PacketStamp, _ context: Context, _ emit: Emission) -> Bool {
    headerBytes.append(byte)
    if headerBytes.count == 1, queue.isEmpty {
      // The first byte stays whatever the payload, and shows in which packet the frame began.
      emit([byte], stamp)
      headerGiven = 1
    }
    guard case .header(let header) = WebSocketFrameHeader.parse(headerBytes.span.bytes, at: 0) else { return true }
    guard header.payloadLength <= UInt64(Self.maximumFrameLength) else {
      damage(stamp, context, emit)
      search = FrameSearch()
      return false
    }
    var frame = Frame(header: header, given: headerGiven, remaining: Int(header.payloadLength), stamp: stamp)
    headerBytes = []
    headerGiven = 0
    isFilling = isDamaged && header.opcode == 0
    if isFilling {
      emit(Array(bytes(of: header).dropFirst(frame.given)), stamp)
      frame.given = header.size
    }
    current = frame
    if frame.remaining == 0 { finishFrame(stamp, context, emit) }
    return true
  }

  /// Takes what there is of the payload, and says how much that was.
  private func takePayload(_ bytes: RawSpan, _ stamp: PacketStamp, _ context: Context, _ emit: Emission) -> Int {
    guard var frame = current else { return 0 }
    let count = min(frame.remaining, bytes.byteCount)
    current = nil
    frame.remaining -= count
    frame.stamp = stamp
    if isFilling {
      emit([UInt8](repeating: MessageRedactor.filler, count: count), stamp)
    } else {
      let start = frame.payload.count
      bytes.extracting(0..<count).withUnsafeBytes { frame.payload.append(contentsOf: $0) }
      Self.mask(&frame.payload, from: start, frame.header.maskingKey)
      queuedBytes += count
    }
    current = frame
    if queuedBytes > context.messageLimit { damage(stamp, context, emit) }
    if frame.remaining == 0 { finishFrame(stamp, context, emit) }
    return count
  }

  /// Goes past bytes that are not in the capture; what can be given before them is given.
  func skip(_ count: Int, _ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    _ = inflation.loseBytes(context.agreement)
    if search != nil {
      settle(isEnd: true, stamp, context, emit)
      if let rest = search?.seenBytes { fill(rest, stamp, emit) }
      search = search == nil ? nil : FrameSearch()
      guard search == nil else { return }
    }
    damage(stamp, context, emit)
    if var frame = current, frame.remaining >= count {
      frame.remaining -= count
      current = frame
      if frame.remaining == 0 { finishFrame(stamp, context, emit) }
    } else {
      current = nil
      isDamaged = false
      search = FrameSearch()
    }
  }

  /// Gives what is left at the end of the stream.
  func finish(_ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    if search != nil { settle(isEnd: true, stamp, context, emit) }
    if let rest = search?.seenBytes { fill(rest, stamp, emit) }
    search = nil
    damage(stamp, context, emit)
  }

  /// Goes on at the frame that was found, if one was.
  private func settle(isEnd: Bool, _ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    guard let found = search?.find(expectsMask: context.expectsMask, isEnd: isEnd),
      let pieces = search?.pieces(from: found.offset)
    else { return }
    fill(search?.skipped(before: found.offset) ?? 0, pieces.first?.stamp ?? stamp, emit)
    search = nil
    for piece in pieces { consume(piece.bytes.span.bytes, piece.stamp, context, emit) }
  }

  private func fill(_ count: Int, _ stamp: PacketStamp, _ emit: Emission) {
    var left = count
    while left > 0 {
      emit([UInt8](repeating: MessageRedactor.filler, count: min(left, 65_536)), stamp)
      left -= 65_536
    }
  }

  // MARK: Frames

  private func finishFrame(_ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    guard var frame = current else { return }
    current = nil
    if isFilling {
      isFilling = false
      if frame.header.fin, !frame.header.isControl { isDamaged = false }
      return
    }
    if frame.header.isControl {
      frame.payload = messages.control(frame.payload, opcode: frame.header.opcode)
      if queue.isEmpty {
        give(frame, emit)
        queuedBytes = 0
      } else {
        queue.append(frame)
      }
      return
    }
    if frame.header.opcode != 0 {
      // A message that begins inside of another, which so has no end.
      if !queue.isEmpty { giveDamaged(context, emit) }
      isDamaged = false
    }
    queue.append(frame)
    if frame.header.fin { giveMessage(context, emit) }
  }

  private func giveMessage(_ context: Context, _ emit: Emission) {
    let places = queue.indices.filter { !queue[$0].header.isControl }
    guard let first = places.first.map({ queue[$0].header }) else { return }
    let message = places.flatMap { queue[$0].payload }
    let startsWithMagic = ConnectionInspector.startsWithMagic(message.span.bytes)
    if first.rsv1, first.opcode != 0, context.allowsCompression, !startsWithMagic {
      let redacted = compressed(message, isText: first.opcode == 1, context)
      distribute(redacted, over: places, of: message.count)
    } else {
      distribute(messages.redact(message, isText: first.opcode == 1, context.message), over: places)
    }
    for frame in queue { give(frame, emit) }
    queue = []
    queuedBytes = 0
  }

  private func compressed(_ message: [UInt8], isText: Bool, _ context: Context) -> [UInt8] {
    var plain: [UInt8] = []
    switch inflation.inflate(
      message.span.bytes, context.agreement, limit: context.messageLimit, counting: output, into: &plain)
    {
    case .inflated:
      let redacted = messages.redact(plain, isText: isText, context.message)
      if deflater?.windowBits != context.windowBits {
        deflater = try? Deflater(windowBits: context.windowBits, contextTakeover: false)
      }
      var result: [UInt8] = []
      guard let deflater, (try? deflater.deflate(redacted.span.bytes, into: &result)) != nil else {
        return [UInt8](repeating: MessageRedactor.filler, count: message.count)
      }
      return result
    case .contextLost: return Self.farReference
    case .tooLarge, .failed, .refused: return [UInt8](repeating: MessageRedactor.filler, count: message.count)
    }
  }

  /// A block with fixed codes (RFC 1951 §3.2.6) that is nothing but a reference 32768 bytes back.
  private static let farReference: [UInt8] = {
    let bits = "010" + "0000001" + "11101" + "1111111111111" + "0000000" + "000"
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit == "1" { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return bytes
  }()

  /// Puts a message as long as the one that came into the frames that it came in.
  private func distribute(_ message: [UInt8], over places: [Int]) {
    var start = 0
    for place in places {
      let end = min(message.count, start + queue[place].payload.count)
      queue[place].payload = Array(message[start..<end])
      start = end
    }
  }

  /// Puts a message of another length into them, each with its share.
  private func distribute(_ message: [UInt8], over places: [Int], of total: Int) {
    var start = 0
    var seen = 0
    for place in places {
      seen += queue[place].payload.count
      let end = place == places.last ? message.count : total == 0 ? 0 : message.count * seen / total
      queue[place].payload = Array(message[start..<end])
      start = end
      let length = UInt64(queue[place].payload.count)
      if queue[place].header.isLengthMinimal || queue[place].header.lengthForm.rawValue < Self.rank(length) {
        queue[place].header.lengthForm = .minimal(for: length)
      }
      queue[place].header.payloadLength = length
    }
  }

  private static func rank(_ length: UInt64) -> UInt8 { WebSocketFrameHeader.LengthForm.minimal(for: length).rawValue }

  // MARK: Output

  private func give(_ frame: Frame, _ emit: Emission) {
    var payload = frame.payload
    Self.mask(&payload, from: 0, frame.header.maskingKey)
    let bytes = bytes(of: frame.header).dropFirst(frame.given) + payload
    if !bytes.isEmpty { emit(Array(bytes), frame.stamp) }
  }

  /// Gives the frames of a message that has no end.
  private func giveDamaged(_ context: Context, _ emit: Emission) {
    let places = queue.indices.filter { !queue[$0].header.isControl }
    let message = places.flatMap { queue[$0].payload }
    let isCompressed = places.first.map { queue[$0].header.rsv1 || queue[$0].header.opcode != 2 } ?? true
    distribute(
      isCompressed
        ? [UInt8](repeating: MessageRedactor.filler, count: message.count) : messages.withoutPayload(message),
      over: places)
    for frame in queue { give(frame, emit) }
    queue = []
    queuedBytes = 0
  }

  /// Gives up the message that goes on: what has come of it is given without its payload, and so is what comes.
  private func damage(_ stamp: PacketStamp, _ context: Context, _ emit: Emission) {
    if headerBytes.count > headerGiven {
      let rest = Array(headerBytes.dropFirst(headerGiven))
      giveDamaged(context, emit)
      emit(rest, stamp)
    } else if let frame = current, !isFilling {
      if frame.header.isControl {
        if !queue.isEmpty { giveDamaged(context, emit) }
        var partial = frame
        partial.payload = [UInt8](repeating: MessageRedactor.filler, count: frame.payload.count)
        give(partial, emit)
      } else {
        if frame.header.opcode != 0, !queue.isEmpty { giveDamaged(context, emit) }
        queue.append(frame)
        giveDamaged(context, emit)
        isDamaged = true
      }
      current?.payload = []
      current?.given = frame.header.size
      isFilling = true
    } else if !queue.isEmpty {
      giveDamaged(context, emit)
      isDamaged = true
    }
    headerBytes = []
    headerGiven = 0
  }

  private func bytes(of header: WebSocketFrameHeader) -> [UInt8] {
    var bytes: [UInt8] = []
    header.append(to: &bytes)
    return bytes
  }

  private static func mask(_ bytes: inout [UInt8], from start: Int, _ key: UInt32?) {
    guard let key else { return }
    for index in start..<bytes.count {
      bytes[index] ^= UInt8(truncatingIfNeeded: key >> (UInt32(index & 3) * 8))
    }
  }
}
