/// The one timer of a connection, in the wheel of its loop.
struct ConnectionTimer {
  private var entry: TimerWheel<ConnectionHandler>.Entry?
  private var time = Int64.max

  /// Lets it fire at `deadline` (nanoseconds), unless it fires earlier anyway: who is woken too early sets it again, so that a
  /// deadline which moves on with every message costs nothing.
  mutating func set(for connection: ConnectionHandler, notAfter deadline: Int64) {
    guard deadline < time else { return }
    entry = connection.loop.wake(connection, at: deadline, insteadOf: entry)
    time = deadline
  }

  /// Forgets it.
  mutating func cancel(in loop: LoopResources) {
    if let entry { loop.cancel(entry) }
    fired()
  }

  /// It has fired.
  mutating func fired() { (entry, time) = (nil, .max) }
}
