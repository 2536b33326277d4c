/// The faults of a capture file, each with the numbers that describe it.
public enum CaptureFault: Hashable, Sendable {
  /// No bytes at all.
  case empty
  /// The first four bytes, read as big-endian, are no known magic number.
  case unknownMagic(UInt32)
  /// The version in the header is not one that exists.
  case unsupportedVersion(major: UInt16, minor: UInt16)
  /// The file ends inside its header.
  case truncatedHeader(missing: Int)
  /// The file ends inside a record or block.
  case truncatedRecord(missing: Int)
  /// The gzip data ends before the end of its member.
  case truncatedGzip
  /// The gzip data is invalid: a bad header, block or checksum.
  case invalidGzip
  /// Data in another compression end before the end of their frame.
  case truncatedCompression(CompressionFormat)
  /// Data in another compression are invalid.
  case invalidCompression(CompressionFormat)
  /// The compressed data grow beyond the ratio that is permitted (``InflationLimit``).
  case inflationLimit(CompressionFormat, ratio: Int)
  /// Bytes that are no gzip member follow the last member.
  case trailingGzipBytes
  /// A record that says it holds more bytes than any capture tool writes.
  case recordTooLong(captured: UInt32, limit: UInt32)
  /// A pcapng block length that is below its minimum, not a multiple of 4, or absurdly large.
  case badBlockLength(UInt32)
  /// The two lengths of a pcapng block differ.
  case blockLengthMismatch(leading: UInt32, trailing: UInt32)
  /// The byte-order magic of a section header is neither order's.
  case badByteOrderMagic(UInt32)
  /// A packet refers to an interface that its section has not described.
  case unknownInterface(UInt32)
  /// A packet is longer than the block that holds it.
  case packetBeyondBlock(captured: UInt32, available: UInt32)
  /// A section describes more interfaces than the limit.
  case tooManyInterfaces(limit: Int)
  /// The record holds fewer bytes than the packet had. Reported once, for the first such record.
  case cutPacket(captured: UInt32, original: UInt32)
  /// The capturing machine reports lost packets: since the last such report of this interface.
  case drops(interface: Int, count: UInt64)
  /// A timestamp that 64 bits of nanoseconds cannot hold. Reported once.
  case timestampOutOfRange

  /// The id that this fault is reported under.
  public var code: CaptureFindingCode {
    switch self {
    case .empty: .fileEmpty
    case .unknownMagic: .fileBadMagic
    case .unsupportedVersion: .fileUnsupportedVersion
    case .truncatedHeader, .truncatedRecord, .truncatedGzip, .truncatedCompression: .fileTruncated
    case .inflationLimit: .fileInflationLimit
    case .invalidGzip, .invalidCompression, .trailingGzipBytes, .recordTooLong, .badBlockLength, .blockLengthMismatch,
      .badByteOrderMagic,
      .unknownInterface, .packetBeyondBlock, .tooManyInterfaces:
      .fileCorruptRecord
    case .cutPacket: .captureSnaplen
    case .drops: .captureDrops
    case .timestampOutOfRange: .captureBadTimestamp
    }
  }

  /// Whether the fault is one of the compression around the capture, whose offsets count bytes of the file as it is stored.
  public var isOfCompression: Bool {
    switch self {
    case .truncatedGzip, .invalidGzip, .truncatedCompression, .invalidCompression, .inflationLimit, .trailingGzipBytes:
      true
    default: false
    }
  }

  /// One sentence for people.
  public var reason: String {
    switch self {
    case .empty: "the file is empty"
    case .unknownMagic(let magic): ForeignFormat.reason(for: magic)
    case .unsupportedVersion(let major, let minor): "capture format version \(major).\(minor) cannot be read"
    case .truncatedHeader(let missing): "the file ends inside its header, at least \(missing) bytes are missing"
    case .truncatedRecord(let missing): "the file ends inside a record, at least \(missing) bytes are missing"
    case .truncatedGzip: "the gzip data ends before the end of its member"
    case .truncatedCompression(let format): "the \(format.rawValue) data end before the end of their frame"
    case .invalidGzip: "the gzip data is invalid from here on"
    case .invalidCompression(let format): "the \(format.rawValue) data are invalid from here on"
    case .inflationLimit(let format, let ratio):
      "the \(format.rawValue) data grow to more than \(ratio) times their size; a larger --inflation-limit permits it"
    case .trailingGzipBytes: "the gzip data is followed by bytes that are no gzip data"
    case .recordTooLong(let captured, let limit):
      "a record claims \(captured) captured bytes, more than the possible \(limit); nothing after it can be read"
    case .badBlockLength(let length): "a block claims the impossible length \(length); nothing after it can be read"
    case .blockLengthMismatch(let leading, let trailing):
      "a block has the length \(leading) at its start and \(trailing) at its end; nothing after it can be read"
    case .badByteOrderMagic(let magic): "a section header has the byte-order magic \(hexadecimal(magic))"
    case .unknownInterface(let id): "a packet belongs to interface \(id), which is not described; it is left out"
    case .packetBeyondBlock(let captured, let available):
      "a packet claims \(captured) bytes where its block holds \(available); it is left out"
    case .tooManyInterfaces(let limit): "a section describes more than \(limit) interfaces"
    case .cutPacket(let captured, let original):
      "packets were cut when captured (here \(captured) of \(original) bytes are there); capture with a larger snaplen"
    case .drops(let interface, let count): "the capturing machine lost \(count) packets on interface \(interface)"
    case .timestampOutOfRange: "a timestamp is beyond what 64 bits of nanoseconds hold; it is left out"
    }
  }
}

/// How a capture file can be compressed.
public enum CompressionFormat: String, Hashable, Sendable {
  case gzip, zstd, lz4
}

/// A 32-bit value as `0x` and eight digits.
func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
