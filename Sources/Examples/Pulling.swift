import NIOCore
import Synchronization
import WireproofPeer

/// News that wait for a reader.
final class Mailbox: Sendable {
  private let letters: Mutex<[String]> = Mutex([])

  /// Puts one in.
  func put(_ letter: String) { letters.withLock { $0.append(letter) } }

  /// Takes all out.
  func take() -> [String] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}

/// Puts news into a mailbox and signals the connection's puller of channel 1, which sends what it finds there.
func deliver(_ letter: String, by mailbox: Mailbox, to connection: Connection) {
  // snippet: puller
  mailbox.put(letter)
  let puller = connection.puller(channel: 1) { connection in
    for letter in mailbox.take() {
      try await connection.send(ProtocolId.news, ByteBuffer(string: letter))
    }
  }
  puller.signal()
  // end
}
