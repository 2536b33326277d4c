import CDecode
import FrameCodec

/// What both sides are told at run time, as a connection is: the compiler must not fold it into the loops.
struct WireLimits {
  var revision: Revision
  var maxFrameLength: UInt32
}

extension cdecode_sum {
  /// What C adds up for a frame, from the header that Swift hands out; `base` is where the header's offsets count from.
  @inline(__always)
  mutating func add(_ header: FrameHeader, base: Int = 0) {
    frames &+= 1
    protocol_ids &+= UInt64(bitPattern: header.protocolId)
    serial_numbers &+= UInt64(header.sn ?? 0)
    payload_offsets &+= UInt64(truncatingIfNeeded: header.payload.lowerBound &+ base)
    payload_bytes &+= UInt64(truncatingIfNeeded: header.payload.upperBound &- header.payload.lowerBound)
  }

  func equals(_ other: cdecode_sum) -> Bool {
    frames == other.frames && protocol_ids == other.protocol_ids && serial_numbers == other.serial_numbers
      && payload_offsets == other.payload_offsets && payload_bytes == other.payload_bytes
  }
}

/// Decodes frames back to back with `FrameCodec.decodePrefix`.
@inline(never)
func walkStream(_ bytes: RawSpan, _ limits: WireLimits) -> cdecode_sum {
  var sum = cdecode_sum()
  var offset = 0
  while case .frame(let header, let end) = FrameCodec.decodePrefix(
    bytes, at: offset, revision: limits.revision, maxFrameLength: limits.maxFrameLength)
  {
    sum.add(header)
    offset = end
  }
  return sum
}

/// Decodes messages with `FrameCodec.decodeMessage`.
@inline(never)
func walkMessages(_ bytes: RawSpan, _ messages: Span<cdecode_range>, _ limits: WireLimits) -> cdecode_sum {
  var sum = cdecode_sum()
  for index in messages.indices {
    let range = messages[index]
    let message = bytes.extracting(range.lower..<range.upper)
    guard
      case .frame(let header) = FrameCodec.decodeMessage(
        message, revision: limits.revision, maxFrameLength: limits.maxFrameLength)
    else { break }
    sum.add(header, base: range.lower)
  }
  return sum
}

/// The same as `walkStream`, and a copy of each payload: what the counter of Swift's own allocations has to see.
@inline(never)
func walkCopyingPayloads(_ bytes: RawSpan, _ limits: WireLimits) -> cdecode_sum {
  var sum = cdecode_sum()
  var offset = 0
  while case .frame(let header, let end) = FrameCodec.decodePrefix(
    bytes, at: offset, revision: limits.revision, maxFrameLength: limits.maxFrameLength)
  {
    let payload = bytes.withUnsafeBytes { [UInt8]($0[header.payload]) }
    keep(payload)
    sum.add(header)
    offset = end
  }
  return sum
}

/// Takes an array where the optimiser cannot see that nothing is done with it.
@inline(never)
private func keep(_ bytes: [UInt8]) { kept = bytes }

nonisolated(unsafe) private var kept: [UInt8] = []

/// Decodes a stream that arrives in pieces with `FrameStreamDecoder`, which keeps its own copy of the bytes.
@inline(never)
func walkPieces(_ bytes: RawSpan, piece: Int, _ decoder: inout FrameStreamDecoder) -> UInt64 {
  var frames: UInt64 = 0
  var offset = 0
  while offset < bytes.byteCount {
    let end = min(offset + piece, bytes.byteCount)
    decoder.append(bytes.extracting(offset..<end))
    while (try? decoder.next()) != nil { frames &+= 1 }
    offset = end
  }
  return frames
}
