import PacketCapture
import WebSocketCodec

/// Searches a direction's bytes for the beginning of a WebSocket frame, after a loss or from the middle of a stream.
///
/// A place is taken when a plausible header stands there and more speaks for it: the payload begins as a frame of the protocol
/// with a length that fits, or the frame leads to further plausible headers, or it fills a segment exactly.
struct FrameSearch {
  struct Found {
    /// An offset in the bytes that are kept.
    var offset: Int
    var isMasked: Bool
  }

  /// Bytes that are kept while searching at most.
  static let window = 1 << 20

  private var bytes: [UInt8] = []
  /// Where segments begin in `bytes`, and their packets.
  private var segments: [(offset: Int, stamp: PacketStamp)] = []
  /// The first place that has not been ruled out.
  private var cursor = 0
  /// How many bytes were dropped before `bytes`.
  private var dropped = 0

  var seenBytes: Int { dropped + bytes.count }

  mutating func append(_ source: RawSpan, _ stamp: PacketStamp) {
    // Not at every call: what is left moves to the front.
    if cursor >= 65_536 { drop() }
    if bytes.count + source.byteCount > Self.window {
      // A place that waits for more than the window is given up.
      cursor = max(cursor + 1, bytes.count / 2)
      drop()
    }
    segments.append((bytes.count, stamp))
    source.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  private mutating func drop() {
    let count = min(cursor, bytes.count)
    bytes.removeFirst(count)
    dropped += count
    cursor -= count
    let keep = segments.lastIndex { $0.offset <= count } ?? 0
    segments.removeFirst(keep)
    segments = segments.map { (max(0, $0.offset - count), $0.stamp) }
  }

  /// How many bytes come before a place.
  func skipped(before offset: Int) -> Int { dropped + offset }

  /// The bytes from a place on, by segment.
  func pieces(from offset: Int) -> [(bytes: [UInt8], stamp: PacketStamp)] {
    var result: [(bytes: [UInt8], stamp: PacketStamp)] = []
    for (index, segment) in segments.enumerated() {
      let end = index + 1 < segments.count ? segments[index + 1].offset : bytes.count
      let from = max(offset, segment.offset)
      if from < end { result.append((Array(bytes[from..<end]), segment.stamp)) }
    }
    return result
  }

  private enum Judgement { case yes, no, undecided }

  /// The first place that holds a frame, or nil if there is none yet.
  ///
  /// - Parameters:
  ///   - expectsMask: Whether the direction's frames are masked, as far as known.
  ///   - isEnd: Whether no more bytes come.
  mutating func find(expectsMask: Bool?, isEnd: Bool) -> Found? {
    while cursor < bytes.count {
      if Self.canBegin(bytes[cursor]) {
        switch judge(cursor, expectsMask: expectsMask, isEnd: isEnd) {
        case .yes: return Found(offset: cursor, isMasked: cursor + 1 < bytes.count && bytes[cursor + 1] & 0x80 != 0)
        case .undecided: return nil
        case .no: break
        }
      }
      cursor += 1
    }
    return nil
  }

  /// FIN and opcode combinations that are in use, with and without RSV1 on the first frame of a message.
  private static func canBegin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x00, 0x01, 0x02, 0xC1, 0xC2, 0x41, 0x42: true
    default: false
    }
  }

  /// Whether a header keeps the rules that every frame keeps.
  static func isPlausible(_ header: WebSocketFrameHeader, expectsMask: Bool) -> Bool {
    guard let opcode = WebSocketOpcode(rawValue: header.opcode), header.rsv & 3 == 0, header.isLengthMinimal,
      header.isMasked == expectsMask, header.payloadLength <= UInt64(window) * 16
    else { return false }
    return opcode.isControl
      ? header.fin && !header.rsv1 && header.lengthForm == .sevenBits : !header.rsv1 || opcode != .continuation
  }

  private func judge(_ place: Int, expectsMask: Bool?, isEnd: Bool) -> Judgement {
    let isSegmentStart = isStart(place)
    guard let header = WebSocketFrameHeader.whole(bytes.span.bytes, at: place) else {
      return isSegmentStart && !isEnd ? .undecided : .no
    }
    let mask = expectsMask ?? header.isMasked
    guard Self.isPlausible(header, expectsMask: mask) else { return .no }
    let isStrong: Bool
    switch startsApplicationFrame(header, payload: place + header.size) {
    case .yes: isStrong = true
    case .undecided where !isEnd: return .undecided
    default: isStrong = false
    }
    // Follow the chain of headers.
    var offset = place + header.size + Int(header.payloadLength)
    var score = (isStrong ? 2 : 0) + (isSegmentStart ? 1 : 0)
    if isStrong, isSegmentStart { return .yes }
    // Within a segment any byte in twenty could begin a frame. A plain data frame shows its magic there; a control frame or a
    // continuation, whose message is lost anyway, is not worth a mistake.
    let isTooShortForMagic = header.opcode == 2 && !header.fin && header.payloadLength < 2
    if !isStrong, !isSegmentStart, !header.rsv1, !isTooShortForMagic { return .no }
    var links = 0
    while links < 4 {
      if offset == bytes.count {
        // It ends where a segment does.
        score += 2
        return score >= 3 ? .yes : isEnd ? .no : .undecided
      }
      guard offset < bytes.count, let next = WebSocketFrameHeader.whole(bytes.span.bytes, at: offset) else {
        // The frame goes on beyond what is there.
        if isStrong, isEnd { return .yes }
        guard !isEnd, isStrong || isSegmentStart, offset - place <= Self.window / 2 else {
          return score >= 3 ? .yes : .no
        }
        return .undecided
      }
      guard Self.isPlausible(next, expectsMask: mask) else { return .no }
      links += 1
      score += isStart(offset) ? 2 : 1
      if startsApplicationFrame(next, payload: offset + next.size) == .yes { score += 2 }
      if score >= 4 { return .yes }
      offset += next.size + Int(next.payloadLength)
    }
    return score >= 3 ? .yes : .no
  }

  private func isStart(_ offset: Int) -> Bool {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low < segments.count && segments[low].offset == offset
  }

  /// Whether a data frame's payload begins as a frame of the protocol whose length fits.
  private func startsApplicationFrame(_ header: WebSocketFrameHeader, payload: Int) -> Judgement {
    guard header.opcode == 2, !header.rsv1, header.payloadLength >= 6 || (!header.fin && header.payloadLength >= 2)
    else {
      return .no
    }
    let count = min(6, Int(header.payloadLength))
    guard payload + count <= bytes.count else { return .undecided }
    func byte(_ index: Int) -> UInt8 {
      header.unmasked(bytes[payload + index], at: index)
    }
    guard byte(0) == 0xFE, byte(1) == 0xEF || byte(1) == 0xEE else { return .no }
    guard count == 6 else { return .yes }
    let length = (2..<6).reduce(UInt64(0)) { $0 | UInt64(byte($1)) << UInt64(8 * ($1 - 2)) }
    return header.fin
      ? (length + 6 == header.payloadLength ? .yes : .no) : (length + 6 >= header.payloadLength ? .yes : .no)
  }
}

extension WebSocketFrameHeader {
  fileprivate var isMasked: Bool { maskingKey != nil }

  /// The header at an offset, or nil if it is not all there.
  fileprivate static func whole(_ bytes: RawSpan, at offset: Int) -> WebSocketFrameHeader? {
    if case .header(let header) = parse(bytes, at: offset) { header } else { nil }
  }

  /// One byte of the payload, unmasked.
  fileprivate func unmasked(_ byte: UInt8, at index: Int) -> UInt8 {
    guard let maskingKey else { return byte }
    return byte ^ UInt8(truncatingIfNeeded: maskingKey >> (UInt32(index & 3) * 8))
  }
}
