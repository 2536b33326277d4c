import FrameCodec
import PacketCapture
import Specification
import WebSocketCodec

/// A complete message, without its bytes.
struct MessageInfo {
  var direction: Direction
  var isText: Bool
  var isCompressed: Bool
  var fragments: Int
  var wireLength: Int
  /// Where its last frame begins in the direction's stream.
  var position: Int
  var first: PacketStamp
  var last: PacketStamp
  /// Whether its end was cut when captured.
  var isCut = false
  /// Whether only its beginning was kept, because nobody wants the rest.
  var isPassedOver = false
  /// The masking key of its first frame.
  var maskingKey: UInt32?

  init(_ message: WebSocketMessage, _ direction: Direction, first: PacketStamp, last: PacketStamp) {
    self.direction = direction
    isText = message.opcode == .text
    isCompressed = message.header.rsv1
    fragments = message.fragmentCount
    wireLength = Int(clamping: message.announcedLength)
    position = message.lastFrameStart
    maskingKey = message.header.maskingKey
    isPassedOver = message.loss == nil && message.payload.count < message.announcedLength
    self.first = first
    self.last = last
  }
}

/// What the streams of WebSocket frames find.
extension ConnectionInspector: WebSocketStreamHandler {
  func take(_ direction: Direction, _ event: WebSocketStream.Event, _ bytes: RawSpan, _ stamp: PacketStamp) {
    func report(_ code: InspectionFindingCode, _ offset: Int, _ message: String) {
      self.report(code, direction, offset: offset, message, first: stamp, last: stamp)
    }
    switch event {
    case .message(let info): completeMessage(info, bytes)
    case .control(let control, let first): completeControl(direction, control, first: first, last: stamp)
    case .violation(let violation):
      guard let code = InspectionFindingCode(violation.code) else { return }
      self.report(
        code, breaking: violation.requirement, direction, offset: violation.offset, violation.reason, first: stamp,
        last: stamp)
    case .lost(let info, let details): takeLost(info, details, bytes, stamp)
    case .closedAgain(let offset): report(.dataAfterClose, offset, "another close frame follows the close frame")
    case .impossibleLength(let length, let offset): report(.badLength, offset, "a frame announces \(length) bytes")
    case .notAHeader(let offset):
      report(.protocolError, offset, "what should be a frame header breaks several rules at once")
    case .lostBytes: lostBytes(direction, stamp)
    case .learnedMask(let isMasked): learnedMask(direction, isMasked: isMasked)
    case .resumed(let offset, let skipped, let isAfterLoss):
      if isAfterLoss || isMidstream {
        report(.resync, offset, "\(skipped) bytes were passed over to find the next frame")
      }
    case .endsInside(let offset): report(.truncatedMessage, offset, "the stream ends inside of a message")
    }
  }

  /// Frames of the current revision whose payloads nobody reads: their headers say all that is told of them.
  func isEnough(_ beginning: RawSpan, ofMessage length: Int) -> Bool {
    guard !output.readsPayloads, isWritten, redaction == nil, options.keptRequestBytes == 0,
      (revision ?? .current) == .v1_3_3, let header = Self.cutHeader(beginning, length), header.revision == .v1_3_3
    else { return false }
    // What a displacement says is read.
    return header.protocolId != header.revision.displacementProtocolId
  }

  private func completeMessage(_ info: MessageInfo, _ bytes: RawSpan) {
    sawFrames = true
    guard info.isCompressed, exchange.allowsCompression || !Self.startsWithMagic(bytes) else {
      return takeMessage(info, bytes, isAhead: isAhead)
    }
    let inflation = inflation(of: info.direction)
    let agreement = agreement(of: info.direction)
    // Until its record is written the connection depends on what its messages hold.
    if isWritten, redaction == nil, let deferred = output.deferred,
      deferred.inflate(bytes, info, isAhead: isAhead, inflation, agreement, of: self)
    {
      return
    }
    output.settle()
    var inflated: [UInt8] = []
    let outcome = inflation.inflate(
      bytes, agreement, limit: options.messageLimit, counting: output, into: &inflated)
    takeInflated(outcome, inflated.span.bytes, info, isAhead: isAhead)
  }

  /// Takes a message that was compressed, and what came of inflating it.
  func takeInflated(_ outcome: MessageInflation.Outcome, _ bytes: RawSpan, _ info: MessageInfo, isAhead: Bool) {
    switch outcome {
    case .inflated(let tookOverContext):
      if tookOverContext {
        report(
          .contextTakenOver, info,
          "a compressed message refers back to an earlier one, although no_context_takeover was agreed")
      }
      takeMessage(info, bytes, isAhead: isAhead)
    case .tooLarge:
      report(
        .tooLarge, info.direction, offset: nil, "a message inflates to more than \(options.messageLimit) bytes",
        first: info.first, last: info.last)
    case .contextLost:
      if !isWritten { undecodedMessages += 1 }
      report(.contextLost, info, "a compressed message refers back to bytes that are not in the capture")
    case .failed(let reason): report(.inflateError, info, reason)
    case .refused: break
    }
  }

  private func report(_ code: InspectionFindingCode, _ info: MessageInfo, _ message: String) {
    report(code, info.direction, offset: info.position, message, first: info.first, last: info.last)
  }

  static func startsWithMagic(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 2 && bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0xFE
      && bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self) & 0xFE == 0xEE
  }

  private func takeMessage(_ info: MessageInfo, _ bytes: RawSpan, isAhead: Bool) {
    if isWritten, output.deferred?.isBusy != true { return processMessage(info, bytes, isAhead: isAhead) }
    if !isWritten, !info.isText { detector.observe(bytes) }
    hold(.message(info, bytes.withUnsafeBytes { Array($0) }, isAhead: isAhead))
    decideIfPossible()
  }

  private func completeControl(
    _ direction: Direction, _ control: WebSocketControl, first: PacketStamp, last: PacketStamp
  ) {
    var record = ControlRecord(role: .client, opcode: .ping, code: nil, reason: [], payload: control.payload)
    switch control.opcode {
    case .close:
      closed[direction] = true
      record.opcode = .close
      record.code = control.closeBody.code.map(Int.init)
      record.reason = Array(control.payload.dropFirst(2))
    case .ping: break
    default: record.opcode = .pong
    }
    hold(.control(direction, record, first, last))
  }

  // MARK: Losses

  /// A message that cannot be given: bytes of it are missing, or it is too long to keep.
  private func takeLost(
    _ info: MessageInfo, _ details: WebSocketStream.LossDetails, _ bytes: RawSpan, _ stamp: PacketStamp
  ) {
    let direction = info.direction
    func report(_ code: InspectionFindingCode, _ message: String) {
      self.report(code, direction, offset: details.end ?? info.position, message, first: stamp, last: stamp)
    }
    // That it was not finished has been reported.
    guard details.loss != .unfinished else { return }
    if info.wireLength > options.messageLimit {
      report(.messageLimit, "a message of \(info.wireLength) bytes is longer than what is kept")
      if info.wireLength > Int(options.frameLimit) + 6, !info.isCompressed {
        report(.tooLarge, "a message of \(info.wireLength) bytes is above the limit \(options.frameLimit)")
      }
    } else {
      if !info.isText, !info.isCompressed, details.end == nil, details.isCut {
        var cut = info
        cut.isCut = true
        if takeCutMessage(cut, bytes) { return }
      }
      if !info.isText, !info.isCompressed { reportTooLarge(info, bytes) }
      report(
        .truncatedMessage,
        details.end == nil ? "bytes of a message are missing" : "the stream ends inside of a message")
    }
    if info.isCompressed, details.end == nil { lostBytes(direction, stamp) }
  }

  /// Reports a message whose frame announces more than receivers take, though not all of it is there.
  private func reportTooLarge(_ info: MessageInfo, _ bytes: RawSpan) {
    guard bytes.byteCount >= 6, Self.startsWithMagic(bytes) else { return }
    let announced = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt32.self))
    guard announced > options.frameLimit else { return }
    report(
      .tooLarge, info.direction, offset: 2, "length \(announced) is above the limit \(options.frameLimit)",
      first: info.first, last: info.last)
  }

  /// Bytes of the direction are lost, perhaps compressed messages.
  private func lostBytes(_ direction: Direction, _ stamp: PacketStamp) {
    guard exchange.parameters != nil || !exchange.hasResponse else { return }
    settle()
    guard inflation(of: direction).loseBytes(agreement(of: direction)) else { return }
    report(
      .contextLost, direction, offset: nil,
      "bytes are lost that later compressed messages may refer back to; only what does not is decoded", first: stamp,
      last: stamp)
  }

  private func agreement(of direction: Direction) -> MessageInflation.Agreement {
    exchange.agreement(of: clientDirection == nil ? nil : role(direction))
  }
}
