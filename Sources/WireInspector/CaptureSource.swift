import CaptureFile
import Glibc
import SystemFiles

/// A capture file that is read in chunks; also a pipe or a device.
final class CaptureSource {
  let name: String
  private let descriptor: Int32
  @exclusivity(unchecked) var reader = CaptureReader()
  private var isAtEnd = false
  private var compression = Compression.undecided
  /// Whether the bytes of the file can be read again by their offsets.
  private let isRegular: Bool
  /// Where in the file the reader's first byte stands.
  private var start: Int?
  /// Bytes read of the file as it is stored, and bytes that decompressing gave.
  private(set) var storedBytes = 0
  private var inflatedBytes = 0
  /// What was read and is not decompressed yet.
  private var compressed: ArraySlice<UInt8> = []
  /// Called before the source waits for bytes that have not come yet: what is known should be shown.
  var beforeWaiting: (() -> Void)?
  /// Why reading stopped, where the system refused to go on.
  private(set) var readError: Int32 = 0
  /// Reads the file on a thread of its own; nil: it is read here.
  private var ahead: ReadAhead?

  /// How the file is compressed, beside what the reader undoes itself.
  private enum Compression {
    case undecided, none
    case system(SystemDecompressor)
  }

  static let chunkSize = 1 << 18

  private init(name: String, descriptor: Int32, isRegular: Bool, limit: InflationLimit) {
    self.name = name
    self.descriptor = descriptor
    self.isRegular = isRegular
    reader.inflationLimit = limit
  }

  deinit {
    ahead?.stop()
    close(descriptor)
  }

  /// Reads on a thread of its own from now on, if it is a file of which nothing is waited for.
  func readAhead() {
    guard isRegular else { return }
    if case .undecided = compression { decide() }
    guard case .none = compression, !isAtEnd else { return }
    ahead = ReadAhead(descriptor, chunkSize: Self.chunkSize)
  }

  /// Opens a file; `-` is standard input.
  static func open(_ path: String, limit: InflationLimit = InflationLimit()) throws(InspectionError) -> CaptureSource {
    let descriptor: Int32
    do throws(FileFault) {
      descriptor = try InputFile.open(path)
    } catch {
      throw InspectionError(message: error.description)
    }
    var status = stat()
    let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    if kind == S_IFDIR {
      close(descriptor)
      throw InspectionError(message: "\(path): is a directory; name the captures in it")
    }
    return CaptureSource(
      name: path == "-" ? "standard input" : path, descriptor: descriptor, isRegular: kind == S_IFREG, limit: limit)
  }

  /// Where in the file the reader's buffer stands; nil where its bytes are not as they stand in the file.
  var bufferOrigin: Int? {
    guard isRegular, let start, case .none = compression, !reader.isCompressed else { return nil }
    return start + reader.bufferOffset
  }

  /// Reads bytes of the file again, into all of the memory that it is lent.
  ///
  /// - Returns: Whether they are still there.
  func reread(_ offset: Int, _ memory: UnsafeMutableRawBufferPointer) -> Bool {
    pread(descriptor, memory.baseAddress, memory.count, offset) == memory.count
  }

  /// The next event, or nil at the end.
  func next() -> CaptureEvent? {
    while true {
      if let event = reader.next() { return event }
      if isAtEnd || reader.isFinished { return nil }
      refill()
    }
  }

  /// Whether the next bytes have not come yet. Files have theirs.
  private var mayWait: Bool {
    guard !isRegular else { return false }
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 0
  }

  private func refill() {
    if let ahead { return refill(from: ahead) }
    if let beforeWaiting, mayWait { beforeWaiting() }
    switch compression {
    case .undecided: decide()
    case .none:
      var count = 0
      reader.feed(capacity: Self.chunkSize) { memory in
        count = read(memory)
        return count
      }
      if count <= 0 { end() }
    case .system(let decompressor):
      if compressed.isEmpty, !decompressor.holdsMore {
        var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
        let count = chunk.withUnsafeMutableBytes { read($0) }
        compressed = chunk[..<count]
        guard count > 0 else { return end() }
      }
      decompress(decompressor)
    }
  }

  private func refill(from ahead: ReadAhead) {
    let chunk = ahead.next()
    guard chunk.count > 0 else {
      readError = chunk.error
      return end()
    }
    storedBytes += chunk.count
    ahead.giveBack(reader.exchange(chunk.memory, ReadAhead.headroom..<ReadAhead.headroom + chunk.count))
  }

  /// Reads what there is, 0 at the end or where the reading stops.
  private func read(_ memory: UnsafeMutableRawBufferPointer) -> Int {
    let count = Self.read(descriptor, memory)
    if count < 0 { readError = errno }
    storedBytes += max(0, count)
    return max(0, count)
  }

  /// Reads what there is: 0 at the end and when the user interrupts, below 0 where the system refuses (`errno`).
  static func read(_ descriptor: Int32, _ memory: UnsafeMutableRawBufferPointer) -> Int {
    while !Interruption.isRequested {
      let count = Glibc.read(descriptor, memory.baseAddress, memory.count)
      guard count < 0 else { return count }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Whoever made the descriptor does not want reads to wait; this one does.
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&poll, 1, 100)
      default: return count
      }
    }
    return 0
  }

  /// Reads exactly so many bytes, fewer at the end.
  private func read(exactly count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    bytes.withUnsafeMutableBytes { memory in
      while filled < count {
        let more = read(UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
        guard more > 0 else { break }
        filled += more
      }
    }
    return Array(bytes.prefix(filled))
  }

  /// Looks at the first bytes. Frames that are to be passed over can come before those of zstd and lz4, and both know them.
  private func decide() {
    compression = .none
    var first = read(exactly: 4)
    while first.count == 4, first[0] & 0xF0 == 0x50, first[1...] == [0x2A, 0x4D, 0x18] {
      let size = read(exactly: 4)
      var left = size.reversed().reduce(0) { $0 << 8 | Int($1) }
      while left > 0 {
        let passed = read(exactly: min(left, Self.chunkSize)).count
        if passed == 0 { break }
        left -= passed
      }
      first = read(exactly: 4)
    }
    let format: CompressionFormat? =
      first == [0x28, 0xB5, 0x2F, 0xFD] ? .zstd : first == [0x04, 0x22, 0x4D, 0x18] ? .lz4 : nil
    if let format, let decompressor = SystemDecompressor(format) {
      compression = .system(decompressor)
      compressed = first[...]
    } else {
      // The descriptor may have been read from before.
      let position = Int(lseek(descriptor, 0, Int32(SEEK_CUR)))
      start = position < first.count ? nil : position - first.count
      reader.feed(first)
      if first.count < 4 { end() }
    }
  }

  private func decompress(_ decompressor: SystemDecompressor) {
    let offset = storedBytes - compressed.count
    let before = inflatedBytes
    let consumed = compressed.withUnsafeBytes { raw in
      decompressor.decompress(raw) { piece in
        reader.feed(piece)
        inflatedBytes += piece.byteCount
      }
    }
    guard let consumed, consumed > 0 || inflatedBytes > before || compressed.isEmpty else {
      return fail(.invalidCompression(decompressor.format), at: offset)
    }
    compressed = compressed.dropFirst(consumed)
    if reader.inflationLimit.isExceeded(compressed: storedBytes - compressed.count, inflated: inflatedBytes) {
      fail(.inflationLimit(decompressor.format, ratio: reader.inflationLimit.ratio), at: offset + consumed)
    }
  }

  private func fail(_ fault: CaptureFault, at offset: Int) {
    isAtEnd = true
    reader.finish(after: CaptureFinding(fault: fault, offset: offset))
  }

  private func end() {
    isAtEnd = true
    if case .system(let decompressor) = compression, !decompressor.isAtEnd {
      return fail(.truncatedCompression(decompressor.format), at: storedBytes)
    }
    reader.finish()
  }
}

/// Why an inspection cannot begin.
package struct InspectionError: Error, Sendable {
  /// One line: what, where, what to do.
  package var message: String

  package init(message: String) { self.message = message }
}
