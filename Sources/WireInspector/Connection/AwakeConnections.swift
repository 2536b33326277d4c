/// The connections that are used, so that those that are not can rest: a server has many more open than it talks to at a time, and
/// what is only needed while bytes come is most of what a connection takes.
final class AwakeConnections {
  @exclusivity(unchecked) private var connections: [ConnectionInspector] = []
  /// So many are not worth a look.
  private let fewest: Int
  /// How many may be awake until it is looked which are used: twice as many as were the last time, so that a look costs no more than what
  /// woke up since.
  @exclusivity(unchecked) private var limit: Int

  /// - Parameter fewest: How many connections are awake before it is looked which are used.
  init(fewest: Int) {
    self.fewest = fewest
    limit = fewest
  }

  /// Whether it is time to let connections rest.
  var isCrowded: Bool { connections.count >= limit }

  /// Takes note of one that woke up.
  func append(_ connection: ConnectionInspector) { connections.append(connection) }

  /// Lets those rest that were not used since the last time.
  ///
  /// - Returns: Them.
  func letRest() -> [ConnectionInspector] {
    var resting: [ConnectionInspector] = []
    connections.removeAll {
      if $0.isOver || $0.isIgnored { return true }
      guard $0.rest() else { return false }
      resting.append($0)
      return true
    }
    limit = max(fewest, 2 * connections.count)
    return resting
  }
}

extension ConnectionInspector {
  /// Gives away what is only needed while bytes come.
  ///
  /// - Returns: Whether it did: not where it was used since it was asked last, or messages wait.
  fileprivate func rest() -> Bool {
    guard !wasUsed || options.awakeConnections == 0, deferredRecords == 0 else {
      wasUsed = false
      return false
    }
    isAwake = false
    for direction in 0..<2 {
      if let rest = halves[direction].webSocket?.rest {
        halves[direction].resting = rest
        halves[direction].webSocket = nil
      }
      halves[direction].forgetBeginning()
      inflations[direction]?.rest()
    }
    forgetIntroduction()
    pairing.rest()
    return true
  }

  /// Takes up again what it gave away, before anything else is done with it.
  func wake() {
    wasUsed = true
    guard !isAwake, !isOver else { return }
    isAwake = true
    for direction in 0..<2 {
      guard let rest = halves[direction].resting else { continue }
      halves[direction].webSocket = WebSocketStream(of: direction, after: rest, messageLimit: options.messageLimit)
      halves[direction].resting = nil
    }
    pairing.wake()
    output.awake.append(self)
  }
}
