/// Reads pcap, pcapng and gzip of both, in a stream: bytes in, records out.
///
/// The caller does the I/O: it passes chunks of any size to ``feed(_:)``, after each takes events with ``next()`` until that
/// gives nil, calls ``finish()`` at the end of the file, and takes the last events. The format is recognised by its magic number.
/// The reader keeps no more than a chunk and an unfinished record (at most 16 MiB), whatever the file says.
///
/// Everything before damage is given. Damage that hides where the next record begins ends the reading.
public struct CaptureReader: ~Copyable {
  /// A pcap record that claims to be longer is refused as corrupt: the limit of libpcap and of all that write files with it.
  public static let maximumRecordLength: UInt32 = 262_144

  /// The format of a capture file.
  public enum Format: String, Sendable {
    case pcap, pcapng
  }

  /// The bytes that ``CaptureRecord/data`` is a range of. Any mutating call may change them.
  public private(set) var buffer: [UInt8] = []

  /// The interfaces of the section being read, as far as they have been described.
  public private(set) var interfaces: [CaptureInterface] = []

  /// The format, or nil as long as it is not known.
  public private(set) var format: Format?

  /// The number of records given so far.
  public private(set) var recordCount = 0

  /// The number of records so far that hold fewer bytes than their packet had.
  public private(set) var cutRecordCount = 0

  /// Whether nothing more comes: the end was reached, or damage.
  public private(set) var isFinished = false

  private var head = 0
  /// The offset of `head` in the uncompressed file.
  private var fileOffset = 0
  private var bytesToDiscard = 0
  private var inputEnded = false
  private var container = Container.undecided
  private var compressionFailure: CaptureFinding?
  private var inflatedBytes = 0
  private var pcap: PcapParser?
  private var pcapng = PcapngParser()
  private var waiting: [CaptureEvent] = []
  private var reportedTimestamp = false

  private enum Container {
    case undecided, plain
    case gzip(GzipReader)
  }

  /// How many bytes are uncompressed at a time.
  private static let inflateStep = 65_536

  /// How much compressed data may grow.
  public var inflationLimit = InflationLimit()

  /// Makes a reader at the start of a file.
  public init() {}

  /// Whether the file is compressed.
  public var isCompressed: Bool {
    if case .gzip = container { true } else { false }
  }

  /// The number of sections of a pcapng file begun so far; 1 for a pcap file once its header is read.
  public var sectionCount: Int { format == .pcap ? 1 : pcapng.sections }

  /// The record's bytes, lent to `body`. Only for the record that ``next()`` gave last.
  public borrowing func withBytes<Result>(of record: CaptureRecord, _ body: (RawSpan) throws -> Result) rethrows
    -> Result
  {
    try body(buffer.span.bytes.extracting(record.data))
  }

  /// Takes in the next bytes of the file. Ranges of earlier records become invalid.
  public mutating func feed(_ bytes: RawSpan) {
    guard !isFinished, !inputEnded, bytes.byteCount > 0 else { return }
    if case .gzip(let gzip) = container { return gzip.feed(bytes) }
    compact()
    bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    if case .undecided = container, buffer.count >= 2 { decideContainer() }
  }

  /// Takes in the next bytes of the file.
  public mutating func feed(_ bytes: [UInt8]) { feed(bytes.span.bytes) }

  /// Takes in the next bytes of the file, which are written into the reader's own memory, so that they need not be copied.
  ///
  /// - Parameters:
  ///   - capacity: How many bytes there may be.
  ///   - read: Writes bytes to the start of the memory that it is lent, and gives their number (0 or less for none). Called once, but
  ///     not when the reading is finished.
  public mutating func feed(capacity: Int, _ read: (UnsafeMutableRawBufferPointer) -> Int) {
    guard !isFinished, !inputEnded else { return }
    func append(to bytes: inout [UInt8]) {
      bytes.append(addingCapacity: capacity) { span in
        span.withUnsafeMutableBufferPointer { memory, count in
          count = max(0, read(UnsafeMutableRawBufferPointer(memory)))
        }
      }
    }
    if case .gzip(let gzip) = container {
      var bytes: [UInt8] = []
      append(to: &bytes)
      gzip.feed(bytes.span.bytes)
    } else {
      compact()
      append(to: &buffer)
      if case .undecided = container, buffer.count >= 2 { decideContainer() }
    }
  }

  /// Takes in the next bytes of the file by keeping the memory that they are in, where that can be, so that they need not be copied.
  ///
  /// - Parameters:
  ///   - chunk: The memory. What comes before the bytes may be written over.
  ///   - range: Where the bytes are in it.
  /// - Returns: Memory that is not needed any more, for the bytes after these.
  package mutating func exchange(_ chunk: consuming [UInt8], _ range: Range<Int>) -> [UInt8] {
    let left = buffer.count - head
    guard case .plain = container, !isFinished, !inputEnded, !range.isEmpty, left <= range.lowerBound else {
      feed(chunk.span.bytes.extracting(range))
      return chunk
    }
    chunk.removeLast(chunk.count - range.upperBound)
    chunk.replaceSubrange(range.lowerBound - left..<range.lowerBound, with: buffer[head...])
    swap(&buffer, &chunk)
    head = range.lowerBound - left
    return chunk
  }

  /// Says that the file has no more bytes. Call ``next()`` afterwards until it gives nil.
  public mutating func finish() { inputEnded = true }

  /// Says that the file has no more bytes because what undoes its compression failed; the finding is the last event.
  public mutating func finish(after failure: CaptureFinding) {
    inputEnded = true
    if compressionFailure == nil { compressionFailure = failure }
  }

  /// The next event, or nil when more bytes are needed or the reading is finished. Ranges of earlier records become invalid.
  public mutating func next() -> CaptureEvent? {
    while true {
      if !waiting.isEmpty { return waiting.removeFirst() }
      if isFinished { return nil }
      if bytesToDiscard > 0 { discard() }
      let step = bytesToDiscard > 0 ? .needs(bytesToDiscard) : parse()
      switch step {
      case .needs(let count):
        if refill() { continue }
        guard inputEnded || compressionFailure != nil else { return nil }
        concludeInput(missing: count - (buffer.count - head))
      case .consumed(let count): consume(count)
      case .discard(let count): bytesToDiscard = count
      case .packet(let packet, let consumed): return .record(record(packet, consumed: consumed))
      case .secrets(let type, let range, let consumed):
        let data = Array(buffer[head + range.lowerBound..<head + range.upperBound])
        consume(consumed)
        return .secrets(CaptureSecrets(type: type, data: data))
      case .drops(let interface, let count, let consumed):
        let finding = CaptureFinding(fault: .drops(interface: interface, count: count), offset: fileOffset)
        consume(consumed)
        return .finding(finding)
      case .unusable(let fault, let offset, let consumed):
        let finding = CaptureFinding(fault: fault, offset: fileOffset + offset)
        consume(consumed)
        return .finding(finding)
      case .broken(let fault, let offset):
        isFinished = true
        return .finding(CaptureFinding(fault: fault, offset: fileOffset + offset))
      }
    }
  }

  /// Gives the records that lie one behind the other in the bytes that were read, as long as each is whole, and nothing is to be told
  /// but itself: what ``next()`` would give, with less work. ``next()`` may still have something behind them.
  ///
  /// - Parameter body: Is lent a record and its bytes, and says whether to go on. It must not touch the reader.
  package mutating func withRecords(_ body: (CaptureRecord, RawSpan) -> Bool) {
    guard waiting.isEmpty, !isFinished, bytesToDiscard == 0 else { return }
    // A copy of the reference: the reader changes while its bytes are lent out.
    let memory = buffer
    let bytes = memory.span.bytes
    if let pcap {
      while case .packet(let packet, let consumed) = pcap.step(
        bytes.extracting(head..<memory.count), limit: Self.maximumRecordLength),
        packet.data.count >= Int(packet.originalLength)
      {
        let record = record(packet, consumed: consumed)
        guard body(record, bytes.extracting(record.data)) else { return }
      }
    } else if format == .pcapng {
      let parser = pcapng
      let interfaces = interfaces
      while case .packet(let packet, let consumed)? = parser.packetStep(
        bytes.extracting(head..<memory.count), interfaces: interfaces),
        packet.data.count >= Int(packet.originalLength), packet.dropped == 0, case .nanoseconds = packet.timestamp
      {
        let record = record(packet, consumed: consumed)
        guard body(record, bytes.extracting(record.data)) else { return }
      }
    }
  }

  /// The offset of ``buffer`` in the uncompressed file.
  package var bufferOffset: Int { fileOffset - head }

  private mutating func parse() -> ParseStep {
    if format == .pcapng { return Self.parseBlock(buffer, from: head, parser: &pcapng, interfaces: &interfaces) }
    if let pcap {
      return pcap.step(buffer.span.bytes.extracting(head..<buffer.count), limit: Self.maximumRecordLength)
    }
    // A copy of the reference, once a file: recognising changes the reader while the bytes are lent out.
    let start = buffer
    return recognize(start.span.bytes.extracting(head..<start.count))
  }

  /// Apart from the reader, so that its bytes can be lent out while the other two are changed.
  private static func parseBlock(
    _ buffer: [UInt8], from head: Int, parser: inout PcapngParser, interfaces: inout [CaptureInterface]
  ) -> ParseStep {
    parser.step(buffer.span.bytes.extracting(head..<buffer.count), interfaces: &interfaces)
  }
}

extension CaptureReader {
  /// Reads the magic number, and a pcap file's header.
  private mutating func recognize(_ bytes: RawSpan) -> ParseStep {
    guard bytes.byteCount >= 4 else { return .needs(4) }
    let magic = ByteOrder.big.uint32(bytes, at: 0)
    if magic == PcapngParser.sectionHeader {
      format = .pcapng
      return .consumed(0)
    }
    guard PcapParser.recognizes(magic) else { return .broken(.unknownMagic(magic), at: 0) }
    guard bytes.byteCount >= PcapParser.headerLength else { return .needs(PcapParser.headerLength) }
    switch PcapParser.make(header: bytes) {
    case .failure(let failure): return .broken(failure.fault, at: failure.offset)
    case .success(let parser):
      pcap = parser
      format = .pcap
      interfaces = [parser.interface]
      return .consumed(PcapParser.headerLength)
    }
  }

  @inline(__always)
  private mutating func record(_ packet: ParsedPacket, consumed: Int) -> CaptureRecord {
    recordCount += 1
    let captured = packet.data.count
    let record = CaptureRecord(
      number: recordCount, timestampNanoseconds: nanoseconds(packet.timestamp), linkType: packet.linkType,
      interface: packet.interface, originalLength: Int(packet.originalLength),
      frameCheckSequenceLength: packet.frameCheckSequenceLength, fileOffset: fileOffset,
      data: head + packet.data.lowerBound..<head + packet.data.upperBound)
    if captured < Int(packet.originalLength) {
      cutRecordCount += 1
      if cutRecordCount == 1 {
        announce(.cutPacket(captured: UInt32(truncatingIfNeeded: captured), original: packet.originalLength))
      }
    }
    if packet.dropped > 0 {
      let known = interfaces[packet.interface].droppedPackets
      interfaces[packet.interface].droppedPackets = known.addingReportingOverflow(packet.dropped).partialValue
      announce(.drops(interface: packet.interface, count: packet.dropped))
    }
    consume(consumed)
    return record
  }

  @inline(__always)
  private mutating func nanoseconds(_ timestamp: PacketTimestamp) -> Int64? {
    switch timestamp {
    case .nanoseconds(let value): return value
    case .absent: return nil
    case .outOfRange:
      if !reportedTimestamp { announce(.timestampOutOfRange) }
      reportedTimestamp = true
      return nil
    }
  }

  /// Queues a finding about the record that is being read.
  private mutating func announce(_ fault: CaptureFault) {
    waiting.append(.finding(CaptureFinding(fault: fault, offset: fileOffset, recordNumber: recordCount)))
  }

  private mutating func consume(_ count: Int) {
    head += count
    fileOffset += count
  }

  private mutating func discard() {
    let count = min(bytesToDiscard, buffer.count - head)
    consume(count)
    bytesToDiscard -= count
  }

  /// Drops the bytes before `head`, which have been read.
  private mutating func compact() {
    guard head > 0 else { return }
    if head == buffer.count { buffer.removeAll(keepingCapacity: true) } else { buffer.removeSubrange(0..<head) }
    head = 0
  }

  /// Looks for gzip's magic number, with at least two bytes there (or all that the file has).
  private mutating func decideContainer() {
    guard buffer.count >= 2, buffer[0] == 0x1F, buffer[1] == 0x8B else {
      container = .plain
      return
    }
    let gzip = GzipReader()
    gzip.feed(buffer.span.bytes)
    buffer.removeAll(keepingCapacity: true)
    container = .gzip(gzip)
  }

  /// Uncompresses a little more, if the file is compressed. True if there are new bytes.
  private mutating func refill() -> Bool {
    guard case .gzip(let gzip) = container, compressionFailure == nil else { return false }
    compact()
    let before = buffer.count
    if case .failed(let fault, let offset) = gzip.read(into: &buffer, atMost: Self.inflateStep) {
      compressionFailure = CaptureFinding(fault: fault, offset: offset)
    }
    inflatedBytes += buffer.count - before
    if inflationLimit.isExceeded(compressed: gzip.consumedBytes, inflated: inflatedBytes) {
      compressionFailure = CaptureFinding(
        fault: .inflationLimit(.gzip, ratio: inflationLimit.ratio), offset: gzip.consumedBytes)
    }
    // Good bytes may come before the fault in one step.
    return buffer.count > before
  }

  /// The end of the input: says what is missing, if anything is. An incomplete record behind bad gzip data is its consequence.
  private mutating func concludeInput(missing: Int) {
    isFinished = true
    if let compressionFailure { return waiting.append(.finding(compressionFailure)) }
    if case .gzip(let gzip) = container, !gzip.isAtMemberEnd {
      return waiting.append(.finding(CaptureFinding(fault: .truncatedGzip, offset: gzip.consumedBytes)))
    }
    let left = buffer.count - head
    let fault: CaptureFault
    if format == nil {
      fault = left == 0 ? .empty : couldBecomeMagic() ? .truncatedHeader(missing: missing) : .unknownMagic(shortMagic())
    } else if left == 0, bytesToDiscard == 0, sectionCount > 0 {
      return
    } else {
      fault = sectionCount == 0 ? .truncatedHeader(missing: missing) : .truncatedRecord(missing: missing)
    }
    waiting.append(.finding(CaptureFinding(fault: fault, offset: fileOffset + left)))
  }

  /// Whether the fewer than 24 bytes of the whole file begin a known format.
  private func couldBecomeMagic() -> Bool {
    let starts: [[UInt8]] = [
      [0xA1, 0xB2, 0xC3, 0xD4], [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D], [0x4D, 0x3C, 0xB2, 0xA1],
      [0xA1, 0xB2, 0xCD, 0x34], [0x34, 0xCD, 0xB2, 0xA1], [0x0A, 0x0D, 0x0D, 0x0A], [0x1F, 0x8B],
    ]
    return starts.contains { start in zip(start, buffer[head...]).allSatisfy { $0 == $1 } }
  }

  /// The bytes of a file of fewer than four, as the first of a magic number.
  private func shortMagic() -> UInt32 {
    (0..<4).reduce(0) { $0 << 8 | (head + $1 < buffer.count ? UInt32(buffer[head + $1]) : 0) }
  }
}
