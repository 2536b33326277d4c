/// What a format's parser made of the bytes at the reader's head. Offsets and ranges count from there.
enum ParseStep {
  /// Nothing yet: at least this many bytes are needed.
  case needs(Int)
  /// The bytes hold nothing to report.
  case consumed(Int)
  /// A block without interest whose bytes need not be kept, or not even be there yet.
  case discard(Int)
  /// A packet.
  case packet(ParsedPacket, consumed: Int)
  /// Secrets for the packets that follow.
  case secrets(type: UInt32, data: Range<Int>, consumed: Int)
  /// An interface reports lost packets.
  case drops(interface: Int, count: UInt64, consumed: Int)
  /// A block is wrong, but its end is known.
  case unusable(CaptureFault, at: Int, consumed: Int)
  /// The structure is broken: nothing after this can be found.
  case broken(CaptureFault, at: Int)
}

/// A packet as a parser sees it.
struct ParsedPacket {
  var interface: Int
  var linkType: UInt16
  var timestamp: PacketTimestamp
  var originalLength: UInt32
  var frameCheckSequenceLength: Int
  var data: Range<Int>
  /// Packets lost since the previous one of this interface, as the record says.
  var dropped: UInt64 = 0
}

/// The time of a packet.
enum PacketTimestamp {
  case absent
  case outOfRange
  case nanoseconds(Int64)
}
