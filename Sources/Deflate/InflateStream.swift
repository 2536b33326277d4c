internal import CZlib

/// zlib's raw inflate, at one place in memory: its state points back at the stream, which therefore must not move.
final class InflateStream {
  /// Where a step of inflating stopped.
  enum Stop: Equatable {
    /// All input was taken, and all output given.
    case inputUsed
    /// A final block ended; input may be left.
    case finalBlock
    /// The output reached its limit.
    case outputFull
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  /// How much one call of zlib may give. One byte makes the check of distances exact: zlib checks them against the window plus
  /// what the call has given so far.
  private let stepLimit: Int

  /// Makes a stream with a window of 8 to 15 bits. With fewer than 15, distances beyond the window are always noticed, at the
  /// cost of speed.
  init(windowBits: Int) throws(DeflateError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    stepLimit = windowBits < 15 ? 1 : 65_536
    // A negative number of bits: raw DEFLATE, without zlib's header and checksum.
    let code = (8...15).contains(windowBits) ? czlib_inflate_init2(stream, Int32(-windowBits)) : Z_STREAM_ERROR
    isReady = code == Z_OK
    if let error = DeflateError.from(zlibCode: code, offset: 0, message: stream.pointee.msg) { throw error }
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Forgets everything, the window too.
  func reset() { inflateReset(stream) }

  /// Whether the stream stands behind a block and before the next, with no bit left over.
  var isBetweenBlocks: Bool {
    // data_type: the number of unused bits of the last byte, 64 within the last block, 128 behind a block.
    stream.pointee.data_type & 128 != 0 && stream.pointee.data_type & 63 == 0
  }

  /// Inflates from `input[position...]` and appends to `output`, up to a total of `end` bytes in it.
  ///
  /// - Parameters:
  ///   - input: Compressed bytes.
  ///   - position: Where to begin; moved behind what was taken.
  ///   - base: What to add to `position` for the offset of an error.
  ///   - output: Where to append.
  ///   - end: The count of `output` at which to stop.
  func inflate(
    _ input: UnsafeRawBufferPointer, from position: inout Int, base: Int, into output: inout [UInt8], until end: Int
  ) throws(DeflateError) -> Stop {
    let bytes = input.bindMemory(to: UInt8.self)
    var step = min(stepLimit, max(1_024, 4 * (input.count - position)))
    while true {
      let room = min(step, end - output.count)
      guard room > 0 else { return .outputFull }
      let available = min(input.count - position, 1 << 30)
      var code = Z_OK
      var left = 0
      output.append(addingCapacity: room) { (added: inout OutputSpan<UInt8>) in
        added.withUnsafeMutableBufferPointer { target, count in
          // zlib does not write through next_in; its type merely lacks the const.
          stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress.map { $0 + position })
          stream.pointee.avail_in = UInt32(available)
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(room)
          code = CZlib.inflate(stream, Z_SYNC_FLUSH)
          left = Int(stream.pointee.avail_out)
          count = room - left
          stream.pointee.next_in = nil
          stream.pointee.next_out = nil
        }
      }
      let taken = available - Int(stream.pointee.avail_in)
      position += taken
      if let error = DeflateError.from(zlibCode: code, offset: base + position, message: stream.pointee.msg) {
        throw error
      }
      if code == Z_STREAM_END { return .finalBlock }
      // Room was left, so zlib stopped for want of input.
      if left > 0, position == input.count || (taken == 0 && left == room) { return .inputUsed }
      step = min(stepLimit, step * 2)
    }
  }

  /// The window's content, oldest byte first.
  func dictionary() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32_768) { buffer, count in
      var length: UInt32 = 0
      let code = inflateGetDictionary(stream, buffer.baseAddress, &length)
      count = code == Z_OK ? Int(length) : 0
    }
  }

  /// Puts bytes into the window of a stream that was just reset.
  func setDictionary(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    _ = bytes.withUnsafeBufferPointer { inflateSetDictionary(stream, $0.baseAddress, UInt32($0.count)) }
  }
}

/// The end that a sender leaves out of every compressed message (RFC 7692 §7.2.1).
let messageTail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
