import FrameCodec
import Negotiation
import PacketCapture
import Specification

/// What is left of HTTP heads and frames whose packets were cut when they were captured.
extension ConnectionInspector {
  /// Takes what is there of an HTTP head whose rest was cut: who the client is, and what the server answered.
  func takeCutHead(_ direction: Direction, _ stamp: PacketStamp) {
    guard let original = halves[direction].http.takeCutHead(),
      let head = redaction == nil ? original : redaction?.cutHead(original)
    else { return }
    sawHTTP = true
    if head.method == "GET" {
      if clientDirection == nil { clientDirection = direction }
      exchange.takeTarget(of: head)
      registerClient(direction)
    } else if let status = head.status, status == 101 {
      if clientDirection == nil { clientDirection = 1 - direction }
      exchange.acceptCut(status: status)
    }
  }

  /// Takes a message whose beginning is there and whose rest was cut: its header, if it has one that can be read.
  ///
  /// - Returns: Whether there is one.
  func takeCutMessage(_ info: MessageInfo, _ bytes: RawSpan) -> Bool {
    guard let header = Self.cutHeader(bytes, info.wireLength) else { return false }
    sawFrames = true
    if !isWritten { undecodedMessages += 1 }
    cutRevision = header.revision
    hold(.message(info, bytes.withUnsafeBytes { Array($0) }, isAhead: isAhead))
    decideIfPossible()
    return true
  }

  /// A message of which only the beginning is there: a frame with its header whole.
  func processBeginning(of info: MessageInfo, _ bytes: RawSpan, isAhead: Bool) {
    guard let header = Self.cutHeader(bytes, info.wireLength) else { return }
    processFrame(header, info, role(info.direction), bytes, isAhead)
  }

  /// The header of a frame, of which the payload may be missing; nil if it is not whole, or contradicts its message.
  static func cutHeader(_ bytes: RawSpan, _ messageLength: Int) -> FrameHeader? {
    func number(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    guard bytes.byteCount >= 10, startsWithMagic(bytes) else { return nil }
    let isCurrent = bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self) == 0xEF
    let headerLength = isCurrent ? 14 : 10
    let length = number(2)
    // A body that begins with 08 may be revision 1.2's, whose fields cannot be told without their end.
    guard bytes.byteCount >= headerLength, messageLength >= headerLength, Int(length) + 6 == messageLength,
      isCurrent || bytes.unsafeLoad(fromByteOffset: 6, as: UInt8.self) != 0x08
    else { return nil }
    return FrameHeader(
      revision: isCurrent ? .v1_3_3 : .v1_3_0, protocolId: Int64(number(6)), sn: isCurrent ? number(10) : nil,
      length: length, payload: headerLength..<messageLength)
  }
}
