import FrameCodec

/// What a walk over frames comes to: compared with what the C loop finds on the same buffer.
struct WalkSum: Equatable {
  var frames: UInt64 = 0
  var protocolIds: UInt64 = 0
  var serialNumbers: UInt64 = 0
  var payloadOffsets: UInt64 = 0
  var payloadBytes: UInt64 = 0

  mutating func add(_ header: FrameHeader) {
    frames &+= 1
    protocolIds &+= UInt64(bitPattern: header.protocolId)
    serialNumbers &+= UInt64(header.sn ?? 0)
    payloadOffsets &+= UInt64(header.payload.lowerBound)
    payloadBytes &+= UInt64(header.payload.count)
  }
}

/// Frames of one size, back to back.
struct FrameBuffer {
  let payloadSize: Int
  let bytes: [UInt8]
  let frameCount: Int

  /// About `total` bytes of frames with payloads of `payloadSize` bytes.
  init(payloadSize: Int, total: Int) throws {
    self.payloadSize = payloadSize
    let payload = [UInt8](repeating: 0x61, count: payloadSize)
    frameCount = total / (payloadSize + 14)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frameCount * (payloadSize + 14))
    for index in 0..<frameCount {
      try FrameCodec.encode(
        protocolId: Int64(index % 1000), sn: UInt32(truncatingIfNeeded: index &* 2), payload: payload.span.bytes,
        into: &bytes)
    }
    self.bytes = bytes
  }
}

/// The Swift decoder over the whole buffer, as a stream.
@inline(never)
func walkStream(_ bytes: RawSpan) -> WalkSum {
  var sum = WalkSum()
  var offset = 0
  while case .frame(let header, let end) = FrameCodec.decodePrefix(bytes, at: offset) {
    sum.add(header)
    offset = end
  }
  return sum
}

/// The Swift decoder over messages of one size.
@inline(never)
func walkMessages(_ bytes: RawSpan, size: Int) -> WalkSum {
  var sum = WalkSum()
  var offset = 0
  while offset &+ size <= bytes.byteCount {
    let message = bytes.extracting(offset..<offset &+ size)
    guard case .frame(var header) = FrameCodec.decodeMessage(message) else { break }
    header.payload = header.payload.lowerBound &+ offset..<header.payload.upperBound &+ offset
    sum.add(header)
    offset &+= size
  }
  return sum
}
