/// Why a ``CaptureWriter`` refused: each is a mistake of the caller, except lack of memory.
public enum CaptureWriteError: Error, Hashable, Sendable {
  /// The file was ended before.
  case finished
  /// A pcap file has exactly one interface.
  case singleInterface
  /// A pcap file cannot hold secrets.
  case secretsUnsupported
  /// No interface of that number was added.
  case unknownInterface(Int)
  /// More bytes than a record (or block) may have.
  case packetTooLong(Int)
  /// An original length below that of the data, or above 32 bits.
  case badOriginalLength(Int)
  /// A time before 1970, or one that the format cannot hold.
  case timestampOutOfRange(Int64)
  /// zlib got no memory.
  case outOfMemory

  /// One sentence for people.
  public var reason: String {
    switch self {
    case .finished: "the capture file was already finished"
    case .singleInterface: "a pcap file has one interface; use pcapng for more"
    case .secretsUnsupported: "a pcap file cannot hold secrets; use pcapng"
    case .unknownInterface(let id): "there is no interface \(id)"
    case .packetTooLong(let length): "\(length) bytes are more than one record can have"
    case .badOriginalLength(let length): "\(length) is no possible original length of this packet"
    case .timestampOutOfRange(let time): "the format cannot hold the time \(time) ns"
    case .outOfMemory: "zlib could not get memory"
    }
  }
}
