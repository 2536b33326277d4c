/// What a capture file has wrong with it, or lacks, and where.
///
/// Nothing here is a failure of the caller: a finding describes the file. It holds numbers only; its text is computed.
public struct CaptureFinding: Hashable, Sendable {
  /// What was found, with the numbers that describe it.
  public let fault: CaptureFault

  /// Where: a byte offset in the capture file. In a gzip file the offset counts uncompressed bytes, except for faults of
  /// the gzip layer itself (`fault.isOfCompression`), which count bytes of the file as it is stored.
  public let offset: Int

  /// The number of the record concerned, counted from 1, or nil where the finding is not about one record.
  public let recordNumber: Int?

  /// The stable id of the finding, as reports and filters name it.
  public var code: CaptureFindingCode { fault.code }

  /// One sentence for people: what, where, how much.
  public var reason: String { fault.reason }

  /// Makes a finding.
  public init(fault: CaptureFault, offset: Int, recordNumber: Int? = nil) {
    self.fault = fault
    self.offset = offset
    self.recordNumber = recordNumber
  }
}

/// The ids of the findings that reading a capture file can give. The raw values are a promise to users.
public enum CaptureFindingCode: String, CaseIterable, Sendable {
  /// The file has no bytes (or is a gzip file of nothing).
  case fileEmpty = "file.empty"
  /// The first bytes are those of no capture format.
  case fileBadMagic = "file.bad-magic"
  /// A capture format, in a version that nobody can read.
  case fileUnsupportedVersion = "file.unsupported-version"
  /// The file ends inside a record or header.
  case fileTruncated = "file.truncated"
  /// Compressed data grow too much.
  case fileInflationLimit = "file.inflation-limit"
  /// A length or reference inside the file contradicts the rest.
  case fileCorruptRecord = "file.corrupt-record"
  /// Packets were cut when they were captured.
  case captureSnaplen = "capture.snaplen"
  /// The capturing machine lost packets.
  case captureDrops = "capture.drops"
  /// A timestamp that 64 bits of nanoseconds cannot hold.
  case captureBadTimestamp = "capture.bad-timestamp"

  /// What the finding means for the completeness of what was read.
  public var effect: CaptureFindingEffect {
    switch self {
    case .fileEmpty, .fileBadMagic, .fileUnsupportedVersion: .unreadable
    case .fileTruncated, .fileCorruptRecord, .fileInflationLimit: .incomplete
    case .captureSnaplen, .captureDrops, .captureBadTimestamp: .none
    }
  }
}

/// What a finding means for the completeness of what was read.
public enum CaptureFindingEffect: Sendable {
  /// There is nothing to read.
  case unreadable
  /// Records before the damage are good; others are missing.
  case incomplete
  /// The file is whole.
  case none
}
