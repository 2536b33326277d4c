/// The keys that records are under, from the key log and what the handshake said.
extension TLSConnection {
  func changeCipherSpec(_ direction: Int, _ handler: some TLSHandler) {
    guard !isVersion13 else { return }
    halves[direction].handshake.lose()
    halves[direction].sawChange = true
    if halves[direction].lostBytes > 0 {
      // What is lost before the first keys are messages of the handshake.
      if halves[direction].epoch != nil { handler.take(.lost(nil), of: direction, self) }
      halves[direction].lostBytes = 0
      halves[direction].slack = 0
      halves[direction].mayBeProtected = false
    }
    if halves[direction].usesPending {
      // New keys, of a handshake of which the server's hello was not captured.
      pending = nil
      halves[direction].epoch = nil
      halves[direction].usesPending = false
      handler.take(.lacksHandshake, of: direction, self)
      handler.take(.lost(nil), of: direction, self)
      return
    }
    halves[direction].usesPending = pending != nil
    guard let pending else { return halves[direction].epoch = nil }
    halves[direction].epoch = Epoch(direction == clientDirection ? pending.client : pending.server)
    halves[direction].lastNonce = nil
  }

  /// Looks into the key log.
  func findKeys() {
    knownGeneration = keyLog.generation
    guard let random = clientHello?.random else { return }
    var found = keyLog.secrets(of: random)
    knownGeneration = keyLog.generation
    if let serverHello, serverHello.version == 0x0303 {
      let master = found?[.master] ?? resumedMaster(serverHello)
      guard let master, let suite else { return }
      found = [.master: master]
      keyLog.ask(random, master: master)
      if !serverHello.session.isEmpty { keyLog.remember(master, for: serverHello.session) }
      pending = KeySchedule.protection12(
        master: master, clientRandom: random, serverRandom: serverHello.random, suite: suite,
        encryptsFirst: serverHello.encryptsFirst)
      for direction in 0..<2 where halves[direction].sawChange && halves[direction].epoch == nil {
        if let pending {
          halves[direction].epoch = Epoch(direction == clientDirection ? pending.client : pending.server)
          halves[direction].usesPending = true
        }
      }
    } else if found?.keys.contains(where: { $0 != .master }) != true {
      return
    }
    secrets = found
  }

  /// The master secret of the session that is resumed, where the log does not repeat it.
  private func resumedMaster(_ serverHello: Hello) -> [UInt8]? {
    guard let clientHello, session.isResumed else { return nil }
    return keyLog.master(for: clientHello.ticket.isEmpty ? serverHello.session : clientHello.ticket)
  }

  func rememberTicket(_ body: ArraySlice<UInt8>) {
    var reader = ByteReader(body)
    guard let master = secrets?[.master], reader.take(4) != nil, let ticket = reader.vector(2), !ticket.isEmpty else {
      return
    }
    keyLog.remember(master, for: Array(ticket))
  }

  /// So many key updates may be lost at once.
  private static let lostUpdates = 16

  /// The keys that can be next in a direction, in their order.
  func laterEpochs(_ direction: Int, slack: Int) -> [Epoch] {
    let current = halves[direction].epoch
    if let updated = current?.updated {
      // Key updates may be among what is lost.
      return Array(sequence(first: updated, next: \.updated).prefix(slack > 0 ? Self.lostUpdates : 1))
    }
    if let pending, !isVersion13 {
      // Where the sign that keys change is lost.
      guard current == nil || !halves[direction].usesPending else { return [] }
      return [Epoch(direction == clientDirection ? pending.client : pending.server)]
    }
    guard let secrets else { return [] }
    let isClient = direction == clientDirection
    let order: [(Epoch.Kind, TLSKeyLog.Label)] =
      isClient
      ? [(.early, .clientEarly), (.handshake, .clientHandshake), (.application, .clientTraffic)]
      : [(.handshake, .serverHandshake), (.application, .serverTraffic)]
    let next = current.map { current in order.drop { $0.0 != current.kind }.dropFirst() } ?? order[...]
    var epochs = next.flatMap { kind, label -> [Epoch] in
      guard let secret = secrets[label] else { return [] }
      let suites = suite.map { [$0] } ?? CipherSuite.suites13(secretLength: secret.count)
      return suites.compactMap { Epoch(kind, secret: secret, suite: $0) }
    }
    if slack > 0, suite != nil, let updated = epochs.last?.updated {
      epochs += sequence(first: updated, next: \.updated).prefix(Self.lostUpdates)
    }
    return epochs
  }
}
