/// How a connection comes to its end, step by step.
struct ConnectionEnding {
  /// The first cause, which is the one that counts; nil: there is none yet.
  private(set) var end: ConnectionEnd?

  /// Whether the peer has sent its close frame.
  private(set) var peerHasClosed = false

  /// Whether the connection is to be closed as soon as nothing runs on it.
  private(set) var isDraining = false

  /// Whether the output is to be closed when everything is handed to the socket.
  private(set) var closesAfterFlush = false

  private var hasLeft = false
  private var observers: [@Sendable (ConnectionEnd) -> Void] = []

  /// Takes note of a cause.
  mutating func note(_ cause: ConnectionEnd.Cause, _ detail: String) {
    if end == nil { end = ConnectionEnd(cause: cause, detail: detail) }
  }

  /// The peer has sent its close frame.
  mutating func peerCloses() { peerHasClosed = true }

  /// The connection is to be closed as soon as nothing runs on it.
  mutating func drain() { isDraining = true }

  /// The connection is no longer open.
  ///
  /// - Returns: Whether that is new.
  mutating func leave() -> Bool {
    defer { hasLeft = true }
    return !hasLeft
  }

  /// The output is to be closed when everything is handed to the socket.
  mutating func closeAfterFlush() { closesAfterFlush = true }

  /// The output is closed now.
  mutating func outputCloses() { closesAfterFlush = false }

  /// Lets somebody know of the end.
  mutating func tell(_ observer: @escaping @Sendable (ConnectionEnd) -> Void) { observers.append(observer) }

  /// The channel is closed.
  ///
  /// - Returns: The end, and whom to tell.
  mutating func finish() -> (end: ConnectionEnd, observers: [@Sendable (ConnectionEnd) -> Void]) {
    note(.transportEnded, "")
    defer { observers = [] }
    return (known, observers)
  }

  /// The end; where no cause was noted, that of the transport.
  var known: ConnectionEnd { end ?? ConnectionEnd(cause: .transportEnded, detail: "") }
}
