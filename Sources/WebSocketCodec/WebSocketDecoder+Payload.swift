import Specification

extension WebSocketDecoder {
  /// How much of an over-long control frame a lenient decoder keeps, in bytes.
  private static let keptOfControl = 4096

  /// Reads what the chunk holds of the current frame's payload, and finishes the frame when that was the rest.
  ///
  /// - Returns: what the frame came to; nil: the decoder goes on.
  mutating func readPayload(
    _ chunk: Chunk, at position: inout Int, _ isEnough: (RawSpan, Int) -> Bool
  ) -> WebSocketEvent? {
    guard var open = frame else { return nil }
    let available = Int(min(open.remaining, UInt64(chunk.bytes.count - position)))
    let part = UnsafeRawBufferPointer(rebasing: chunk.bytes[position..<position + available])
    switch open.destination {
    case .nowhere: break
    case .control: keepControl(part, open)
    case .message:
      if open.consumed == 0, let length = lengthIfPlain,
        takeBeginning(part, open.header.maskingKey, of: length, isEnough)
      {
        message?.isPassedOver = true
      } else {
        keepMessage(part, key: open.header.maskingKey, phase: open.consumed)
      }
    }
    position += available
    streamOffset += available
    frame?.remaining -= UInt64(available)
    frame?.consumed += available
    guard !isStopped, open.remaining == UInt64(available) else { return nil }
    frame = nil
    open.consumed += available
    switch open.destination {
    case .nowhere: return nil
    case .control(let opcode): return finishControl(opcode, open)
    case .message: return open.header.fin ? finishMessage() : nil
    }
  }

  private mutating func keepControl(_ part: UnsafeRawBufferPointer, _ open: OpenFrame) {
    let start = control.count
    control.append(contentsOf: part.prefix(max(0, Self.keptOfControl - start)))
    if let key = open.header.maskingKey { Masking.apply(key, to: &control, from: start, phase: open.consumed) }
  }

  /// Takes in a chunk that lies in the middle of an undamaged payload, so that nothing comes of it.
  ///
  /// - Returns: Whether it does; otherwise nothing was done.
  package mutating func takeMiddle(_ chunk: RawSpan) -> Bool {
    guard let remaining = frame?.remaining, remaining > UInt64(chunk.byteCount), queue.isEmpty, !isStopped,
      case .message? = frame?.destination, message?.loss == nil, message?.validator == nil
    else { return false }
    if message?.isPassedOver != true {
      chunk.withUnsafeBytes { keepMessage($0, key: frame?.header.maskingKey, phase: frame?.consumed ?? 0) }
    }
    streamOffset &+= chunk.byteCount
    frame?.remaining = remaining &- UInt64(chunk.byteCount)
    frame?.consumed &+= chunk.byteCount
    return true
  }

  /// The beginning of a message that is not complete, as far as it came, and the length that it will have: where it is binary, not
  /// compressed, undamaged, and in one frame.
  package borrowing func withBeginning<Result>(_ body: (RawSpan, _ length: Int) -> Result) -> Result? {
    guard let length = lengthIfPlain, message?.isPassedOver == false else { return nil }
    return body(buffer.span.bytes, length)
  }

  /// The length of the message that is not complete, where it is binary, not compressed, undamaged, and in one frame.
  private var lengthIfPlain: Int? {
    guard frame != nil, message?.opcode == .binary, message?.compressed == false, message?.header.fin == true,
      message?.loss == nil, let length = message?.announced
    else { return nil }
    return Int(clamping: length)
  }

  /// Keeps the beginning of a message whose first bytes are there, if it is longer and that is all that is wanted.
  ///
  /// - Returns: Whether it is; otherwise nothing was done.
  mutating func takeBeginning(
    _ bytes: UnsafeRawBufferPointer, _ key: UInt32?, of length: Int, _ isEnough: (RawSpan, Int) -> Bool
  ) -> Bool {
    guard bytes.count >= Self.beginningSize, length > Self.beginningSize, buffer.isEmpty else { return false }
    append(UnsafeRawBufferPointer(rebasing: bytes[..<Self.beginningSize]), key, phase: 0)
    if isEnough(buffer.span.bytes, length) { return true }
    buffer.removeAll(keepingCapacity: true)
    return false
  }

  /// Adds bytes of a payload to the message, unmasked.
  mutating func append(_ bytes: UnsafeRawBufferPointer, _ key: UInt32?, phase: Int) {
    let start = buffer.count
    buffer.append(contentsOf: bytes)
    if let key { Masking.apply(key, to: &buffer, from: start, phase: phase) }
  }

  /// Keeps no more of the payload of the message that is not complete: it will be given with its beginning only, shorter than its
  /// announced length.
  package mutating func passOverRest() { message?.isPassedOver = true }

  private mutating func keepMessage(_ part: UnsafeRawBufferPointer, key: UInt32?, phase: Int) {
    guard message?.loss == nil, message?.isPassedOver != true else { return }
    guard configuration.mode == .strict || (message?.announced ?? 0) <= UInt64(clamping: configuration.memoryLimit)
    else {
      return lose(.memoryLimit)
    }
    let start = buffer.count
    append(part, key, phase: phase)
    guard message?.validator != nil,
      let bad = buffer.withUnsafeBytes({
        message?.validator?.validate(UnsafeRawBufferPointer(rebasing: $0[start...]))
      })
    else { return }
    message?.validator = nil
    report(.textUTF8, at: streamOffset + bad)
  }

  /// The open message will not be whole: nothing more of it is kept, and nothing at all where that is for want of memory.
  mutating func lose(_ loss: WebSocketMessage.Loss) {
    guard message != nil, message?.loss == nil else { return }
    message?.loss = loss
    message?.validator = nil
    if loss == .memoryLimit { buffer = [] }
  }

  private mutating func finishControl(_ opcode: WebSocketOpcode, _ open: OpenFrame) -> WebSocketEvent? {
    if opcode == .close {
      if !open.isDamaged, let fault = CloseBody.fault(in: control) {
        report(fault, at: streamOffset - open.consumed)
        if isStopped { return nil }
      }
      sawClose = true
      if configuration.mode == .strict { isStopped = true }
    }
    guard !open.isDamaged else { return nil }
    return behindViolations(
      .control(
        WebSocketControl(
          opcode: opcode, payload: control, streamRange: open.start..<streamOffset, header: open.header)))
  }

  private mutating func finishMessage() -> WebSocketEvent? {
    guard let done = message else { return nil }
    message = nil
    if let loss = done.loss {
      return behindViolations(
        .lostMessage(done.event(payload: .buffer(0..<buffer.count), end: streamOffset, loss: loss)))
    }
    if let validator = done.validator, !validator.isComplete {
      report(.textUTF8, at: streamOffset)
      if isStopped { return nil }
    }
    return behindViolations(.message(done.event(payload: .buffer(0..<buffer.count), end: streamOffset, loss: nil)))
  }
}
