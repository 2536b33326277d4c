import Deflate
import PacketCapture
import Specification

/// The way of bytes into the streams of frames, on which pseudonyms are put in.
extension ConnectionInspector {
  func consumeFrames(_ direction: Direction, _ bytes: RawSpan, _ stamp: PacketStamp) {
    guard let redaction else {
      halves[direction].webSocket?.consume(bytes, stamp, self)
      return
    }
    redaction.consume(direction, bytes, stamp, redactionContext(direction), emission(direction))
  }

  /// - Parameter count: How many bytes are lost; nil: nobody knows, and a hole of one byte stands for them in what is redacted.
  func skipFrames(_ direction: Direction, _ count: Int?, isCut: Bool, _ stamp: PacketStamp) {
    redaction?.skip(direction, count ?? 1, stamp, redactionContext(direction), emission(direction))
    halves[direction].webSocket?.skip(count, isCut: isCut, stamp, self)
  }

  func finishRedaction(_ direction: Direction, _ stamp: PacketStamp) {
    redaction?.finish(direction, stamp, redactionContext(direction), emission(direction))
  }

  func loseContext(_ direction: Direction) {
    settle()
    inflation(of: direction).loseContext()
    redaction?.loseContext(direction)
  }

  private func emission(_ direction: Direction) -> FrameRedactor.Emission {
    { [self] bytes, stamp in halves[direction].webSocket?.consume(bytes.span.bytes, stamp, self) }
  }

  private func redactionContext(_ direction: Direction) -> FrameRedactor.Context {
    let sender = clientDirection == nil ? nil : role(direction)
    return FrameRedactor.Context(
      message: MessageRedactor.Context(role: sender ?? .server, charset: charset, revision: options.revision),
      expectsMask: clientDirection.map { $0 == direction }, allowsCompression: exchange.allowsCompression,
      agreement: exchange.agreement(of: sender), windowBits: sender.map { exchange.windowBits(of: $0) } ?? 15,
      messageLimit: options.messageLimit)
  }
}
