import SystemCrypto

/// The place of the next record where it is not known, and secrets of connections whose beginning was not captured.
extension TLSConnection {
  /// At most so many records may be lost before one that is recognised.
  static let slackLimit = 1 << 16
  /// The same of a connection that began before the capture: the numbers of its records are found by trial of each session.
  private static let midstreamSlack = 4096
  /// So many sessions are tried for such a connection.
  private static let midstreamSessions = 32
  /// Records of such a connection that are tried.
  private static let midstreamRecords = 8

  // MARK: Behind a loss

  /// Looks for the next record; false where more bytes are needed.
  func search(_ direction: Int, _ handler: some TLSHandler) -> Bool {
    let stream = halves[direction].stream
    let buffer = stream.buffer
    var place = stream.start
    /// Where a record can begin that is not complete.
    var incomplete: Int?
    while buffer.count - place >= ProtectedRecord.headerLength {
      defer { place += 1 }
      guard let length = RecordStream.bodyLength(buffer, at: place) else { continue }
      let body = place + ProtectedRecord.headerLength
      guard buffer.count - body >= length else {
        incomplete = incomplete ?? place
        continue
      }
      let record = ProtectedRecord(
        type: buffer[place], version: UInt16(buffer[place + 1]) << 8 | UInt16(buffer[place + 2]),
        body: buffer[body..<body + length])
      let slack = slack(direction, lost: stream.lostBytes + place - stream.start)
      guard isRecord(record, direction, slack: slack, in: buffer, end: body + length) else { continue }
      let skipped = place - stream.start
      halves[direction].stream.giveUp(skipped)
      halves[direction].lostBytes += halves[direction].stream.lostBytes
      halves[direction].slack = slack
      halves[direction].stream.found()
      if skipped > 0 {
        handler.take(.resumed(offset: halves[direction].stream.offset, skipped: skipped), of: direction, self)
      }
      return true
    }
    let kept = incomplete ?? max(stream.start, buffer.count - ProtectedRecord.headerLength + 1)
    halves[direction].stream.giveUp(kept - stream.start)
    if budget <= 0 { halves[direction].isDead = true }
    return false
  }

  /// How many records so many bytes can have held, beside those that are lost already.
  private func slack(_ direction: Int, lost: Int) -> Int {
    let shortest = halves[direction].epoch?.protection.minimumLength ?? ProtectedRecord.headerLength + 17
    return min(halves[direction].slack + lost / shortest + 1, Self.slackLimit)
  }

  /// Whether what looks like a record is one: it opens; without keys, another follows it.
  private func isRecord(
    _ record: ProtectedRecord, _ direction: Int, slack: Int, in buffer: [UInt8], end: Int
  ) -> Bool {
    if record.type == 20 { return record.body.count == 1 && record.body.first == 1 }
    let epochs = (halves[direction].epoch.map { [$0] } ?? []) + laterEpochs(direction, slack: slack)
    if !epochs.isEmpty, record.type == 23 || !isVersion13 {
      let hint = hint(record, direction)
      for var epoch in epochs where epoch.open(record, slack: slack, budget: &budget, hint: hint) != nil { return true }
      guard halves[direction].epoch == nil, record.type != 23 else { return false }
    }
    guard end < buffer.count else { return true }
    guard buffer.count - end >= ProtectedRecord.headerLength else {
      return (20...23).contains(buffer[end])
    }
    return RecordStream.bodyLength(buffer, at: end) != nil
  }

  // MARK: Connections that began before the capture

  func beginMidstream(_ direction: Int) {
    halves[direction].stream.search(0)
    halves[direction].slack = Self.midstreamSlack
    halves[direction].mayBeProtected = true
  }

  /// Whether the connection's own random is not known, and its secrets are searched for.
  var isMidstreamSearch: Bool {
    clientHello == nil && secrets == nil
      && halves.allSatisfy { $0.failures < Self.midstreamRecords }
  }

  /// Tries the secrets of all sessions; those of TLS 1.2 need what the server said.
  func openMidstream(_ record: ProtectedRecord, _ direction: Int, _ handler: some TLSHandler) -> Bool {
    guard isMidstreamSearch else { return false }
    if let serverHello, serverHello.version == 0x0303, let suite {
      return openUnnamed(record, direction, serverHello, suite, handler)
    }
    guard record.type == 23, record.body.count > 17 else { return false }
    let sides: [(label: TLSKeyLog.Label, isClient: Bool)] = [(.clientTraffic, true), (.serverTraffic, false)]
    for random in keyLog.randoms.suffix(Self.midstreamSessions).reversed() {
      guard let known = keyLog.secrets(of: random) else { continue }
      for side in sides where clientDirection.map({ ($0 == direction) == side.isClient }) ?? true {
        guard let secret = known[side.label] else { continue }
        for suite in CipherSuite.suites13(secretLength: secret.count) {
          guard var epoch = Epoch(.application, secret: secret, suite: suite),
            let lost = epoch.open(record, slack: halves[direction].slack, budget: &budget, hint: nil)
          else { continue }
          secrets = known
          session.clientRandom = random
          keyLog.ask(random)
          if clientDirection == nil { clientDirection = side.isClient ? direction : 1 - direction }
          halves[direction].epoch = epoch
          halves[direction].lostBytes = 0
          learn(epoch, direction, handler)
          settleLoss(lost, of: epoch, isSame: false, direction, handler)
          return true
        }
      }
    }
    return false
  }

  /// Tries the secrets of all sessions of TLS 1.2 where only the client's random is missing.
  private func openUnnamed(
    _ record: ProtectedRecord, _ direction: Int, _ serverHello: Hello, _ suite: CipherSuite, _ handler: some TLSHandler
  ) -> Bool {
    for random in keyLog.randoms.suffix(Self.midstreamSessions).reversed() {
      guard let master = keyLog.secrets(of: random)?[.master],
        let both = KeySchedule.protection12(
          master: master, clientRandom: random, serverRandom: serverHello.random, suite: suite,
          encryptsFirst: serverHello.encryptsFirst)
      else { continue }
      var epoch = Epoch(direction == clientDirection ? both.client : both.server)
      guard let lost = epoch.open(record, slack: halves[direction].slack, budget: &budget, hint: nil) else { continue }
      secrets = [.master: master]
      pending = both
      session.clientRandom = random
      keyLog.ask(random)
      halves[direction].epoch = epoch
      halves[direction].usesPending = true
      halves[direction].lostBytes = 0
      settleLoss(lost, of: epoch, isSame: false, direction, handler)
      return true
    }
    return false
  }
}
