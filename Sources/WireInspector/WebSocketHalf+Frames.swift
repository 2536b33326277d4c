import PacketCapture
import Specification
import WebSocketCodec

/// Frames, and the messages that are put together from them.
extension WebSocketHalf {
  func completeHeader(
    _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp, for owner: ConnectionInspector
  ) -> Int {
    var offset = range.lowerBound
    while offset < range.upperBound {
      partialHeader.append(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      offset += 1
      position += 1
      if let header = WebSocketFrameHeader.whole(partialHeader.span.bytes, at: 0) {
        partialHeader.removeAll(keepingCapacity: true)
        let first = frameFirst
        begin(header, rest: bytes.extracting(offset..<range.upperBound), stamp, for: owner, first: first)
        return offset
      }
    }
    return offset
  }

  /// A header is there: checks it and opens its frame.
  func begin(
    _ header: WebSocketFrameHeader, rest: RawSpan, _ stamp: PacketStamp, for owner: ConnectionInspector,
    first: PacketStamp? = nil
  ) {
    frameStart = headerStart
    frameFirst = first ?? stamp
    if sawClose, !reportedDataAfterClose {
      reportedDataAfterClose = true
      report(.dataAfterClose, at: headerStart, "bytes follow the close frame", stamp, for: owner)
    }
    if header.payloadLength >> 63 != 0 || header.payloadLength > UInt64(Self.maximumFrameLength) {
      report(.badLength, at: headerStart, "a frame announces \(header.payloadLength) bytes", stamp, for: owner)
      return loseSync(at: position, stamp, for: owner)
    }
    if isOutOfSync(header, rest: rest, owner) {
      report(
        .protocolError, at: headerStart, "what should be a frame header breaks several rules at once", stamp, for: owner
      )
      return loseSync(at: headerStart, stamp, for: owner)
    }
    frame = header
    remaining = Int(header.payloadLength)
    phase = 0
    isFrameDamaged = false
    if expectsMask == nil { owner.learnedMask(direction, isMasked: header.isMasked) }
    check(header, stamp, for: owner)
    if header.isControl {
      control.removeAll(keepingCapacity: true)
    } else if !header.isReservedOpcode {
      openMessage(header, stamp, for: owner)
    }
    if remaining == 0 { endFrame(stamp, for: owner) }
  }

  /// A frame cannot be longer; larger announcements are a broken or lost stream.
  static let maximumFrameLength = 1 << 30

  /// Whether a header is more likely something else: it breaks more than one rule, and the frame does not lead to another header.
  func isOutOfSync(_ header: WebSocketFrameHeader, rest: RawSpan, _ owner: ConnectionInspector) -> Bool {
    var faults = 0
    if header.isReservedOpcode { faults += 1 }
    if header.hasUnknownReservedBits { faults += 1 }
    if let expectsMask, header.isMasked != expectsMask { faults += 1 }
    if header.isBadControl { faults += 1 }
    if header.isLengthPadded { faults += 1 }
    if header.isControl, header.rsv1 { faults += 1 }
    if header.payloadLength > UInt64(messageLimit) { faults += 1 }
    if sawClose, faults > 0 { faults += 1 }
    guard faults >= 2 else { return false }
    let length = Int(header.payloadLength)
    if length == rest.byteCount { return false }
    if length < rest.byteCount, let next = WebSocketFrameHeader.whole(rest, at: length) {
      return !FrameSearch.isPlausible(next, expectsMask: expectsMask ?? header.isMasked)
    }
    return length > rest.byteCount || rest.byteCount - length >= WebSocketFrameHeader.maximumSize
  }

  func check(_ header: WebSocketFrameHeader, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    let rsv1IsLegal = header.opcode == 1 || header.opcode == 2
    let allowsRSV1 = rsv1IsLegal && owner.allowsCompression(direction)
    if header.hasUnknownReservedBits || (header.rsv1 && !allowsRSV1) {
      report(
        .reservedBits, at: headerStart,
        header.hasUnknownReservedBits
          ? "reserved bits are set that no extension gives a meaning"
          : rsv1IsLegal
            ? "RSV1 is set, but compression was not negotiated"
            : "RSV1 is set on a frame that does not begin a message", stamp, for: owner)
    }
    if header.isReservedOpcode {
      report(
        .reservedOpcode, at: headerStart, "opcode \(header.opcode) is reserved; the frame is passed over", stamp,
        for: owner)
    }
    if let expectsMask, header.isMasked != expectsMask {
      report(
        expectsMask ? .unmaskedClient : .maskedServer, at: headerStart + 1,
        expectsMask ? "a client's frame is not masked" : "a server's frame is masked", stamp, for: owner)
    }
    if header.isBadControl {
      report(
        .badControl, at: headerStart,
        header.fin
          ? "a control frame has \(header.payloadLength) bytes; 125 is the most" : "a control frame is fragmented",
        stamp, for: owner)
    }
    if header.isLengthPadded {
      report(
        .nonminimalLength, at: headerStart + 1,
        "length \(header.payloadLength) is written with more bytes than it needs", stamp, for: owner)
    }
  }

  func openMessage(_ header: WebSocketFrameHeader, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    if header.opcode == 0 {
      if !message.isOpen {
        if !isAfterGap {
          report(
            .strayContinuation, at: headerStart, "a continuation without a message; it is passed over", stamp,
            for: owner)
        }
        message = OpenMessage()
        message.isDamaged = true
        message.first = frameFirst
      } else if message.isUncertain {
        message.isDamaged = true
      }
    } else {
      if message.isOpen {
        if message.isUncertain || message.isDamaged {
          dropMessage(stamp, for: owner)
        } else {
          report(
            .interleavedMessage, at: headerStart,
            "a message begins before the one before it is complete, which is lost",
            stamp, for: owner)
        }
      }
      message = OpenMessage()
      message.isOpen = true
      message.opcode = header.opcode
      message.isCompressed = header.rsv1
      message.first = frameFirst
      buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
    }
    isAfterGap = false
    message.fragments += 1
    message.wireLength += Int(header.payloadLength)
    if message.wireLength > messageLimit { message.isTooLong = true }
  }

  static let keptCapacity = 65_536

  func continueFrame(
    _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp, for owner: ConnectionInspector
  ) -> Int {
    guard let open = frame else { return range.lowerBound }
    let count = min(remaining, range.count)
    let part = range.lowerBound..<range.lowerBound + count
    if open.isControl {
      let room = max(0, 4096 - control.count)
      append(bytes, part.prefix(room), open, to: &control)
    } else if open.opcode <= 2 {
      // The whole message in one piece and without a mask: it is looked at where it lies.
      if phase == 0, count == remaining, open.fin, open.opcode != 0, !open.isMasked, !message.isTooLong {
        position += count
        remaining = 0
        frame = nil
        completeMessage(bytes.extracting(part), stamp, for: owner)
        return part.upperBound
      }
      if !message.isTooLong, message.isOpen, !message.isDamaged { append(bytes, part, open, to: &buffer) }
    }
    position += count
    phase += count
    remaining -= count
    if remaining == 0 { endFrame(stamp, for: owner) }
    return part.upperBound
  }

  func append(_ bytes: RawSpan, _ range: Range<Int>, _ open: WebSocketFrameHeader, to output: inout [UInt8]) {
    let start = output.count
    bytes.extracting(range).withUnsafeBytes { output.append(contentsOf: $0) }
    if let key = open.maskingKey { Masking.apply(key, to: &output, from: start, phase: phase) }
  }

  func endFrame(_ stamp: PacketStamp, for owner: ConnectionInspector) {
    guard let open = frame else { return }
    frame = nil
    if open.isControl {
      if !isFrameDamaged { completeControl(open, stamp, for: owner) }
    } else if !open.isReservedOpcode, open.fin {
      if message.isDamaged || message.isTooLong || !message.isOpen {
        dropMessage(stamp, for: owner)
      } else {
        // The buffer leaves the half while the owner looks at it.
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        completeMessage(taken.span.bytes, stamp, for: owner)
        if taken.capacity <= Self.keptCapacity {
          taken.removeAll(keepingCapacity: true)
          if buffer.isEmpty { swap(&taken, &buffer) }
        }
      }
    }
  }

  func completeMessage(_ bytes: RawSpan, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    let done = message
    message = OpenMessage()
    owner.completeMessage(
      MessageInfo(
        direction: direction, isText: done.opcode == 1, isCompressed: done.isCompressed, fragments: done.fragments,
        wireLength: done.wireLength, position: frameStart, first: done.first, last: stamp), bytes)
  }

  /// A message that cannot be given: bytes of it are missing, or it is too long to keep.
  func dropMessage(_ stamp: PacketStamp, for owner: ConnectionInspector) {
    let done = message
    let isHandedOn = handOnCutMessage(stamp, for: owner)
    if !isHandedOn { reportTooLarge(stamp, for: owner) }
    message = OpenMessage()
    buffer = []
    guard !isHandedOn, done.isOpen || done.isDamaged else { return }
    if done.isTooLong {
      report(
        .messageLimit, at: frameStart, "a message of \(done.wireLength) bytes is longer than what is kept", stamp,
        for: owner)
      if done.wireLength > Int(owner.options.frameLimit) + 6, !done.isCompressed {
        report(
          .tooLarge, at: frameStart,
          "a message of \(done.wireLength) bytes is above the limit "
            + "\(owner.options.frameLimit)", stamp, for: owner)
      }
    } else if done.isOpen {
      report(.truncatedMessage, at: frameStart, "bytes of a message are missing", stamp, for: owner)
    }
    if done.isCompressed { owner.lostBytes(direction, stamp) }
  }

  /// Hands on what is there of a message of which nothing is missing but what was cut when captured. False if that is nothing.
  private func handOnCutMessage(_ stamp: PacketStamp, for owner: ConnectionInspector) -> Bool {
    guard message.isOpen, message.isCut, !message.isLost, !message.isTooLong, message.opcode == 2, !message.isCompressed
    else { return false }
    let info = MessageInfo(
      direction: direction, isText: false, isCompressed: false, fragments: message.fragments,
      wireLength: message.wireLength, position: frameStart, first: message.first, last: stamp, isCut: true)
    return owner.takeCutMessage(info, buffer)
  }

  /// A message that will not be complete, and whose frame announces more than receivers take.
  func reportTooLarge(_ stamp: PacketStamp, for owner: ConnectionInspector) {
    guard message.isOpen, !message.isCompressed, !message.isTooLong, message.opcode == 2, buffer.count >= 6,
      ConnectionInspector.startsWithMagic(buffer.span.bytes)
    else { return }
    let announced = buffer[2..<6].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard announced > owner.options.frameLimit else { return }
    owner.report(
      .tooLarge, direction, offset: 2, "length \(announced) is above the limit \(owner.options.frameLimit)",
      first: message.first, last: stamp)
  }

  func completeControl(_ open: WebSocketFrameHeader, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    guard !open.isReservedOpcode else { return }
    var record = ControlRecord(role: .client, opcode: .ping, code: nil, reason: [], payload: control)
    switch open.opcode {
    case 8:
      sawClose = true
      record.opcode = .close
      if control.count >= 2 {
        record.code = Int(control[0]) << 8 | Int(control[1])
        record.reason = Array(control[2...])
      }
      checkClose(record, stamp, for: owner)
    case 9: record.opcode = .ping
    default: record.opcode = .pong
    }
    owner.completeControl(direction, record, first: frameFirst, last: stamp)
  }

  func checkClose(_ record: ControlRecord, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    if control.count == 1 {
      report(.badControl, at: frameStart, "a close frame with a body of one byte", stamp, for: owner)
    }
    if let code = record.code {
      switch code {
      case 1000...1003, 1007...1014, 3000...4999: break
      default: report(.badControl, at: frameStart, "close code \(code) must not be sent", stamp, for: owner)
      }
    }
    if !record.reason.isEmpty, (try? UTF8Span(validating: record.reason.span)) == nil {
      report(.badUTF8, at: frameStart, "the reason of a close frame is not UTF-8", stamp, for: owner)
    }
  }

  func report(
    _ code: InspectionFindingCode, at offset: Int, _ message: String, _ stamp: PacketStamp,
    for owner: ConnectionInspector
  ) {
    owner.report(code, direction, offset: offset, message, first: stamp, last: stamp)
  }
}
