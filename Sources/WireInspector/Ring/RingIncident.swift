import CaptureFile

/// What is kept of one incident: a pcapng file that is complete at any time, in memory.
final class RingIncident {
  /// The file's name.
  let name: String
  private let limit: Int
  @exclusivity(unchecked) private var writer = CaptureWriter(format: .pcapng)
  private var interfaces: [CaptureInterface: Int] = [:]
  private var lastTime: Int64 = 0
  /// What is still to come: so many packets, or until a time.
  private var packetsLeft = 0
  private var until: Int64?
  /// Whether packets were added since the file was written last.
  private(set) var isUnwritten = true
  /// Whether there is, or was, a file of it.
  private(set) var wasWritten = false
  private var lastWriting: Int64 = 0
  /// Whether it takes no more.
  private(set) var isFull = false

  /// Bytes of the file before the first packet.
  let emptySize: Int

  init(name: String, limit: Int) {
    self.name = name
    self.limit = limit
    emptySize = writer.bytes.count
  }

  /// The file so far.
  var bytes: [UInt8] { writer.bytes }
  var size: Int { writer.bytes.count }

  /// What pcapng adds to a packet, at most.
  static let overhead = 36

  /// Adds a packet, unless the file would become too large.
  func append(_ bytes: RawSpan, _ note: PacketNote) {
    guard !isFull, size + bytes.byteCount + Self.overhead <= limit else {
      isFull = true
      return
    }
    // A packet without time, or before 1970, stands where it stood.
    let time = max(0, note.time ?? lastTime)
    lastTime = time
    do throws(CaptureWriteError) {
      try writer.write(
        bytes, timestampNanoseconds: time, interface: try interface(of: note),
        originalLength: max(note.originalLength, bytes.byteCount))
      isUnwritten = true
    } catch {
      isFull = true
    }
  }

  private func interface(of note: PacketNote) throws(CaptureWriteError) -> Int {
    let described = CaptureInterface(
      linkType: note.linkType, frameCheckSequenceLength: note.frameCheckSequenceLength)
    if let known = interfaces[described] { return known }
    let number = try writer.addInterface(described)
    interfaces[described] = number
    return number
  }

  /// Says that something has just happened: what comes after it belongs to the incident as well.
  ///
  /// - Parameter time: When, where the packets have times.
  func extend(by span: RingSpan, from time: Int64?) {
    switch span {
    case .packets(let count): packetsLeft = count
    case .time(let duration):
      // Without times there is nothing to wait for.
      guard let time else { return until = .min }
      let (sum, isBeyond) = time.addingReportingOverflow(duration)
      until = isBeyond ? .max : sum
    }
  }

  /// Whether a packet that has just come is one too many; counts it if not.
  func isOver(at time: Int64?) -> Bool {
    if isFull { return true }
    if let until { return time.map { $0 > until } ?? true }
    packetsLeft -= 1
    return packetsLeft < 0
  }

  /// Whether its time has passed.
  func isPast(_ time: Int64) -> Bool { until.map { time > $0 } ?? false }

  /// Says that the file is written as it is now.
  ///
  /// - Parameter now: The time of ``SystemClock/monotonic``.
  func markWritten(at now: Int64) {
    isUnwritten = false
    wasWritten = true
    lastWriting = now
  }

  /// Whether the file lacks what has come in the last seconds.
  func isStale(at now: Int64) -> Bool { isUnwritten && now - lastWriting > Self.patience }

  /// How long what has come may wait until it is written, in nanoseconds: each time the file is written whole.
  private static let patience: Int64 = 5_000_000_000
}
