/// Puts one direction's handshake messages together from the records that carry them.
struct HandshakeReader {
  /// The kinds of message that matter here.
  enum Kind: UInt8 {
    case clientHello = 1
    case serverHello = 2
    case newSessionTicket = 4
    case endOfEarlyData = 5
    case encryptedExtensions = 8
  }

  /// Longer messages are not kept.
  private static let keptLength = 1 << 16

  private var pending: [UInt8] = []
  /// Bytes of a message that is not kept which are still to come.
  private var bytesToPass = 0

  /// Takes the content of a record, and gives the messages that it completes.
  mutating func take(_ content: ArraySlice<UInt8>) -> [(kind: Kind, body: ArraySlice<UInt8>)] {
    var messages: [(kind: Kind, body: ArraySlice<UInt8>)] = []
    let passed = min(bytesToPass, content.count)
    bytesToPass -= passed
    pending += content.dropFirst(passed)
    var start = 0
    while pending.count - start >= 4 {
      let length = Int(pending[start + 1]) << 16 | Int(pending[start + 2]) << 8 | Int(pending[start + 3])
      let end = start + 4 + length
      let kind = Kind(rawValue: pending[start])
      if pending.count >= end {
        if let kind { messages.append((kind, pending[start + 4..<end])) }
        start = end
      } else if kind == nil || length > Self.keptLength {
        bytesToPass = end - pending.count
        start = pending.count
      } else {
        break
      }
    }
    pending.removeFirst(start)
    return messages
  }

  /// Whether the content of a record can begin a message: one of a known kind, and not of an absurd length.
  static func canBegin(_ content: ArraySlice<UInt8>) -> Bool {
    guard content.count >= 4, let kind = content.first else { return false }
    return (kind <= 24 || kind == 67) && content[content.startIndex + 1] == 0
      && Int(content[content.startIndex + 2]) << 8 <= RecordStream.longestBody * 3
  }

  /// Forgets what is not complete: records are missing.
  mutating func lose() { self = HandshakeReader() }
}
