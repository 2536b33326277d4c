/// A part of a direction's bytes that waits because bytes before it have not come.
struct HeldSegment {
  var sequence: UInt32
  var bytes: [UInt8]
  /// Bytes after these that were cut when capturing.
  var missing: Int
  var stamp: PacketStamp
}

/// A part of a direction's bytes that was delivered a short while ago.
struct DeliveredSegment {
  /// Where the bytes are in ``RecentBytes``.
  var position: Int
  /// Where they can be read again instead; -1: nowhere.
  var origin: Int
  var sequence: UInt32
  private var count: UInt32
  var identification: UInt32
  var checksum: UInt16

  /// How many bytes they are.
  var length: Int { Int(count) }

  init(
    sequence: UInt32, length: Int, position: Int, origin: Int = -1, identification: UInt32, checksum: UInt16
  ) {
    self.position = position
    self.origin = origin
    self.sequence = sequence
    count = UInt32(truncatingIfNeeded: length)
    self.identification = identification
    self.checksum = checksum
  }
}

/// One direction of a TCP connection: what has been delivered, and what waits.
struct TCPStream {
  enum Phase {
    /// No data, and no SYN.
    case unseen
    /// Data without a SYN: the first few segments wait, because an earlier one may still come.
    case gathering
    /// The place of the next byte is known.
    case open
  }

  /// Delivered segments that are remembered for comparing.
  static let historyLength = 48

  /// What most connections do not need, most of the time.
  private final class UnusualState {
    var heldBytes = 0
    var firstWaiting: Int? = 0
    var holeAcknowledged: (packets: Int, time: Int64?)?
    var gatheringSince: (packets: Int, time: Int64?) = (0, nil)
    var finStamp = PacketStamp(number: 0, time: nil)
    var finAcknowledgement: UInt32 = 0
  }

  // What every packet asks for stands first, and so in few lines of the processor's cache.

  var phase = Phase.unseen
  var isWindowClosed = false
  var reportedUnseen = false
  var windowShift: UInt8 = 0
  /// The sequence number of the next byte to deliver.
  var next: UInt32 = 0
  /// The end of everything that has been seen.
  var highest: UInt32 = 0
  /// The highest acknowledgement that this direction's sender has sent.
  var acknowledgement: UInt32 = 0
  var firstAcknowledgement: UInt32?
  var finSequence: UInt32?
  /// Sorted by sequence number, without overlap.
  var held: [HeldSegment] = []
  var window = 65_535
  /// The number of bytes delivered or given up before `next`.
  var offset = 0
  var goodChecksums = 0
  var badChecksums = 0
  var history: [DeliveredSegment] = []
  var nextHistory = 0
  /// The packet that completed the last bytes delivered.
  var latest = PacketStamp(number: 0, time: nil)

  var hasSyn = false
  var isFinished = false
  var initialSequence: UInt32 = 0
  /// A sequence number that a packet without data announced, before any data.
  var announced: UInt32?
  /// What matters only where something waits or ends; nil: nothing has yet.
  private var unusual: UnusualState?

  /// The first packet that waits. Looked for only when somebody asks: those that wait can be thousands.
  var blockedSince: Int {
    mutating get {
      if let firstWaiting { return firstWaiting }
      var first = Int.max
      for segment in held where segment.stamp.number < first { first = segment.stamp.number }
      firstWaiting = held.isEmpty ? 0 : first
      return firstWaiting ?? 0
    }
    set { firstWaiting = newValue }
  }

  private mutating func makeUnusual() -> UnusualState {
    if let unusual { return unusual }
    let new = UnusualState()
    unusual = new
    return new
  }

  /// Bytes that wait.
  var heldBytes: Int {
    get { unusual?.heldBytes ?? 0 }
    set { if newValue != heldBytes { makeUnusual().heldBytes = newValue } }
  }

  /// The first packet that waits; nil: it has to be looked for.
  var firstWaiting: Int? {
    get { if let unusual { unusual.firstWaiting } else { 0 } }
    set { if newValue != firstWaiting { makeUnusual().firstWaiting = newValue } }
  }

  /// When the other end's acknowledgement covered the hole: then only the capture lacks it.
  var holeAcknowledged: (packets: Int, time: Int64?)? {
    get { unusual?.holeAcknowledged }
    set { if newValue != nil || unusual != nil { makeUnusual().holeAcknowledged = newValue } }
  }

  /// When the first segment came that waits because an earlier one may still come.
  var gatheringSince: (packets: Int, time: Int64?) {
    get { unusual?.gatheringSince ?? (0, nil) }
    set { makeUnusual().gatheringSince = newValue }
  }

  /// The first packet with the FIN.
  var finStamp: PacketStamp {
    get { unusual?.finStamp ?? PacketStamp(number: 0, time: nil) }
    set { makeUnusual().finStamp = newValue }
  }

  /// What its sender had acknowledged of the other direction by then.
  var finAcknowledgement: UInt32 {
    get { unusual?.finAcknowledgement ?? 0 }
    set { if newValue != finAcknowledgement { makeUnusual().finAcknowledgement = newValue } }
  }

  /// Whether later bytes wait for earlier ones.
  var isBlocked: Bool { !held.isEmpty }

  /// Whether a segment with a bad checksum is to be believed: where the sending machine leaves the sums to its network card, all
  /// are bad.
  var trustsChecksums: Bool { goodChecksums > badChecksums }

  /// The distance from the next byte to a sequence number; negative for bytes that were delivered.
  @inline(__always)
  func distance(_ sequence: UInt32) -> Int { Int(Int32(bitPattern: sequence &- next)) }

  mutating func remember(_ segment: DeliveredSegment) {
    if history.count < Self.historyLength {
      history.append(segment)
    } else {
      history[nextHistory] = segment
      nextHistory = nextHistory + 1 == Self.historyLength ? 0 : nextHistory + 1
    }
  }
}
