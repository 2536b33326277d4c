/// One direction of a TCP connection: 0 from the end that sent the first packet seen, 1 to it.
package typealias Direction = Int

/// What following TCP connections gives, in the order of the capture.
package struct TransportEvent: Sendable {
  /// The slot of the connection: small numbers that are used again after ``Kind/released``. Negative: no connection.
  package var slot: Int
  /// The direction concerned; 0 where none is.
  package var direction: Direction
  /// The packet because of which the event is given; for data, the packet that made them complete in order.
  package var stamp: PacketStamp
  package var kind: Kind
  /// For data: whether their sender had acknowledged bytes of the other direction that have not been given yet, so that what these
  /// data answer may come later in the capture.
  package var isAhead = false

  package enum Kind: Sendable {
    /// A new connection.
    case opened(TransportOpening)
    /// Which end opened the connection has become known (or is known better than before).
    case initiator(Direction)
    /// The next bytes of the direction, in order.
    case data(SegmentBytes)
    /// The next bytes of the direction are not in the capture.
    case missing(Int)
    /// The next bytes of the direction were cut from their packet when it was captured.
    case cut(Int)
    /// The direction ended in order, by the FIN of this packet; `hasAll` if its sender had acknowledged all of the other direction's
    /// bytes that have been given.
    case finished(PacketStamp, hasAll: Bool)
    /// The connection was reset by the direction's sender.
    case reset
    /// Nothing more comes from the connection but findings; `orderly` if both ends closed it.
    case closed(TransportEnd)
    /// The connection is forgotten; its slot may be used again.
    case released
    /// Something that a reader should know.
    case finding(PacketFinding)
  }
}

/// How a connection ended in the capture.
package enum TransportEnd: Sendable {
  /// By FIN of both ends or by RST.
  case closed
  /// It did not: the capture ended first, or the connection was given up.
  case open
}

/// A new connection.
package struct TransportOpening: Sendable {
  /// The number of the connection: 1, 2, … by first packet, over all TCP connections that are followed.
  package var number: Int
  /// The end that direction 0 comes from.
  package var first: Endpoint
  /// The end that direction 1 comes from.
  package var second: Endpoint
  /// Whether direction 0 comes from the client, as far as the handshake says.
  package var initiator: Direction?
}

/// Where the bytes of a data event are.
package enum SegmentBytes: Sendable {
  /// A range of the packet that is being processed.
  case packet(Range<Int>)
  /// Bytes that had to wait for others.
  case held([UInt8])
}
