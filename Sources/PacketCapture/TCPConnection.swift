/// One TCP connection in the capture.
///
/// What each packet touches is not checked for exclusive access at run time: that took a seventh of the inspector's time. No
/// property is lent out while it is changed.
final class TCPConnection {
  let number: Int
  /// The endpoints of direction 0 as a ``PlainSegment`` names them; nil for IPv6.
  let plainKey: PlainFlowKey?
  @exclusivity(unchecked) var state = State.open
  /// Nobody is interested in its bytes.
  @exclusivity(unchecked) var isIgnored = false
  @exclusivity(unchecked) var reportedMidstream = false
  /// Data of either direction that wait until earlier data of the other direction are complete.
  @exclusivity(unchecked) var deferred: [Deferred] = []
  /// Packets of the connection so far.
  @exclusivity(unchecked) var packets = 0
  /// The last packet of the connection.
  @exclusivity(unchecked) var latest = PacketStamp(number: 0, time: nil)
  @exclusivity(unchecked) var streams: InlineArray<2, TCPStream>
  let slot: Int
  /// The endpoints as direction 0 names them.
  let key: FlowKey
  /// The direction that comes from the client, if the handshake was seen.
  @exclusivity(unchecked) var initiator: Direction?
  var deferredBytes = 0
  /// The packet and time when a reset or closed connection is forgotten.
  var lingersUntil: LastPacket?
  var reportedReset = false

  /// The last packet, and the time, in which a connection is remembered.
  final class LastPacket {
    let number: Int
    let time: Int64?

    init(number: Int, time: Int64?) {
      self.number = number
      self.time = time
    }
  }

  enum State {
    case open
    /// Reset: what is on its way may still arrive.
    case reset
    /// Both directions are complete.
    case closed
  }

  /// What waits for the other direction.
  struct Deferred {
    var direction: Direction
    var stamp: PacketStamp
    var content: TransportEvent.Kind
    var byteCount: Int
  }

  init(slot: Int, number: Int, key: FlowKey) {
    self.slot = slot
    self.number = number
    self.key = key
    plainKey = PlainFlowKey(key)
    streams = [TCPStream(), TCPStream()]
  }
}
