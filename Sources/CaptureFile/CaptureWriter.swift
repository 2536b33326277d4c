/// Writes pcap or pcapng, if wanted compressed with gzip. Bytes out; the caller does the I/O.
///
/// Everything written is little-endian. A pcapng file is one section; its timestamps are in nanoseconds.
public struct CaptureWriter: ~Copyable {
  /// The format of a file to write.
  public enum Format: String, CaseIterable, Sendable {
    /// pcap with microseconds: what every tool reads. Nanoseconds are cut off.
    case pcapMicroseconds
    /// pcap with nanoseconds.
    case pcapNanoseconds
    /// pcapng: several interfaces, secrets.
    case pcapng
  }

  /// The bytes written and not yet taken.
  public private(set) var bytes: [UInt8] = []

  private let format: Format
  private let gzip: GzipWriter?
  private var block: [UInt8] = []
  private var interfaceCount = 0
  private var isFinished = false

  /// Begins a file.
  ///
  /// A pcap file takes its link type and snap length from the one interface, which must be added before the first packet.
  public init(format: Format, compressed: Bool = false) {
    self.format = format
    gzip = compressed ? GzipWriter() : nil
    guard format == .pcapng else { return }
    // Type, length 28, byte-order magic, version 1.0, section length unknown.
    put32(0x0A0D_0D0A)
    put32(28)
    put32(0x1A2B_3C4D)
    put16(1)
    put16(0)
    put64(.max)
    put32(28)
    _ = flush()
  }

  /// Describes an interface; its number is given back, for ``write(_:timestampNanoseconds:interface:originalLength:)``.
  ///
  /// The interface's timestamp resolution is not used: pcapng packets are written in nanoseconds.
  public mutating func addInterface(_ interface: CaptureInterface) throws(CaptureWriteError) -> Int {
    guard !isFinished else { throw .finished }
    guard format == .pcapng || interfaceCount == 0 else { throw .singleInterface }
    if format == .pcapng { putInterface(interface) } else { putFileHeader(interface) }
    guard flush() else { throw .outOfMemory }
    interfaceCount += 1
    return interfaceCount - 1
  }

  /// Writes a packet.
  ///
  /// - Parameters:
  ///   - data: The packet's bytes, at most ``CaptureReader/maximumRecordLength``.
  ///   - timestampNanoseconds: Nanoseconds since 1970, not negative; in pcap below 2^32 seconds.
  ///   - interface: A number that ``addInterface(_:)`` gave.
  ///   - originalLength: The packet's length before it was cut, or nil if it was not.
  public mutating func write(
    _ data: RawSpan, timestampNanoseconds: Int64, interface: Int = 0, originalLength: Int? = nil
  ) throws(CaptureWriteError) {
    guard !isFinished else { throw .finished }
    guard interface >= 0, interface < interfaceCount else { throw .unknownInterface(interface) }
    guard data.byteCount <= Int(CaptureReader.maximumRecordLength) else { throw .packetTooLong(data.byteCount) }
    guard let original = UInt32(exactly: originalLength ?? data.byteCount), original >= UInt32(data.byteCount) else {
      throw .badOriginalLength(originalLength ?? data.byteCount)
    }
    guard timestampNanoseconds >= 0 else { throw .timestampOutOfRange(timestampNanoseconds) }
    if format == .pcapng {
      putEnhancedPacket(data, time: UInt64(timestampNanoseconds), interface: UInt32(interface), original: original)
    } else {
      let (seconds, nanoseconds) = timestampNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      guard let seconds = UInt32(exactly: seconds) else { throw .timestampOutOfRange(timestampNanoseconds) }
      put32(seconds)
      put32(UInt32(format == .pcapNanoseconds ? nanoseconds : nanoseconds / 1_000))
      put32(UInt32(data.byteCount))
      put32(original)
      put(data)
    }
    guard flush() else { throw .outOfMemory }
  }

  /// Writes secrets, for instance a TLS key log. They should stand before the packets that need them. pcapng only.
  public mutating func writeSecrets(_ secrets: CaptureSecrets) throws(CaptureWriteError) {
    guard !isFinished else { throw .finished }
    guard format == .pcapng else { throw .secretsUnsupported }
    let length = 20 + padded(secrets.data.count)
    guard length <= Int(PcapngParser.maximumBlockLength) else { throw .packetTooLong(secrets.data.count) }
    put32(10)
    put32(UInt32(length))
    put32(secrets.type)
    put32(UInt32(secrets.data.count))
    putPadded(secrets.data.span.bytes)
    put32(UInt32(length))
    guard flush() else { throw .outOfMemory }
  }

  /// Ends the file: needed for a compressed one, harmless else.
  public mutating func finish() throws(CaptureWriteError) {
    guard !isFinished else { return }
    isFinished = true
    guard let gzip else { return }
    guard gzip.finish(into: &bytes) else { throw .outOfMemory }
  }

  /// The bytes that are ready to go to the file; each is given once.
  public mutating func takeBytes() -> [UInt8] {
    let ready = bytes
    bytes = []
    return ready
  }

  // MARK: - Parts of the formats

  private mutating func putFileHeader(_ interface: CaptureInterface) {
    put32(format == .pcapNanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4)
    put16(2)
    put16(4)
    put64(0)
    put32(interface.snapLength)
    let checkSequence = UInt32(min(max(interface.frameCheckSequenceLength, 0), 30) / 2)
    put32(UInt32(interface.linkType) | (checkSequence == 0 ? 0 : checkSequence << 28 | 0x0400_0000))
  }

  private mutating func putInterface(_ interface: CaptureInterface) {
    let name = Array(interface.name.utf8.prefix(Int(UInt16.max)))
    let checkSequence = UInt8(min(max(interface.frameCheckSequenceLength, 0), 15))
    var length = 20 + 8 + 4
    if !name.isEmpty { length += 4 + padded(name.count) }
    if checkSequence > 0 { length += 8 }
    put32(1)
    put32(UInt32(length))
    put16(interface.linkType)
    put16(0)
    put32(interface.snapLength)
    if !name.isEmpty {
      put16(2)
      put16(UInt16(name.count))
      putPadded(name.span.bytes)
    }
    // if_tsresol: 9, one byte, nanoseconds.
    put16(9)
    put16(1)
    put32(9)
    if checkSequence > 0 {
      put16(13)
      put16(1)
      put32(UInt32(checkSequence))
    }
    put32(0)
    put32(UInt32(length))
  }

  private mutating func putEnhancedPacket(_ data: RawSpan, time: UInt64, interface: UInt32, original: UInt32) {
    let length = UInt32(32 + padded(data.byteCount))
    put32(6)
    put32(length)
    put32(interface)
    put32(UInt32(truncatingIfNeeded: time >> 32))
    put32(UInt32(truncatingIfNeeded: time))
    put32(UInt32(data.byteCount))
    put32(original)
    putPadded(data)
    put32(length)
  }

  /// Moves what was assembled to the output, through gzip if wanted.
  private mutating func flush() -> Bool {
    guard let gzip else { return true }
    // Swapped out and back, which keeps the storage, because a span of one member borrows the whole writer.
    var assembled: [UInt8] = []
    swap(&assembled, &block)
    let written = gzip.write(assembled.span.bytes, into: &bytes)
    assembled.removeAll(keepingCapacity: true)
    swap(&assembled, &block)
    return written
  }

  private mutating func put(_ data: RawSpan) {
    data.withUnsafeBytes { source in
      if gzip == nil { bytes.append(contentsOf: source) } else { block.append(contentsOf: source) }
    }
  }

  private mutating func putPadded(_ data: RawSpan) {
    put(data)
    for _ in data.byteCount..<padded(data.byteCount) { putInteger(UInt8(0)) }
  }

  private mutating func put16(_ value: UInt16) { putInteger(value.littleEndian) }
  private mutating func put32(_ value: UInt32) { putInteger(value.littleEndian) }
  private mutating func put64(_ value: UInt64) { putInteger(value.littleEndian) }

  private mutating func putInteger<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { source in
      if gzip == nil { bytes.append(contentsOf: source) } else { block.append(contentsOf: source) }
    }
  }
}
