import NIOConcurrencyHelpers

/// The payloads that the connections of a case have sent, to tell the answer to another connection from a second answer.
final class SentPayloads: Sendable {
  /// Shorter ones may well be those of several.
  private static let shortest = 4

  /// How many are remembered.
  private static let capacity = 100_000

  private let owners = NIOLockedValueBox<[Int: Set<Int>]>([:])

  /// Takes note of a payload that a connection sends.
  func sent(_ payload: [UInt8], on connection: Int) {
    guard payload.count >= Self.shortest else { return }
    owners.withLockedValue { owners in
      guard owners.count < Self.capacity else { return }
      owners[payload.hashValue, default: []].insert(connection)
    }
  }

  /// The connection that sent what a frame with an sn holds, where only others than the one that it came to did; nil: none.
  func stranger(of frame: ReceivedFrame, on connection: Int) -> Int? {
    guard frame.sn ?? 0 != 0, frame.payload.count >= Self.shortest else { return nil }
    return owners.withLockedValue { owners in
      guard let senders = owners[frame.payload.hashValue], !senders.contains(connection) else { return nil }
      return senders.min()
    }
  }
}
