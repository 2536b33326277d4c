/// One packet of a capture file. The bytes stay in the reader's buffer; this is a value without references.
public struct CaptureRecord: Hashable, Sendable {
  /// The record's number in the file, counted from 1 over all sections.
  public let number: Int

  /// Nanoseconds since 1970-01-01T00:00:00Z, or nil where the record has no time (pcapng simple packet blocks).
  public let timestampNanoseconds: Int64?

  /// What the first bytes are: a LINKTYPE value, as tcpdump.org's list has them (1 is Ethernet).
  public let linkType: UInt16

  /// The interface, an index into ``CaptureReader/interfaces`` of the section that the record stands in.
  public let interface: Int

  /// The number of bytes of the packet when it was captured; more than ``capturedLength`` if it was cut.
  public let originalLength: Int

  /// The number of bytes at the packet's end that are a frame check sequence, as the file declares it; 0 if it does not.
  /// When the packet was cut, they are counted from its original end.
  public let frameCheckSequenceLength: Int

  /// Where the record begins in the (uncompressed) file.
  public let fileOffset: Int

  /// The packet's bytes: a range of ``CaptureReader/buffer``, valid until the next call of a mutating function of the reader.
  public let data: Range<Int>

  /// The number of bytes that the file holds of the packet.
  public var capturedLength: Int { data.count }
}

/// An interface that packets were captured on. A pcap file has exactly one.
public struct CaptureInterface: Hashable, Sendable {
  /// The LINKTYPE of its packets.
  public var linkType: UInt16
  /// The number of bytes of a packet that were kept at most; 0 for no limit.
  public var snapLength: UInt32
  /// The interface's name, "" if the file does not say.
  public var name: String
  /// The unit and origin of its timestamps.
  public var timestampResolution: TimestampResolution
  /// The number of bytes at a packet's end that are a frame check sequence.
  public var frameCheckSequenceLength: Int
  /// How many packets it has reported as lost so far (interface and operating system together).
  public internal(set) var droppedPackets: UInt64 = 0

  /// Makes the description of an interface, for writing.
  public init(
    linkType: UInt16, snapLength: UInt32 = 262_144, name: String = "",
    timestampResolution: TimestampResolution = .nanoseconds, frameCheckSequenceLength: Int = 0
  ) {
    self.linkType = linkType
    self.snapLength = snapLength
    self.name = name
    self.timestampResolution = timestampResolution
    self.frameCheckSequenceLength = frameCheckSequenceLength
  }
}

/// Secrets that a pcapng file carries in a decryption secrets block.
public struct CaptureSecrets: Hashable, Sendable {
  /// The type of ``data`` for a TLS key log in the NSS format ("TLSK").
  public static let tlsKeyLog: UInt32 = 0x544C_534B

  /// The secrets' type, a number of the pcapng specification.
  public let type: UInt32
  /// The secrets' bytes, as they stand.
  public let data: [UInt8]

  /// Makes a block of secrets.
  public init(type: UInt32, data: [UInt8]) {
    self.type = type
    self.data = data
  }
}

/// What a capture file gives, in the order in which it stands there.
public enum CaptureEvent: Hashable, Sendable {
  /// A packet.
  case record(CaptureRecord)
  /// Secrets for packets that follow.
  case secrets(CaptureSecrets)
  /// Something is wrong with the file, or missing.
  case finding(CaptureFinding)
}
