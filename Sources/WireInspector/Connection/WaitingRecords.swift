import PacketCapture
import Specification

/// What was found on a connection and waits for the connection's own record, which comes first.
struct WaitingRecords {
  /// Something that will be written.
  enum Record {
    case message(MessageInfo, [UInt8], isAhead: Bool)
    case control(Direction, ControlRecord, PacketStamp, PacketStamp)
    case finding(Finding, PacketStamp, PacketStamp)
    case packetFinding(PacketFinding, Direction, PacketStamp)
    /// Messages of a direction may not have been captured.
    case loss(Direction)

    /// Bytes that it keeps.
    var size: Int {
      switch self {
      case .message(_, let bytes, _): bytes.count
      case .control(_, let record, _, _): record.payload.count
      case .finding, .packetFinding, .loss: 0
      }
    }
  }

  /// A finding whose sender may not be known yet.
  struct Finding {
    var code: InspectionFindingCode
    /// The rule that was broken; nil: the one that the code names, if it does.
    var rule: RequirementID?
    var direction: Direction?
    var offset: Int?
    var message: String
  }

  private var records: [Record] = []
  private var size = 0

  /// Takes another record.
  mutating func append(_ record: Record) {
    records.append(record)
    size += record.size
  }

  /// Whether more wait than may: records, or bytes that they keep.
  func exceed(records limit: Int, bytes: Int) -> Bool { records.count >= limit || size > bytes }

  /// Gives up the oldest, so that no more than so many records and bytes are left.
  mutating func drop(toRecords limit: Int, bytes: Int) {
    while records.count > limit || size > bytes { size -= records.removeFirst().size }
  }

  /// Those that wait, the oldest first; none waits any more.
  mutating func takeAll() -> [Record] {
    defer { self = WaitingRecords() }
    return records
  }
}
