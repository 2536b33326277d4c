import Specification

extension WebSocketDecoder {
  /// How much of an over-long control frame a lenient decoder keeps, in bytes.
  private static let keptOfControl = 4096

  /// Reads what the chunk holds of the current frame's payload, and finishes the frame when that was the rest.
  ///
  /// - Returns: what the frame came to; nil: the decoder goes on.
  mutating func readPayload(_ chunk: Chunk, at position: inout Int) -> WebSocketEvent? {
    guard var open = frame else { return nil }
    let available = Int(min(open.remaining, UInt64(chunk.bytes.count - position)))
    let part = UnsafeRawBufferPointer(rebasing: chunk.bytes[position..<position + available])
    switch open.destination {
    case .nowhere: break
    case .control: keepControl(part, open)
    case .message: keepMessage(part, open)
    }
    position += available
    streamOffset += available
    open.remaining -= UInt64(available)
    open.consumed += available
    frame = open
    guard !isStopped, open.remaining == 0 else { return nil }
    frame = nil
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

  private mutating func keepMessage(_ part: UnsafeRawBufferPointer, _ open: OpenFrame) {
    guard message?.loss == nil else { return }
    guard configuration.mode == .strict || (message?.announced ?? 0) <= UInt64(clamping: configuration.memoryLimit)
    else {
      return lose(.memoryLimit)
    }
    let start = buffer.count
    buffer.append(contentsOf: part)
    if let key = open.header.maskingKey { Masking.apply(key, to: &buffer, from: start, phase: open.consumed) }
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
