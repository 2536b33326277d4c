import CaptureFile
import Glibc

/// Undoes zstd (RFC 8878) and lz4 (its frame format) by the system's libraries, where they are installed: loaded when the first such file
/// comes, so that nobody needs them who has none.
final class SystemDecompressor {
  let format: CompressionFormat
  private let library: UnsafeMutableRawPointer
  private var step: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Step
  private var release: () -> Void
  /// Whether what was taken in so far ends where compressed data may end.
  private(set) var isAtEnd = true
  /// Whether the library may have more to give of what it has taken in.
  private(set) var holdsMore = false

  /// What one call of a library came to.
  private enum Step {
    /// So many bytes were taken and given; `isAtEnd` after the last of a frame.
    case done(consumed: Int, produced: Int, isAtEnd: Bool)
    case failed
  }

  /// Nil where the system has no library for the format.
  init?(_ format: CompressionFormat) {
    self.format = format
    let name = format == .zstd ? "libzstd.so.1" : "liblz4.so.1"
    guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL),
      let calls = format == .zstd ? Self.zstd(library) : Self.lz4(library)
    else { return nil }
    self.library = library
    step = calls.step
    release = calls.release
  }

  deinit {
    release()
    dlclose(library)
  }

  /// Decompresses a part of some bytes, to so many that a file cannot fill the memory.
  ///
  /// - Parameters:
  ///   - bytes: The next compressed bytes; may be empty while ``holdsMore``.
  ///   - take: Is given what came of them, if anything did.
  /// - Returns: How many bytes were used; nil if they are bad.
  func decompress(_ bytes: UnsafeRawBufferPointer, _ take: (RawSpan) -> Void) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 8) { piece in
      guard case .done(let consumed, let produced, let isAtEnd) = step(bytes, piece) else { return nil }
      // A call without input at the end of a frame begins no new one.
      if consumed > 0 || produced > 0 { self.isAtEnd = isAtEnd }
      holdsMore = produced == piece.count
      if produced > 0 { take(UnsafeRawBufferPointer(rebasing: piece[..<produced]).bytes) }
      return consumed
    }
  }

  // MARK: The libraries

  private typealias Calls = (step: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Step, release: () -> Void)

  private static func symbol<Function>(_ library: UnsafeMutableRawPointer, _ name: String, as: Function.Type)
    -> Function?
  {
    dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
  }

  /// `ZSTD_inBuffer` and `ZSTD_outBuffer`: where, how much, and how much of it is used.
  private struct Buffer {
    var start: UnsafeRawPointer?
    var size: Int
    var position = 0
  }

  private static func zstd(_ library: UnsafeMutableRawPointer) -> Calls? {
    guard
      let create = symbol(library, "ZSTD_createDStream", as: (@convention(c) () -> OpaquePointer?).self),
      let free = symbol(library, "ZSTD_freeDStream", as: (@convention(c) (OpaquePointer?) -> Int).self),
      let isError = symbol(library, "ZSTD_isError", as: (@convention(c) (Int) -> UInt32).self),
      let decompress = symbol(
        library, "ZSTD_decompressStream",
        as: (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int).self),
      let stream = create()
    else { return nil }
    return (
      { source, target in
        var input = Buffer(start: source.baseAddress, size: source.count)
        var output = Buffer(start: target.baseAddress.map { UnsafeRawPointer($0) }, size: target.count)
        let code = decompress(stream, &output, &input)
        return isError(code) != 0
          ? .failed : .done(consumed: input.position, produced: output.position, isAtEnd: code == 0)
      }, { _ = free(stream) }
    )
  }

  private static func lz4(_ library: UnsafeMutableRawPointer) -> Calls? {
    guard
      let create = symbol(
        library, "LZ4F_createDecompressionContext",
        as: (@convention(c) (UnsafeMutablePointer<OpaquePointer?>, UInt32) -> Int).self),
      let free = symbol(library, "LZ4F_freeDecompressionContext", as: (@convention(c) (OpaquePointer?) -> Int).self),
      let isError = symbol(library, "LZ4F_isError", as: (@convention(c) (Int) -> UInt32).self),
      let decompress = symbol(
        library, "LZ4F_decompress",
        as: (@convention(c) (
          OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>, UnsafeRawPointer?,
          UnsafeMutablePointer<Int>,
          UnsafeRawPointer?
        ) -> Int).self)
    else { return nil }
    var context: OpaquePointer?
    // The version of the library's interface, LZ4F_VERSION.
    guard isError(create(&context, 100)) == 0, let context else { return nil }
    return (
      { source, target in
        var consumed = source.count
        var produced = target.count
        let code = decompress(context, target.baseAddress, &produced, source.baseAddress, &consumed, nil)
        return isError(code) != 0 ? .failed : .done(consumed: consumed, produced: produced, isAtEnd: code == 0)
      }, { _ = free(context) }
    )
  }
}
