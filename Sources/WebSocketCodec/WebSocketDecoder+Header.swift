import Specification

/// The bytes of a header that has not come whole.
@usableFromInline
struct PartialHeader: Sendable {
  var bytes = InlineArray<14, UInt8>(repeating: 0)
  @usableFromInline var count = 0
}

/// The frame whose payload is being read.
@usableFromInline
struct OpenFrame: Sendable {
  /// What becomes of the payload.
  enum Destination: Sendable {
    case message, control(WebSocketOpcode), nowhere
  }

  var header: WebSocketFrameHeader
  @usableFromInline var remaining: UInt64
  var consumed = 0
  @usableFromInline var start: Int
  var destination: Destination
  var isDamaged = false
}

/// The message whose frames are being read.
@usableFromInline
struct OpenMessage: Sendable {
  var opcode: WebSocketOpcode
  var compressed: Bool
  var fragmentCount: Int
  @usableFromInline var start: Int
  var lastFrameStart: Int
  var header: WebSocketFrameHeader
  var announced: UInt64
  var loss: WebSocketMessage.Loss?
  var tooLargeReported = false
  /// Whether nothing more of its payload is kept.
  var isPassedOver = false
  var validator: UTF8Validator?

  /// Counts another fragment. Lengths are below 2^63, and so stays their sum.
  mutating func take(fragmentOf length: UInt64, at start: Int) {
    fragmentCount += 1
    lastFrameStart = start
    announced = min(announced + length, .max >> 1)
  }

  /// The message as an event has it.
  func event(payload: WebSocketPayload, end: Int, loss: WebSocketMessage.Loss?) -> WebSocketMessage {
    WebSocketMessage(
      opcode: opcode, compressed: compressed, fragmentCount: fragmentCount, payload: payload,
      announcedLength: announced, streamRange: start..<end, lastFrameStart: lastFrameStart, header: header, loss: loss)
  }
}

extension WebSocketDecoder {
  /// How many frames of a message are recorded at most.
  private static let recordedFragments = 4096

  private var limit: UInt64 { UInt64(clamping: configuration.maxMessageLength) }

  /// Reads as much of a header as there is, and judges each byte as soon as it is there: a peer that breaks a rule is told
  /// at the byte that breaks it.
  ///
  /// - Returns: what a whole message came to, where the short way was open; nil: the decoder goes on.
  mutating func readHeader(
    _ chunk: Chunk, at position: inout Int, _ isEnough: (RawSpan, Int) -> Bool
  ) -> WebSocketEvent? {
    if sawClose && !reportedDataAfterClose {
      reportedDataAfterClose = true
      report(.dataAfterClose, at: streamOffset)
    }
    guard header.count == 0, case .header(let parsed) = WebSocketFrameHeader.parse(chunk.bytes.bytes, at: position)
    else {
      readPartialHeader(chunk, at: &position)
      return nil
    }
    if message == nil, queue.isEmpty, let event = wholeMessage(parsed, chunk, at: &position, isEnough) { return event }
    let start = streamOffset
    position += parsed.size
    streamOffset += parsed.size
    judgeFirstByte(of: parsed, at: start)
    judgeSecondByte(of: parsed, at: start)
    judgeLength(of: parsed, at: start)
    if !isStopped { open(parsed, at: start) }
    return nil
  }

  /// The header is cut: its bytes are kept, one after the other.
  private mutating func readPartialHeader(_ chunk: Chunk, at position: inout Int) {
    let start = streamOffset - header.count
    while position < chunk.bytes.count, !isStopped {
      header.bytes[header.count] = chunk.bytes[position]
      header.count += 1
      position += 1
      streamOffset += 1
      // Bytes that are not there yet count as zeros; what they say is not judged before they are.
      let known = header.parsed
      if header.count == 1 { judgeFirstByte(of: known, at: start) }
      if header.count == 2 { judgeSecondByte(of: known, at: start) }
      if header.count == known.size - (known.maskingKey == nil ? 0 : 4) { judgeLength(of: known, at: start) }
      if header.count >= 2, header.count == known.size, !isStopped {
        header = PartialHeader()
        return open(known, at: start)
      }
    }
  }

  private mutating func judgeFirstByte(of header: WebSocketFrameHeader, at start: Int) {
    if header.rsv & 3 != 0 || header.rsv1 && !configuration.allowsCompression { report(.reservedBits, at: start) }
    let compressed = header.rsv1 && configuration.allowsCompression
    switch WebSocketOpcode(rawValue: header.opcode) {
    case .continuation:
      if message == nil && !mayContinueUnseen { report(.strayContinuation, at: start) }
      if compressed { report(.continuationCompressed, at: start) }
    case .text, .binary:
      if message != nil { report(.interleavedMessage, at: start) }
    case .close, .ping, .pong: break
    case nil: report(.reservedOpcode, at: start)
    }
    guard header.isControl else { return }
    if compressed { report(.controlCompressed, at: start) }
    if !header.fin { report(.controlFragmented, at: start) }
  }

  private mutating func judgeSecondByte(of header: WebSocketFrameHeader, at start: Int) {
    switch (configuration.receiver, header.maskingKey) {
    case (.client, .some): report(.maskedServer, at: start + 1)
    case (.server, nil): report(.unmaskedClient, at: start + 1)
    default: break
    }
    // Who fails the connection need not wait for a length that is either too much or written wrongly; who goes on tells the two
    // apart when it is there.
    if header.isControl && header.lengthForm != .sevenBits && configuration.mode == .strict {
      report(.controlTooLong, at: start + 1)
    }
  }

  private mutating func judgeLength(of header: WebSocketFrameHeader, at start: Int) {
    let length = header.payloadLength
    if length >> 63 != 0 {
      report(.badLength, at: start + 2)
      isStopped = true
      return
    }
    if header.isControl && length > 125 { report(.controlTooLong, at: start + 1) }
    if !header.isLengthMinimal { report(.nonminimalLength, at: start + 1) }
    guard let opcode = WebSocketOpcode(rawValue: header.opcode), !opcode.isControl else { return }
    let continued = opcode == .continuation ? message : nil
    if (continued?.announced ?? 0) + length > limit, continued?.tooLargeReported != true {
      report(.messageTooLarge, at: start)
      if continued != nil { message?.tooLargeReported = true }
    }
  }

  /// A whole header was read: sets up what its payload is for.
  private mutating func open(_ parsed: WebSocketFrameHeader, at start: Int) {
    var destination = OpenFrame.Destination.message
    switch WebSocketOpcode(rawValue: parsed.opcode) {
    case nil: destination = .nowhere
    case .continuation?:
      if message == nil { destination = .nowhere } else { record(parsed, at: start) }
      message?.take(fragmentOf: parsed.payloadLength, at: start)
    case .text?, .binary?:
      if let old = message {
        queue.append(.lostMessage(old.event(payload: .buffer(0..<0), end: start, loss: old.loss ?? .unfinished)))
      }
      begin(parsed, at: start)
    case let opcode?:
      destination = .control(opcode)
      control.removeAll(keepingCapacity: true)
    }
    frame = OpenFrame(header: parsed, remaining: parsed.payloadLength, start: start, destination: destination)
  }

  /// The first frame of a message.
  private mutating func begin(_ parsed: WebSocketFrameHeader, at start: Int) {
    let opcode: WebSocketOpcode = parsed.opcode == WebSocketOpcode.text.rawValue ? .text : .binary
    let compressed = parsed.rsv1 && configuration.allowsCompression
    buffer.removeAll(keepingCapacity: true)
    mayContinueUnseen = false
    if !fragments.isEmpty { fragments.removeAll(keepingCapacity: true) }
    record(parsed, at: start)
    message = OpenMessage(
      opcode: opcode, compressed: compressed, fragmentCount: 1, start: start, lastFrameStart: start, header: parsed,
      announced: parsed.payloadLength, tooLargeReported: parsed.payloadLength > limit,
      validator: opcode == .text && !compressed ? UTF8Validator() : nil)
  }

  private mutating func record(_ parsed: WebSocketFrameHeader, at start: Int) {
    guard configuration.recordsFragments, fragments.count < Self.recordedFragments else { return }
    fragments.append(WebSocketFragment(header: parsed, offset: start))
  }

  /// The short way: a frame that breaks no rule, is a message of its own and lies whole in the chunk is handed out at once,
  /// where it stands or out of the buffer. Whatever is unusual goes the long way; a text that is no UTF-8 gives its violation.
  private mutating func wholeMessage(
    _ parsed: WebSocketFrameHeader, _ chunk: Chunk, at position: inout Int, _ isEnough: (RawSpan, Int) -> Bool
  ) -> WebSocketEvent? {
    let start = position + parsed.size
    guard parsed.fin, parsed.opcode == 1 || parsed.opcode == 2, parsed.rsv & 3 == 0,
      !parsed.rsv1 || configuration.allowsCompression,
      (parsed.maskingKey != nil) == (configuration.receiver == .server), parsed.isLengthMinimal,
      parsed.payloadLength <= min(limit, UInt64(chunk.bytes.count - start)),
      configuration.mode == .strict || parsed.payloadLength <= UInt64(clamping: configuration.memoryLimit)
    else { return nil }
    let range = start..<start + Int(parsed.payloadLength)
    var payload = WebSocketPayload.input(range)
    var unmasked = UnsafeRawBufferPointer(rebasing: chunk.bytes[range])
    var invalid: Int?
    let isText = parsed.opcode == 1 && !parsed.rsv1
    if let key = parsed.maskingKey {
      if let writable = chunk.writable {
        Masking.apply(key, to: UnsafeMutableRawBufferPointer(rebasing: writable[range]))
      } else {
        buffer.removeAll(keepingCapacity: true)
        let mayPassOver = parsed.opcode == 2 && !parsed.rsv1
        if !mayPassOver || !takeBeginning(unmasked, key, of: range.count, isEnough) { append(unmasked, key, phase: 0) }
        payload = .buffer(0..<buffer.count)
      }
    }
    if isText {
      if case .buffer = payload {
        invalid = buffer.withUnsafeBytes { Self.firstFault($0) }
      } else {
        unmasked = UnsafeRawBufferPointer(rebasing: chunk.bytes[range])
        invalid = Self.firstFault(unmasked)
      }
    }
    let begin = streamOffset
    position = range.upperBound
    streamOffset += parsed.size + range.count
    mayContinueUnseen = false
    if !fragments.isEmpty { fragments.removeAll(keepingCapacity: true) }
    record(parsed, at: begin)
    let event = WebSocketEvent.message(
      WebSocketMessage(
        opcode: parsed.opcode == 1 ? .text : .binary, compressed: parsed.rsv1, fragmentCount: 1, payload: payload,
        announcedLength: parsed.payloadLength, streamRange: begin..<streamOffset, lastFrameStart: begin,
        header: parsed, loss: nil))
    guard let invalid else { return event }
    report(.textUTF8, at: begin + parsed.size + invalid)
    if !isStopped { queue.append(event) }
    return queuedEvent()
  }

  /// Where a whole text stops to be UTF-8: its end when the last sequence is unfinished.
  private static func firstFault(_ text: UnsafeRawBufferPointer) -> Int? {
    var validator = UTF8Validator()
    return validator.validate(text) ?? (validator.isComplete ? nil : text.count)
  }
}

extension PartialHeader {
  /// The header that these bytes begin, the missing ones taken as zeros.
  fileprivate var parsed: WebSocketFrameHeader {
    switch WebSocketFrameHeader.parse(bytes.span.bytes, at: 0) {
    case .header(let header): header
    case .incomplete:
      // Fourteen bytes hold every header.
      WebSocketFrameHeader(fin: true, opcode: 0, maskingKey: nil, payloadLength: 0, lengthForm: .sevenBits)
    }
  }
}
