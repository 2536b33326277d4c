import SystemCrypto

/// A TLS connection as it was captured (RFC 8446, RFC 5246): bytes of both directions in, what they carry out, as far as the key log
/// has its secrets.
///
/// Which keys a record is under is found by trying those that can come next: a record is authentic under the right ones only. So no
/// message has to be seen for keys to change, and a lost record costs no more than itself.
package final class TLSConnection {
  /// What is known of the connection.
  package internal(set) var session = TLSSession()
  /// The direction that comes from the client, as far as known.
  package internal(set) var clientDirection: Int?
  /// What the record being given carries.
  package internal(set) var content: ArraySlice<UInt8> = []
  /// Whether what comes waits until the key log has the connection's secrets, instead of being passed over.
  package var waitsForKeys = false
  /// Records seen and the bytes of protected ones, by direction.
  package private(set) var figures = [Figures(), Figures()]
  /// Whether any protected record was opened.
  package private(set) var isOpened = false

  package struct Figures: Sendable {
    package var records = 0
    package var protectedBytes = 0
  }

  let keyLog: TLSKeyLog
  var halves = [Half(), Half()]
  var clientHello: Hello?
  var serverHello: Hello?
  var secrets: TLSKeyLog.Secrets?
  var suite: CipherSuite?
  /// The keys of TLS 1.2 that a ChangeCipherSpec puts to use, for the client and the server.
  var pending: (client: RecordProtection, server: RecordProtection)?
  var knownGeneration = -1
  var isUnsupported = false
  private var reportedNoKeys = false
  /// Whether the server has answered the client's last hello.
  var helloIsAnswered = false
  var earlyDataIsOpen = false
  var earlyDataIsAccepted = false
  /// Whether there are early data whose secret the key log lacks.
  private var hasUnopenedEarly = false
  /// Bytes that may still be opened in vain.
  var budget = 256 << 20

  /// One direction.
  struct Half {
    var stream = RecordStream()
    var handshake = HandshakeReader()
    var epoch: Epoch?
    /// How many records may be lost since the last that was opened, and how many bytes on the wire.
    var slack = 0
    var lostBytes = 0
    /// The number in the nonce of the last record of TLS 1.2 that was opened, and the record's own.
    var lastNonce: (explicit: UInt64, sequence: UInt64)?
    /// Whether a ChangeCipherSpec of TLS 1.2 was seen: what follows is protected.
    var sawChange = false
    /// Whether the keys of the last handshake are in use.
    var usesPending = false
    /// Whether protected records begin without a sign, because the one before them may be lost.
    var mayBeProtected = false
    /// Nothing more can be read.
    var isDead = false
    /// Whether it was said that the key log lacks its secret.
    var saidLack = false
    /// Records that were not authentic one after the other.
    var failures = 0
  }

  /// - Parameters:
  ///   - client: The direction that comes from the client, if it is known.
  ///   - isMidstream: Whether it began before the capture.
  package init(keyLog: TLSKeyLog, client: Int?, isMidstream: Bool) {
    self.keyLog = keyLog
    clientDirection = client
    if isMidstream {
      for direction in 0..<2 { beginMidstream(direction) }
    }
  }

  /// Whether bytes can be the beginning of a record: five at least are looked at.
  package static func canBegin(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= ProtectedRecord.headerLength else { return false }
    return RecordStream.bodyLength(bytes.extracting(0..<5).withUnsafeBytes { Array($0) }, at: 0) != nil
  }

  // MARK: Input

  /// Takes in the next bytes of a direction.
  package func receive(_ bytes: RawSpan, of direction: Int, _ handler: some TLSHandler) {
    guard !halves[direction].isDead else { return }
    halves[direction].stream.append(bytes)
    read(direction, handler)
  }

  /// Whether a direction's last record is not complete.
  package func isInsideRecord(_ direction: Int) -> Bool { halves[direction].stream.isInsideRecord }

  /// Goes past bytes that are not in the capture.
  package func skip(_ count: Int, of direction: Int, _ handler: some TLSHandler) {
    guard !halves[direction].isDead else { return }
    halves[direction].handshake.lose()
    halves[direction].mayBeProtected = true
    if let length = halves[direction].stream.skip(count) {
      halves[direction].slack += 1
      halves[direction].lostBytes += length
    }
  }

  /// Looks whether the key log has the connection's secrets by now, and goes on with what waits for them.
  ///
  /// - Parameter isLast: Whether nothing waits any longer.
  package func resume(isLast: Bool, _ handler: some TLSHandler) {
    guard awaitsKeys else { return }
    if isLast { waitsForKeys = false }
    keyLog.refresh()
    guard isLast || keyLog.generation != knownGeneration else { return }
    findKeys()
    // The server's answer comes before what the client sends under its keys.
    for direction in [1 - (clientDirection ?? 0), clientDirection ?? 0] { read(direction, handler) }
  }

  /// Whether records wait for secrets.
  package var awaitsKeys: Bool {
    waitsForKeys && clientHello != nil && serverHello != nil && (secrets == nil || lacksTraffic) && !isUnsupported
  }

  /// Whether the key log has secrets of the connection.
  package var hasSecrets: Bool { secrets != nil }

  /// Whether the key log has what is needed, but for what the server said.
  package var lacksAnswer: Bool {
    serverHello == nil && clientHello.map { keyLog.secrets(of: $0.random)?[.master] != nil } ?? false
  }

  /// Says that a direction is over.
  ///
  /// - Returns: Whether it ended inside of a record.
  package func finish(_ direction: Int, _ handler: some TLSHandler) -> Bool {
    guard !halves[direction].isDead else { return false }
    let isInside = halves[direction].stream.isInsideRecord && !halves[direction].stream.isSearching
    halves[direction].lostBytes += halves[direction].stream.isSearching ? halves[direction].stream.lostBytes : 0
    if halves[direction].lostBytes > 0, halves[direction].epoch?.kind == .application {
      handler.take(.lost(nil), of: direction, self)
    }
    halves[direction].isDead = true
    return isInside && !halves[direction].mayBeProtected
  }

  // MARK: Records

  private func read(_ direction: Int, _ handler: some TLSHandler) {
    while !halves[direction].isDead {
      if halves[direction].stream.isSearching, !search(direction, handler) { return }
      switch halves[direction].stream.next() {
      case .needsMore:
        // What cannot be opened is not kept, which many connections at once would make dear.
        guard isUnsupported || reportedNoKeys && needsKeys, halves[direction].stream.startsProtected,
          let length = halves[direction].stream.passIncomplete()
        else { return }
        passOver(length, direction)
      case .strange:
        let offset = halves[direction].stream.offset
        handler.take(.strange(offset: offset), of: direction, self)
        halves[direction].stream.search(0)
        halves[direction].mayBeProtected = true
        halves[direction].handshake.lose()
        // What begins as TLS and does not go on so is something else.
        if serverHello == nil, clientHello == nil { halves[direction].isDead = true }
      case .record(let type, let version, let range):
        let record = ProtectedRecord(type: type, version: version, body: halves[direction].stream.buffer[range])
        guard take(record, direction, handler) else { return }
        if halves[direction].stream.isSearching { continue }
        halves[direction].stream.pass(ProtectedRecord.headerLength + range.count)
      }
    }
  }

  /// Takes a record. False where it has to wait.
  private func take(_ record: ProtectedRecord, _ direction: Int, _ handler: some TLSHandler) -> Bool {
    if isProtected(record, direction) {
      if isUnsupported { return passOver(record.body.count, direction) }
      if lacksTraffic {
        if keyLog.generation != knownGeneration { findKeys() }
        if awaitsKeys { return false }
      }
      if needsKeys {
        if keyLog.generation != knownGeneration { findKeys() }
        if awaitsKeys { return false }
        if secrets == nil, pending == nil {
          if !reportedNoKeys, !isMidstreamSearch {
            reportedNoKeys = true
            handler.take(.noKeys, of: direction, self)
          }
          if !isMidstreamSearch { return passOver(record.body.count, direction) }
        }
      }
      figures[direction].records += 1
      figures[direction].protectedBytes += record.body.count
      open(record, direction, handler)
      return true
    }
    figures[direction].records += 1
    switch record.type {
    case 20: changeCipherSpec(direction, handler)
    case 21: takeAlert(record.body, direction, handler)
    case 22: takeHandshake(record.body, direction, handler)
    default: break
    }
    return true
  }

  /// Goes past a record that cannot be opened. Secrets that come later open what is behind it, as behind a loss.
  @discardableResult
  private func passOver(_ length: Int, _ direction: Int) -> Bool {
    figures[direction].records += 1
    figures[direction].protectedBytes += length
    halves[direction].slack = min(halves[direction].slack + 1, Self.slackLimit)
    halves[direction].lostBytes += ProtectedRecord.headerLength + length
    return true
  }

  private var needsKeys: Bool { secrets == nil && pending == nil && halves.allSatisfy { $0.epoch == nil } }

  /// Whether the key log has secrets of the connection, but not all that its content is under.
  private var lacksTraffic: Bool {
    guard isVersion13, let secrets else { return false }
    return TLSKeyLog.Label.traffic.contains { secrets[$0] == nil }
  }

  var isVersion13: Bool { serverHello.map { $0.version == 0x0304 } ?? false }

  /// Whether a record's body is protected: of TLS 1.3 that is said by its type.
  private func isProtected(_ record: ProtectedRecord, _ direction: Int) -> Bool {
    if record.type == 23 { return true }
    if isVersion13 || halves[direction].epoch?.isVersion13 == true { return false }
    if halves[direction].epoch != nil || halves[direction].sawChange { return record.type != 20 }
    guard halves[direction].mayBeProtected, serverHello != nil, record.type != 20 else { return false }
    // Its beginning tells whether it can be a message that is not protected.
    return record.type == 22 ? !HandshakeReader.canBegin(record.body) : record.body.count != 2
  }

  private func open(_ record: ProtectedRecord, _ direction: Int, _ handler: some TLSHandler) {
    let offset = halves[direction].stream.offset
    if openAny(record, direction, handler) {
      deliver(record, direction, handler)
    } else if halves[direction].epoch != nil || halves[direction].slack > 0 {
      halves[direction].slack += 1
      halves[direction].lostBytes += ProtectedRecord.headerLength + record.body.count
      halves[direction].failures += 1
      if let label = lackedSecret(direction) {
        sayLack(of: label, direction, handler)
      } else if halves[direction].epoch != nil, !lacksHandshake(direction) {
        handler.take(.badRecord(offset: offset), of: direction, self)
      }
    } else if direction == clientDirection, clientHello?.offersEarlyData == true, secrets?[.clientEarly] == nil,
      serverHello == nil || earlyDataIsOpen
    {
      hasUnopenedEarly = true
      sayLackOfEarly(handler)
    } else if let label = lackedSecret(direction) {
      sayLack(of: label, direction, handler)
    }
  }

  /// The secret that a record can be under which cannot be opened, and that the key log lacks.
  private func lackedSecret(_ direction: Int) -> TLSKeyLog.Label? {
    guard let secrets, isVersion13 || halves[direction].epoch?.isVersion13 == true,
      halves[direction].epoch?.kind != .application
    else { return nil }
    let label: TLSKeyLog.Label = direction == clientDirection ? .clientTraffic : .serverTraffic
    return secrets[label] == nil ? label : nil
  }

  /// Whether a record behind early data can be one of the handshake whose secret the key log lacks.
  private func lacksHandshake(_ direction: Int) -> Bool {
    halves[direction].epoch?.kind == .early && secrets?[.clientHandshake] == nil
  }

  /// Says that early data which the server takes cannot be read.
  func sayLackOfEarly(_ handler: some TLSHandler) {
    guard hasUnopenedEarly, earlyDataIsAccepted, let client = clientDirection else { return }
    hasUnopenedEarly = false
    tellLack(of: .clientEarly, client, handler)
  }

  private func tellLack(of label: TLSKeyLog.Label, _ direction: Int, _ handler: some TLSHandler) {
    handler.take(.lacksSecret(label), of: direction, self)
    handler.take(.lost(nil), of: direction, self)
  }

  /// Says once that what a direction carries cannot be read.
  private func sayLack(of label: TLSKeyLog.Label, _ direction: Int, _ handler: some TLSHandler) {
    guard !halves[direction].saidLack else { return }
    halves[direction].saidLack = true
    tellLack(of: label, direction, handler)
  }

  /// Opens a record with the keys that it can be under, and says what is lost before it.
  func openAny(_ record: ProtectedRecord, _ direction: Int, _ handler: some TLSHandler) -> Bool {
    let slack = halves[direction].slack
    if var epoch = halves[direction].epoch {
      let hint = hint(record, direction)
      if let lost = epoch.open(record, slack: slack, budget: &budget, hint: hint) {
        halves[direction].epoch = epoch
        settleLoss(lost, of: epoch, isSame: true, direction, handler)
        return true
      }
    }
    for var epoch in laterEpochs(direction, slack: slack) {
      guard let lost = epoch.open(record, slack: slack, budget: &budget, hint: nil) else { continue }
      let isSame = halves[direction].epoch == nil && epoch.kind != .application
      let isUpdate = halves[direction].epoch?.kind == .application
      halves[direction].epoch = epoch
      halves[direction].usesPending = !epoch.isVersion13
      learn(epoch, direction, handler)
      settleLoss(lost, of: epoch, isSame: isSame, isUpdate: isUpdate, direction, handler)
      return true
    }
    return openMidstream(record, direction, handler)
  }

  /// The keys say what the server's answer would have said.
  func learn(_ epoch: Epoch, _ direction: Int, _ handler: some TLSHandler) {
    guard serverHello == nil, suite == nil, epoch.kind != .early, let known = epoch.suite else { return }
    suite = known
    session.version = "1.3"
    session.cipher = known.name
    handler.take(.session, of: direction, self)
  }

  /// Says how much of what the connection carries is lost before a record that was opened.
  func settleLoss(
    _ records: Int, of epoch: Epoch, isSame: Bool, isUpdate: Bool = false, _ direction: Int,
    _ handler: some TLSHandler
  ) {
    isOpened = true
    defer {
      halves[direction].slack = 0
      halves[direction].lostBytes = 0
      halves[direction].failures = 0
      halves[direction].mayBeProtected = false
    }
    let wire = halves[direction].lostBytes
    guard wire > 0, epoch.kind == .application else { return }
    // How much was lost under the keys before is not known.
    halves[direction].handshake.lose()
    if isSame, let overhead = epoch.protection.overhead, wire - records * overhead >= 0, records > 0 {
      let count = wire - records * overhead
      if count > 0 { handler.take(.lost(count), of: direction, self) }
    } else if isSame || isUpdate || records > (epoch.isVersion13 ? 0 : 1) {
      // The first record of TLS 1.2 under its keys ends the handshake.
      handler.take(.lost(nil), of: direction, self)
    }
  }

  /// The number that a record of TLS 1.2 has if its sender counts its nonces up.
  func hint(_ record: ProtectedRecord, _ direction: Int) -> UInt64? {
    guard let last = halves[direction].lastNonce,
      let explicit = halves[direction].epoch?.protection.explicitNonce(of: record)
    else { return nil }
    return last.sequence &+ (explicit &- last.explicit)
  }
}
