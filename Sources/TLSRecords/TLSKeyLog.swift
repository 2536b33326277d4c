/// The secrets of TLS connections, from key logs in the NSS format (draft-ietf-tls-keylogfile): a line each with a label, the
/// connection's client random, and the secret.
///
/// Key logs may grow while they are read. Lines that are none, and labels of other protocols, are passed over.
package final class TLSKeyLog {
  /// The labels that matter here.
  package enum Label: String, CaseIterable, Sendable {
    case master = "CLIENT_RANDOM"
    case clientEarly = "CLIENT_EARLY_TRAFFIC_SECRET"
    case clientHandshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
    case serverHandshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
    case clientTraffic = "CLIENT_TRAFFIC_SECRET_0"
    case serverTraffic = "SERVER_TRAFFIC_SECRET_0"

    /// What the content of TLS 1.3 is under.
    static let traffic: [Label] = [.clientTraffic, .serverTraffic]
  }

  /// What is known of one connection.
  typealias Secrets = [Label: [UInt8]]

  private var sessions: [[UInt8]: Secrets] = [:]
  /// Client randoms in the order of the log, for connections whose own was not captured.
  private(set) var randoms: [[UInt8]] = []
  /// The lines about each connection that nobody asked for yet, where they are kept.
  private var lines: [[UInt8]: [String]] = [:]
  private var asked: Set<[UInt8]> = []
  private var askedLines: [String] = []
  /// Whether lines are kept for ``takeAskedLines()``.
  package var keepsLines = false
  /// What was read of a line that is not complete.
  private var partialLine: [UInt8] = []
  /// Master secrets of TLS 1.2 by session id or ticket: a resumed session has the secret of the one before.
  private var resumable: [[UInt8]: [UInt8]] = [:]

  /// Changes whenever there are more secrets.
  package private(set) var generation = 0
  /// How many lines hold a secret, and how many are no line of a key log at all.
  package private(set) var secretCount = 0
  package private(set) var strangeLines = 0
  /// Asked for more of the log when a secret is missing, part by part until one is empty; nil: it is complete.
  package var more: (() -> [UInt8])?

  /// Whether more secrets may come than are known: connections wait for theirs then.
  package var mayGrow = false

  package init() {}

  /// Whether it has no secret so far.
  package var isEmpty: Bool { sessions.isEmpty }

  /// Takes more of a log. A last line without an end counts as soon as it can be whole, and anew if it goes on.
  package func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == 0x0A || byte == 0x0D {
        endLine()
      } else if partialLine.count < 4096 {
        partialLine.append(byte)
      }
    }
    guard partialLineCanBeWhole else { return }
    let strange = strangeLines
    takeLine()
    strangeLines = strange
  }

  /// Takes a log that is complete, whatever is incomplete of the one that ``append(_:)`` is given.
  package func add(_ bytes: some Sequence<UInt8>) {
    let begun = partialLine
    partialLine = []
    append(bytes)
    endLine()
    partialLine = begun
  }

  /// Whether what was read of a line ends in a secret as long as the hash or master secret that it must be.
  private var partialLineCanBeWhole: Bool {
    let digits = partialLine.reversed().prefix { $0 != 0x20 && $0 != 0x09 }.count
    return partialLine.starts(with: Label.master.rawValue.utf8) ? digits == 96 : digits == 64 || digits == 96
  }

  private func endLine() {
    takeLine()
    partialLine.removeAll(keepingCapacity: true)
  }

  private func takeLine() {
    // An editor may have put a byte order mark first.
    if partialLine.starts(with: [0xEF, 0xBB, 0xBF]) { partialLine.removeFirst(3) }
    guard !partialLine.isEmpty, partialLine.first != 0x23 else { return }
    let words = partialLine.split { $0 == 0x20 || $0 == 0x09 }
    guard words.count == 3, let random = Self.unhex(words[1]), let secret = Self.unhex(words[2]) else {
      if !words.isEmpty { strangeLines += 1 }
      return
    }
    let name = String(decoding: words[0], as: UTF8.self)
    guard random.count == 32, let label = Label(rawValue: name), secret.count >= 32, secret.count <= 64,
      sessions[random]?[label] != secret
    else { return }
    if sessions[random] == nil { randoms.append(random) }
    if keepsLines, sessions[random]?[label] == nil {
      let line = String(decoding: partialLine, as: UTF8.self)
      if asked.contains(random) { askedLines.append(line) } else { lines[random, default: []].append(line) }
    }
    if sessions[random, default: [:]].updateValue(secret, forKey: label) == nil { secretCount += 1 }
    generation += 1
  }

  /// What is known of the connection with a client random; nil: nothing. Asks for more of the log where something is missing.
  func secrets(of random: [UInt8]) -> Secrets? {
    if let known = sessions[random], known[.master] != nil || Label.traffic.allSatisfy({ known[$0] != nil }) {
      return known
    }
    refresh()
    return sessions[random]
  }

  /// Reads what the log has become since.
  package func refresh() {
    while let part = more?(), !part.isEmpty { append(part) }
  }

  /// A capture has the connection with a client random: its lines are wanted.
  func ask(_ random: [UInt8]) {
    guard keepsLines, asked.insert(random).inserted else { return }
    askedLines += lines.removeValue(forKey: random) ?? []
  }

  /// A capture has a connection of TLS 1.2 whose secret stands under another one's random.
  func ask(_ random: [UInt8], master: [UInt8]) {
    guard keepsLines, sessions[random]?[.master] == nil, asked.insert(master + random).inserted else { return }
    askedLines.append("\(Label.master.rawValue) \(Self.hex(random)) \(Self.hex(master))")
  }

  /// The lines about connections that captures have, each once.
  package func takeAskedLines() -> [String] {
    defer { askedLines = [] }
    return askedLines
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // MARK: Sessions of TLS 1.2 that are resumed

  /// Remembers the master secret behind a session id or a ticket.
  func remember(_ master: [UInt8], for session: [UInt8]) {
    if resumable.count >= 4096 { resumable.removeAll() }
    resumable[session] = master
  }

  /// The master secret behind a session id or a ticket.
  func master(for session: [UInt8]) -> [UInt8]? { resumable[session] }

  private static func unhex(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      let digit: UInt8
      switch character {
      case 0x30...0x39: digit = character - 0x30
      case 0x41...0x46: digit = character - 0x37
      case 0x61...0x66: digit = character - 0x57
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }
}
