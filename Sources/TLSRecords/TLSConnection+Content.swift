/// What records carry: alerts, the messages of the handshake, and content.
extension TLSConnection {
  func deliver(_ record: ProtectedRecord, _ direction: Int, _ handler: some TLSHandler) {
    guard let epoch = halves[direction].epoch else { return }
    if let explicit = epoch.protection.explicitNonce(of: record) {
      halves[direction].lastNonce = (explicit, epoch.sequence - 1)
    }
    var type = record.type
    var plaintext = epoch.protection.plaintext[...]
    if epoch.isVersion13 {
      // Padding is zeros behind the content's type (RFC 8446 §5.4).
      guard let end = plaintext.lastIndex(where: { $0 != 0 }) else { return }
      type = plaintext[end]
      plaintext = plaintext[..<end]
    }
    switch type {
    case 21: takeAlert(plaintext, direction, handler)
    case 22: takeHandshake(plaintext, direction, handler)
    case 23 where !plaintext.isEmpty:
      if epoch.kind == .application, earlyDataIsOpen, direction == clientDirection {
        // What comes behind the handshake without an end of the early data: they were not taken.
        decideEarlyData(false, handler)
      }
      content = plaintext
      handler.take(epoch.kind == .early ? .earlyContent : .content, of: direction, self)
      content = []
    default: break
    }
  }

  func takeAlert(_ body: ArraySlice<UInt8>, _ direction: Int, _ handler: some TLSHandler) {
    guard body.count == 2, let level = body.first, let description = body.last else { return }
    if description != TLSAlert.closeNotify {
      handler.take(.alert(level: level, description: description), of: direction, self)
    }
  }

  func takeHandshake(_ body: ArraySlice<UInt8>, _ direction: Int, _ handler: some TLSHandler) {
    for message in halves[direction].handshake.take(body) {
      switch message.kind {
      case .clientHello:
        guard let hello = Hello(message.body, isClient: true) else { continue }
        takeClientHello(hello, direction, handler)
      case .serverHello:
        guard let hello = Hello(message.body, isClient: false) else { continue }
        takeServerHello(hello, direction, handler)
      case .newSessionTicket: rememberTicket(message.body)
      case .encryptedExtensions where isVersion13: takeExtensions(message.body, handler)
      case .endOfEarlyData where isVersion13: decideEarlyData(true, handler)
      case .encryptedExtensions, .endOfEarlyData: break
      }
    }
  }

  private func takeClientHello(_ hello: Hello, _ direction: Int, _ handler: some TLSHandler) {
    clientDirection = direction
    helloIsAnswered = false
    // Another handshake on the connection has secrets of its own.
    if clientHello?.random != hello.random { secrets = nil }
    clientHello = hello
    session.clientRandom = hello.random
    keyLog.ask(hello.random)
    session.serverName = hello.serverName ?? session.serverName
    session.offeredProtocols = hello.protocols
    if hello.offersEarlyData {
      earlyDataIsOpen = true
      findKeys()
    }
    handler.take(.session, of: direction, self)
  }

  private func takeServerHello(_ hello: Hello, _ direction: Int, _ handler: some TLSHandler) {
    clientDirection = 1 - direction
    if hello.isRetryRequest {
      decideEarlyData(false, handler)
      return
    }
    if helloIsAnswered {
      // The answer to another hello, which was not captured: whose it is tells only the trial of the key log's sessions.
      clientHello = nil
      secrets = nil
      session.clientRandom = nil
    }
    helloIsAnswered = true
    serverHello = hello
    session.version = TLSSession.name(ofVersion: hello.version)
    session.cipher = CipherSuite.name(hello.suite)
    session.applicationProtocol = hello.protocols.first ?? session.applicationProtocol
    session.isResumed = hello.version < 0x0304 && !hello.session.isEmpty && hello.session == clientHello?.session
    suite = CipherSuite(hello.suite)
    pending = nil
    for each in 0..<2 { halves[each].usesPending = false }
    handler.take(.session, of: direction, self)
    if hello.version < 0x0303 {
      unsupported("TLS \(session.version ?? "")", direction, handler)
    } else if suite == nil {
      unsupported(CipherSuite.name(hello.suite), direction, handler)
    } else {
      findKeys()
    }
  }

  private func unsupported(_ what: String, _ direction: Int, _ handler: some TLSHandler) {
    isUnsupported = true
    handler.take(.unsupported(what), of: direction, self)
  }

  private func takeExtensions(_ body: ArraySlice<UInt8>, _ handler: some TLSHandler) {
    // They stand alone, as behind a ServerHello's other fields.
    var reader = ByteReader(body)
    guard var extensions = reader.vector(2).map(ByteReader.init) else { return }
    var isAccepted = false
    while let type = extensions.number(2), let content = extensions.vector(2) {
      if type == 42 { isAccepted = true }
      guard type == 16 else { continue }
      var names = ByteReader(content)
      guard var list = names.vector(2).map(ByteReader.init), let name = list.vector(1) else { continue }
      session.applicationProtocol = String(decoding: name, as: UTF8.self)
      handler.take(.session, of: 1 - (clientDirection ?? 0), self)
    }
    decideEarlyData(isAccepted, handler)
  }

  private func decideEarlyData(_ isAccepted: Bool, _ handler: some TLSHandler) {
    guard earlyDataIsOpen else { return }
    earlyDataIsOpen = false
    earlyDataIsAccepted = isAccepted
    sayLackOfEarly(handler)
    handler.take(.earlyDataDecided(isAccepted: isAccepted), of: clientDirection ?? 0, self)
  }
}
