internal import CZlib

/// Makes one gzip member (RFC 1952) in a stream. A class because zlib's state must not move.
public final class GzipWriter {
  private let stream: UnsafeMutablePointer<z_stream>
  private var ready: Bool

  /// Makes a writer at zlib's default level. The member names no file and no time, so equal input gives equal output.
  public init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, plus 16 for gzip; 8 is zlib's default memory level.
    ready = czlib_deflate_init2(stream, Z_DEFAULT_COMPRESSION, 31, 8) == Z_OK
  }

  deinit {
    if ready { deflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Compresses bytes and appends what is ready to `output`. False if zlib could not get memory, or after ``finish(into:)``.
  public func write(_ bytes: RawSpan, into output: inout [UInt8]) -> Bool {
    guard ready else { return false }
    return bytes.withUnsafeBytes { deflateAll($0, flush: Z_NO_FLUSH, into: &output) }
  }

  /// Ends the member and appends the rest to `output`. False if zlib could not get memory, or when called twice.
  public func finish(into output: inout [UInt8]) -> Bool {
    guard ready else { return false }
    let done = deflateAll(UnsafeRawBufferPointer(start: nil, count: 0), flush: Z_FINISH, into: &output)
    deflateEnd(stream)
    ready = false
    return done
  }

  private func deflateAll(_ input: UnsafeRawBufferPointer, flush: Int32, into output: inout [UInt8]) -> Bool {
    var rest = input[...]
    repeat {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      rest = rest.dropFirst(piece.count)
      // zlib does not write through next_in; its type merely lacks the const.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(piece.count)
      var full = true
      while full {
        let room = 16_384
        var code = Z_OK
        output.append(addingCapacity: room) { (added: inout OutputSpan<UInt8>) in
          added.withUnsafeMutableBufferPointer { target, count in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = UInt32(room)
            code = deflate(stream, flush)
            count = room - Int(stream.pointee.avail_out)
          }
        }
        full = stream.pointee.avail_out == 0
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return false }
      }
    } while !rest.isEmpty
    stream.pointee.next_in = nil
    stream.pointee.next_out = nil
    return true
  }
}
