/// One TCP connection in the capture.
final class TCPConnection {
  let slot: Int
  let number: Int
  /// The endpoints as direction 0 names them.
  let key: FlowKey
  var streams: InlineArray<2, TCPStream>
  /// Packets of the connection so far.
  var packets = 0
  /// The direction that comes from the client, if the handshake was seen.
  var initiator: Direction?
  /// Data of either direction that wait until earlier data of the other direction are complete.
  var deferred: [Deferred] = []
  var deferredBytes = 0
  var state = State.open
  /// The packet and time when a reset or closed connection is forgotten.
  var lingersUntil: (number: Int, time: Int64?) = (Int.max, nil)
  /// Nobody is interested in its bytes.
  var isIgnored = false
  var reportedMidstream = false
  var reportedReset = false

  // Neighbours in the order of last use.
  var older: Int = -1
  var newer: Int = -1

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
    streams = [TCPStream(), TCPStream()]
  }
}
