internal import CZlib

/// Deflates the messages of one sender (RFC 7692 §7.2.1).
///
/// A class, because it owns state of zlib that must not move or be copied: with the default memory level about 256 KiB. It
/// belongs to one connection at a time; see ``DeflateContextPool``.
public final class Deflater {
  /// The window bits that are kept to.
  public let windowBits: Int
  /// Whether messages refer back to earlier ones.
  public let contextTakeover: Bool
  /// zlib's level: -1 for its default, 0 for stored blocks, 1 (fast) to 9 (small).
  public let level: Int

  /// zlib's own choice of a memory level.
  public static let usualMemoryLevel = 8

  /// zlib's memory level, 1...9.
  public let memoryLevel: Int

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool

  /// Makes a deflater.
  ///
  /// zlib's raw deflate refuses a window of 8 bits. With 9 its distances stay at most 2^9 - 262 = 250, which a window of 8 bits
  /// holds, so 9 is taken for 8.
  ///
  /// - Parameters:
  ///   - windowBits: 8...15.
  ///   - contextTakeover: Whether messages may refer back to earlier ones.
  ///   - level: -1...9.
  ///   - memoryLevel: 1...9, zlib's trade of memory for speed.
  /// - Throws: `bad-parameter`, `out-of-memory`.
  public init(
    windowBits: Int = 15, contextTakeover: Bool = true, level: Int = 6,
    memoryLevel: Int = Deflater.usualMemoryLevel
  ) throws(DeflateError) {
    self.windowBits = windowBits
    self.contextTakeover = contextTakeover
    self.level = level
    self.memoryLevel = memoryLevel
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let isGood = (8...15).contains(windowBits) && (-1...9).contains(level) && (1...9).contains(memoryLevel)
    // A negative number of bits: raw DEFLATE, without zlib's header and checksum.
    let code =
      isGood
      ? czlib_deflate_init2(stream, Int32(level), Int32(-max(windowBits, 9)), Int32(memoryLevel)) : Z_STREAM_ERROR
    isReady = code == Z_OK
    if let error = DeflateError.from(zlibCode: code, offset: 0, message: stream.pointee.msg) { throw error }
  }

  deinit {
    if isReady { deflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Deflates one message.
  ///
  /// - Parameters:
  ///   - message: The bytes to compress, possibly none.
  ///   - output: The compressed message is appended, without the tail 00 00 FF FF.
  /// - Throws: `out-of-memory`; otherwise only what zlib rules out.
  public func deflate(_ message: RawSpan, into output: inout [UInt8]) throws(DeflateError) {
    var failure: DeflateError?
    message.withUnsafeBytes { bytes in
      do throws(DeflateError) { try deflate(bytes, into: &output) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Deflates one message from memory that the caller owns; see ``deflate(_:into:)-(RawSpan,_)``.
  public func deflate(_ message: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(DeflateError) {
    guard !message.isEmpty else {
      // An empty stored block without its tail (RFC 7692 §7.2.3.6). zlib would refuse to flush twice.
      output.append(0x00)
      return
    }
    if !contextTakeover { deflateReset(stream) }
    let start = output.count
    let bytes = message.bindMemory(to: UInt8.self)
    var position = 0
    repeat {
      let piece = min(bytes.count - position, 1 << 30)
      // The last piece is flushed to a byte boundary by an empty stored block.
      let flush = position + piece == bytes.count ? Z_SYNC_FLUSH : Z_NO_FLUSH
      stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress.map { $0 + position })
      stream.pointee.avail_in = UInt32(piece)
      try deflatePiece(flush: flush, offset: position, into: &output)
      position += piece
    } while position < bytes.count
    // The tail that every flush ends with.
    if output.count - start >= 4, output.suffix(4).elementsEqual(messageTail) { output.removeLast(4) }
  }

  private func deflatePiece(flush: Int32, offset: Int, into output: inout [UInt8]) throws(DeflateError) {
    // Room for all at once: zlib would repeat the flush if it filled its room exactly. 64 bytes for the flush itself.
    let room = Int(deflateBound(stream, UInt(stream.pointee.avail_in))) + 64
    var left = 0
    repeat {
      var code = Z_OK
      output.append(addingCapacity: room) { (added: inout OutputSpan<UInt8>) in
        added.withUnsafeMutableBufferPointer { target, count in
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(truncatingIfNeeded: room)
          code = CZlib.deflate(stream, flush)
          left = Int(stream.pointee.avail_out)
          count = room - left
        }
      }
      stream.pointee.next_out = nil
      if let error = DeflateError.from(zlibCode: code, offset: offset, message: stream.pointee.msg) { throw error }
    } while left == 0
    stream.pointee.next_in = nil
  }

  /// Forgets everything, as if new: the next message refers back to none. Only for a new connection; a sender may also do it
  /// between messages, at the price of worse compression.
  public func reset() { deflateReset(stream) }
}
