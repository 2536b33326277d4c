import CDecode
import FrameCodec

/// Frames of revision 1.3.3 with payloads of one size, back to back.
struct FrameBuffer {
  let payloadSize: Int
  let bytes: [UInt8]

  /// Where each frame stands, as if it had come as a message of its own.
  let messages: [cdecode_range]

  var frameCount: Int { messages.count }

  /// About `total` bytes of frames with payloads of `payloadSize` bytes.
  init(payloadSize: Int, total: Int) throws(FrameEncodingError) {
    self.payloadSize = payloadSize
    let payload = [UInt8](repeating: 0x61, count: payloadSize)
    let frameCount = total / (payloadSize + 14)
    var bytes: [UInt8] = []
    var messages: [cdecode_range] = []
    bytes.reserveCapacity(frameCount * (payloadSize + 14))
    messages.reserveCapacity(frameCount)
    for index in 0..<frameCount {
      let lower = bytes.count
      try FrameCodec.encode(
        protocolId: Int64(index % 1000), sn: UInt32(truncatingIfNeeded: index &* 2), payload: payload.span.bytes,
        into: &bytes)
      messages.append(cdecode_range(lower: lower, upper: bytes.count))
    }
    self.bytes = bytes
    self.messages = messages
  }
}
