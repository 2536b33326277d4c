import SystemFiles

/// Collects bytes and writes them to a file descriptor in large pieces.
final class OutputBuffer {
  private let descriptor: Int32
  private let buffer: UnsafeMutablePointer<UInt8>
  private var count = 0
  /// The error number of a write that failed; nothing is written after it.
  private(set) var failure: Int32 = 0

  static let capacity = 1 << 18

  init(descriptor: Int32) {
    self.descriptor = descriptor
    buffer = .allocate(capacity: Self.capacity)
  }

  deinit { buffer.deallocate() }

  /// Room for so many bytes, at most ``capacity``; the caller says with ``advance(_:)`` how many it used.
  @inline(__always)
  func room(_ wanted: Int) -> UnsafeMutablePointer<UInt8> {
    if count &+ wanted > Self.capacity { flush() }
    return buffer + count
  }

  @inline(__always)
  func advance(_ used: Int) { count &+= used }

  func flush() {
    if failure == 0 {
      failure =
        count > 0
        ? OutputFile.write(UnsafeRawBufferPointer(start: buffer, count: count), to: descriptor)
        : OutputFile.lackOfReader(of: descriptor)
    }
    count = 0
  }

  @inline(__always)
  func byte(_ value: UInt8) {
    room(1)[0] = value
    count &+= 1
  }

  @inline(__always)
  func text(_ value: StaticString) {
    let size = value.utf8CodeUnitCount
    room(size).update(from: value.utf8Start, count: size)
    count &+= size
  }

  func text(_ value: String) {
    var value = value
    value.withUTF8 { bytes($0) }
  }

  func bytes(_ source: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    while offset < source.count, let base = source.baseAddress {
      let part = min(source.count - offset, Self.capacity / 2)
      room(part).update(from: base + offset, count: part)
      count += part
      offset += part
    }
  }

  func number(_ value: Int64) {
    if value < 0 { byte(0x2D) }
    number(value.magnitude)
  }

  func number(_ value: UInt64) {
    let target = room(20)
    var rest = value
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20, rest >= bound {
      digits += 1
      if digits < 20 { bound &*= 10 }
    }
    var index = digits
    repeat {
      index -= 1
      target[index] = UInt8(truncatingIfNeeded: 0x30 &+ rest % 10)
      rest /= 10
    } while index > 0
    count += digits
  }

  /// Nanoseconds as seconds with nine decimals, exactly.
  func seconds(_ nanoseconds: Int64) {
    if nanoseconds < 0 { byte(0x2D) }
    let magnitude = nanoseconds.magnitude
    number(magnitude / 1_000_000_000)
    byte(0x2E)
    let target = room(9)
    var rest = magnitude % 1_000_000_000
    var index = 9
    while index > 0 {
      index -= 1
      target[index] = UInt8(truncatingIfNeeded: 0x30 &+ rest % 10)
      rest /= 10
    }
    count += 9
  }

  /// A string of JSON with its quotation marks.
  func json(_ value: String) {
    byte(0x22)
    var value = value
    value.withUTF8 { escapedJSON($0) }
    byte(0x22)
  }

  /// UTF-8 as it stands in a string of JSON (``JSONEscaping``).
  func escapedJSON(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    var offset = 0
    while offset < bytes.count {
      var end = min(bytes.count, offset + 1 << 14)
      // A piece ends between characters.
      while end < bytes.count, end > offset + 1, base[end] & 0xC0 == 0x80 { end -= 1 }
      advance(JSONEscaping.escape(base + offset, end - offset, to: room((end - offset) * JSONEscaping.largestFactor)))
      offset = end
    }
  }

  /// Base64 with padding (RFC 4648 §4).
  func base64(_ source: RawSpan) {
    var offset = 0
    // Pieces of a multiple of three bytes, so that padding comes at the end only.
    let piece = 3 << 14
    while offset < source.byteCount {
      let part = source.extracting(offset..<min(source.byteCount, offset + piece))
      let target = room((part.byteCount + 2) / 3 * 4)
      count += part.withUnsafeBytes { Base64Encoding.encode($0, to: target) }
      offset += piece
    }
  }
}
