/// One direction of a TLS connection as bytes: finds the records in it, also behind bytes that are missing.
struct RecordStream {
  /// What stands next in the stream.
  enum Step {
    /// More bytes are needed.
    case needsMore
    /// A whole record: in ``buffer``.
    case record(type: UInt8, version: UInt16, body: Range<Int>)
    /// No record can begin here.
    case strange
  }

  /// Records may be this long (RFC 5246 §6.2.3; those of TLS 1.3 are shorter).
  static let longestBody = (1 << 14) + 2048

  /// What has come and is not used up: from ``start`` on.
  private(set) var buffer: [UInt8] = []
  private(set) var start = 0
  /// The number of bytes of the stream before ``start``.
  private(set) var offset = 0
  /// Bytes of a record that is lost which are still to come.
  private var bytesToPass = 0
  /// Whether the place of the next record is not known.
  private(set) var isSearching = false
  /// How many bytes of the stream there are from the last record that is known to the beginning of ``buffer``, while searching.
  private(set) var lostBytes = 0

  /// Takes in the next bytes.
  mutating func append(_ bytes: RawSpan) {
    let passed = min(bytesToPass, bytes.byteCount)
    bytesToPass -= passed
    offset += passed
    if start > 0 {
      if start == buffer.count { buffer.removeAll(keepingCapacity: true) } else { buffer.removeFirst(start) }
      start = 0
    }
    bytes.extracting(passed...).withUnsafeBytes { buffer.append(contentsOf: $0) }
  }

  /// What stands at the beginning. A record is given again until ``pass(_:)`` was called for it.
  func next() -> Step {
    guard buffer.count - start >= ProtectedRecord.headerLength else { return .needsMore }
    guard let length = Self.bodyLength(buffer, at: start) else { return .strange }
    let body = start + ProtectedRecord.headerLength
    guard buffer.count - body >= length else { return .needsMore }
    return .record(
      type: buffer[start], version: UInt16(buffer[start + 1]) << 8 | UInt16(buffer[start + 2]),
      body: body..<body + length)
  }

  /// Goes past bytes at the beginning.
  mutating func pass(_ count: Int) {
    start += count
    offset += count
  }

  /// Goes past a record of which only the beginning is there, so that it need not be kept.
  ///
  /// - Returns: The length of its body; nil where its header is not there.
  mutating func passIncomplete() -> Int? {
    let known = buffer.count - start
    guard known >= ProtectedRecord.headerLength, let length = Self.bodyLength(buffer, at: start) else { return nil }
    pass(known)
    bytesToPass = ProtectedRecord.headerLength + length - known
    return length
  }

  /// Whether a record of application data begins here, which is protected in every version.
  var startsProtected: Bool { start < buffer.count && buffer[start] == 23 }

  /// Whether bytes of a record have come that is not complete.
  var isInsideRecord: Bool { start < buffer.count || bytesToPass > 0 }

  /// The length of the record's body whose header stands at an offset; nil if none can stand there. Five bytes must be there.
  static func bodyLength(_ bytes: [UInt8], at offset: Int) -> Int? {
    guard (20...23).contains(bytes[offset]), bytes[offset + 1] == 3, bytes[offset + 2] <= 4 else { return nil }
    let length = Int(bytes[offset + 3]) << 8 | Int(bytes[offset + 4])
    return length > 0 && length <= longestBody ? length : nil
  }

  // MARK: Losses

  /// Goes past bytes that are missing.
  ///
  /// - Returns: The length of the one record that they cost, header and all; nil where the next has to be searched for, or where that
  ///   record is lost already.
  mutating func skip(_ count: Int) -> Int? {
    if bytesToPass > 0 {
      let passed = min(bytesToPass, count)
      bytesToPass -= passed
      offset += passed
      if passed < count { search(count - passed) }
      return nil
    }
    guard !isSearching else {
      loseBuffer(count)
      return nil
    }
    let known = buffer.count - start
    guard known >= ProtectedRecord.headerLength, let length = Self.bodyLength(buffer, at: start),
      known + count <= ProtectedRecord.headerLength + length
    else {
      search(count)
      return nil
    }
    let whole = ProtectedRecord.headerLength + length
    bytesToPass = whole - known - count
    offset += known + count
    buffer.removeAll(keepingCapacity: true)
    start = 0
    return whole
  }

  /// The place of the next record is lost, and so many bytes are missing.
  mutating func search(_ missing: Int) {
    isSearching = true
    lostBytes = 0
    loseBuffer(missing)
  }

  /// What is in the buffer, and the bytes missing behind it, hold no record.
  private mutating func loseBuffer(_ missing: Int) {
    let lost = buffer.count - start + missing
    lostBytes += lost
    offset += lost
    buffer.removeAll(keepingCapacity: true)
    start = 0
  }

  /// While searching: so many bytes at the beginning hold no record.
  mutating func giveUp(_ count: Int) {
    lostBytes += count
    pass(count)
  }

  /// The search is over: a record begins here.
  mutating func found() { isSearching = false }
}
