internal import CZlib

/// Undoes gzip (RFC 1952) in a stream: several members one after the other, zero padding after the last.
///
/// A class because zlib's state holds a pointer to itself and must not move.
public final class GzipReader {
  /// What a call of ``read(into:atMost:)`` came to.
  public enum Outcome: Hashable, Sendable {
    /// Bytes were appended.
    case produced
    /// All input is used up; more is needed.
    case needsInput
    /// The data is bad; nothing more comes. The offset counts compressed bytes.
    case failed(CaptureFault, offset: Int)
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8] = []
  private var position = 0
  /// The number of compressed bytes before `input`.
  private var inputBase = 0
  private var ready: Bool
  private var failure: Outcome?
  private var insideMember = false
  private var members = 0

  /// Makes a reader of gzip data.
  public init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, plus 16: gzip only.
    ready = czlib_inflate_init2(stream, 31) == Z_OK
  }

  deinit {
    if ready { inflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// The number of compressed bytes taken in and used so far.
  public var consumedBytes: Int { inputBase + position }

  /// Whether what was taken in so far ends where gzip data may end.
  public var isAtMemberEnd: Bool { !insideMember && members > 0 && position == input.count }

  /// Takes in compressed bytes.
  public func feed(_ bytes: RawSpan) {
    if position == input.count {
      input.removeAll(keepingCapacity: true)
    } else {
      input.removeSubrange(0..<position)
    }
    inputBase += position
    position = 0
    bytes.withUnsafeBytes { input.append(contentsOf: $0) }
  }

  /// Appends at most `limit` uncompressed bytes.
  public func read(into output: inout [UInt8], atMost limit: Int) -> Outcome {
    guard ready else { return .failed(.invalidGzip, offset: 0) }
    if let failure { return failure }
    while position < input.count {
      if !insideMember, members > 0 {
        // gzip pads with zeros on tapes; anything else but a new member is foreign.
        if input[position] == 0 {
          position += 1
          continue
        }
        guard input[position] == 0x1F else { return fail(.trailingGzipBytes) }
      }
      insideMember = true
      let before = output.count
      let code = inflateOnce(into: &output, atMost: limit)
      switch code {
      case Z_STREAM_END:
        insideMember = false
        members += 1
        inflateReset(stream)
      case Z_OK, Z_BUF_ERROR: break
      default: return fail(.invalidGzip)
      }
      if output.count > before { return .produced }
      if code == Z_BUF_ERROR { return .needsInput }
    }
    // Output that zlib still holds although it has taken all input.
    guard insideMember else { return .needsInput }
    let before = output.count
    switch inflateOnce(into: &output, atMost: limit) {
    case Z_STREAM_END:
      insideMember = false
      members += 1
      inflateReset(stream)
    case Z_OK, Z_BUF_ERROR: break
    default: return fail(.invalidGzip)
    }
    return output.count > before ? .produced : .needsInput
  }

  private func fail(_ fault: CaptureFault) -> Outcome {
    let outcome = Outcome.failed(fault, offset: consumedBytes)
    failure = outcome
    return outcome
  }

  private func inflateOnce(into output: inout [UInt8], atMost limit: Int) -> Int32 {
    let room = min(max(limit, 1), 1 << 20)
    var code = Z_OK
    var consumed = 0
    input.withUnsafeMutableBufferPointer { source in
      output.append(addingCapacity: room) { (added: inout OutputSpan<UInt8>) in
        added.withUnsafeMutableBufferPointer { target, count in
          let available = min(source.count - position, Int(UInt32.max))
          stream.pointee.next_in = source.baseAddress.map { $0 + position }
          stream.pointee.avail_in = UInt32(available)
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(room)
          code = inflate(stream, Z_NO_FLUSH)
          consumed = available - Int(stream.pointee.avail_in)
          count = room - Int(stream.pointee.avail_out)
          stream.pointee.next_in = nil
          stream.pointee.next_out = nil
        }
      }
    }
    position += consumed
    return code
  }
}
