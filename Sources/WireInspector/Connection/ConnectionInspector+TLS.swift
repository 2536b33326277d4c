import PacketCapture
import Specification
import TLSRecords

/// TLS below what a connection carries: its bytes go through ``TLSConnection``, and what that opens is read as if it had been sent
/// in the clear.
extension ConnectionInspector: TLSHandler {
  /// TLS may be within TLS, where proxies are reached by it.
  private static let deepestLayer = 4

  // MARK: Where it begins

  /// Whether what a direction begins with are records of TLS.
  func beginsTLS(_ direction: Direction, _ bytes: RawSpan, at offset: Int) -> Bool {
    let first = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    let depth = Int(halves[direction].depth)
    guard (20...23).contains(first), depth < Self.deepestLayer else { return false }
    // The answer to TLS is TLS.
    if layers.count > depth { return true }
    guard isMidstream || halves[direction].hasGap || exchange.hasRequest || exchange.isAccepted else {
      return first == 0x16
    }
    return TLSConnection.canBegin(bytes.extracting(offset...))
  }

  /// A direction goes on with TLS.
  func beginTLS(_ direction: Direction) {
    let depth = Int(halves[direction].depth)
    halves[direction].depth += 1
    halves[direction].mode = .start
    halves[direction].first = nil
    halves[direction].position = 0
    guard layers.count == depth else { return }
    isEncrypted = true
    let tls = TLSConnection(
      keyLog: keyLog, client: clientDirection, isMidstream: isMidstream || halves[0].hasGap || halves[1].hasGap)
    tls.waitsForKeys = keyLog.mayGrow
    layers.append(EncryptedLayer(tls))
  }

  // MARK: What it is given

  /// Takes the next bytes of a layer.
  func decrypt(_ direction: Direction, _ bytes: RawSpan, _ stamp: PacketStamp, level: Int) {
    let layer = layers[level]
    if layer.tls.awaitsKeys {
      let copy = EncryptedLayer.Waiting.Content.bytes(bytes.withUnsafeBytes { Array($0) })
      keep(layer, copy, bytes.byteCount, direction, stamp)
    } else {
      tlsStamp = stamp
      layer.tls.receive(bytes, of: direction, self)
      if !layer.tls.isInsideRecord(direction) {
        layer.began[direction] = nil
      } else if layer.began[direction] == nil {
        layer.began[direction] = stamp
      }
      if layer.tls.awaitsKeys { keep(layer, .begun, 0, direction, stamp) }
    }
  }

  /// Goes past bytes of a layer that are missing; nil: how many is not known.
  private func skipEncrypted(_ direction: Direction, _ count: Int?, _ stamp: PacketStamp, level: Int) {
    let layer = layers[level]
    // Where the number is not known the place of the next record is not either.
    let count = count ?? RecordLoss.unknownCount
    if layer.tls.awaitsKeys {
      keep(layer, .missing(count), 0, direction, stamp)
    } else {
      tlsStamp = stamp
      // Which records are lost is known when the next one is read; what answers them may come before.
      hold(.loss(direction))
      layer.tls.skip(count, of: direction, self)
    }
  }

  /// Bytes of the outermost layer are not in the capture.
  func skipEncrypted(_ direction: Direction, _ count: Int, isCut: Bool, _ stamp: PacketStamp) {
    if isCut, !layers[0].saidCut {
      layers[0].saidCut = true
      report(
        .tlsTruncated, direction, offset: nil,
        "a packet was cut when captured: its TLS record cannot be decrypted, and so may others", first: stamp,
        last: stamp)
    }
    skipEncrypted(direction, count, stamp, level: 0)
  }

  /// Keeps what cannot be read yet, and reads it where secrets have come, or too much waits.
  private func keep(
    _ layer: EncryptedLayer, _ content: EncryptedLayer.Waiting.Content, _ size: Int, _ direction: Direction,
    _ stamp: PacketStamp
  ) {
    layer.waiting.append(
      EncryptedLayer.Waiting(direction: direction, content: content, stamp: stamp, isAhead: isAhead))
    layer.waitingBytes += size
    output.waitingBytesLeft -= size
    release(layer, isLast: layer.waitingBytes > EncryptedLayer.waitingLimit || output.waitingBytesLeft < 0)
  }

  /// Reads what waits for secrets, if they have come.
  ///
  /// - Parameter isLast: Whether nothing waits any longer.
  private func release(_ layer: EncryptedLayer, isLast: Bool) {
    guard let level = layers.firstIndex(where: { $0 === layer }), let first = layer.waiting.first else { return }
    let current = isAhead
    tlsStamp = first.stamp
    isAhead = first.isAhead
    layer.tls.resume(isLast: isLast, self)
    guard !layer.tls.awaitsKeys else { return isAhead = current }
    let waiting = layer.waiting
    layer.waiting = []
    output.waitingBytesLeft += layer.waitingBytes
    layer.waitingBytes = 0
    for part in waiting {
      isAhead = part.isAhead
      switch part.content {
      case .bytes(let bytes): decrypt(part.direction, bytes.span.bytes, part.stamp, level: level)
      case .missing(let count): skipEncrypted(part.direction, count, part.stamp, level: level)
      case .begun: break
      }
    }
    isAhead = current
  }

  /// Whether there are bytes that wait for secrets.
  var awaitsKeys: Bool { layers.contains { $0.tls.awaitsKeys } }

  /// The connection is over: nothing waits any longer.
  func releaseEncrypted() {
    for layer in layers where layer.tls.awaitsKeys { release(layer, isLast: true) }
  }

  /// A direction is over.
  func finishEncrypted(_ direction: Direction, _ stamp: PacketStamp) {
    for level in 0..<Int(halves[direction].depth) {
      let layer = layers[level]
      if direction == layer.tls.clientDirection, layer.takesEarlyData == nil { settleEarlyData(true, layer, level) }
      tlsStamp = stamp
      if layer.tls.finish(direction, self), layer.tls.isOpened {
        report(
          .tlsTruncated, direction, offset: nil, "the stream ends inside of a TLS record", first: stamp, last: stamp)
      }
    }
  }

  // MARK: What it gives

  func take(_ event: TLSEvent, of direction: Int, _ tls: TLSConnection) {
    guard let level = layers.firstIndex(where: { $0.tls === tls }) else { return }
    let layer = layers[level]
    let stamp = tlsStamp
    func report(_ code: InspectionFindingCode, _ offset: Int?, _ message: String) {
      self.report(code, direction, offset: offset, message, first: stamp, last: stamp)
    }
    switch event {
    case .content: carry(direction, tls.content, stamp, above: level)
    case .earlyContent:
      if layer.takesEarlyData == true { return carry(direction, tls.content, stamp, above: level) }
      guard layer.takesEarlyData == nil, layer.earlyBytes < EncryptedLayer.earlyLimit else { return }
      layer.early.append(.init(bytes: Array(tls.content), stamp: stamp, isAhead: isAhead))
      layer.earlyBytes += tls.content.count
    case .earlyDataDecided(let isAccepted):
      if !isAccepted, layer.earlyBytes > 0 {
        report(
          .tlsEarlyDataRefused, nil,
          "the server refuses \(layer.earlyBytes) bytes that the client sent before the handshake; they are not shown")
      }
      settleEarlyData(isAccepted, layer, level)
    case .lost(let count):
      if halves[direction].depth > level + 1 {
        skipEncrypted(direction, count, stamp, level: level + 1)
      } else {
        lose(direction, count, isCut: false, stamp)
      }
    case .session:
      guard clientDirection != tls.clientDirection, let client = tls.clientDirection, !exchange.hasRequest else {
        break
      }
      clientDirection = client
      expectMasks()
    case .alert(let level, let description):
      if level == 2 { layer.alert = (description, direction) }
      report(
        .tlsAlert, nil,
        "the TLS alert \(TLSAlert.name(description))" + (level == 2 ? ", which ends the connection" : ""))
    case .noKeys: break
    case .lacksSecret(let label):
      layer.lackedSecrets.append(label)
      self.report(
        .noKeys, direction, offset: nil,
        "the key log has no \(label.rawValue) of the connection: \(Self.content(under: label)) is not decrypted",
        first: stamp, last: stamp)
    case .lacksHandshake:
      self.report(
        .noKeys, direction, offset: nil,
        "the \(role(direction) == .client ? "client" : "server") changes its keys, and the handshake by which it does was not "
          + "captured whole: what it sends from here on is not decrypted", first: stamp, last: stamp)
    case .unsupported(let what): layer.unsupported = what
    case .badRecord(let offset):
      layer.badRecords += 1
      hold(.loss(direction))
      // One tells that something is wrong; what is behind it may be wrong all the way.
      if layer.badRecords <= 8 {
        report(
          .tlsBadRecord, offset, "a TLS record does not authenticate under the secrets of the key log; it is left out")
      }
    case .strange(let offset):
      layer.isStrange = true
      if tls.isOpened { report(.tlsBadRecord, offset, "what should be a TLS record is none") }
    case .resumed(let offset, let skipped):
      if tls.isOpened {
        report(.tlsResync, offset, "\(skipped) bytes were passed over to find the next TLS record")
      }
    }
  }

  /// Reads what a layer carries.
  private func carry(_ direction: Direction, _ bytes: ArraySlice<UInt8>, _ stamp: PacketStamp, above level: Int) {
    bytes.withUnsafeBytes { raw in
      if halves[direction].depth > level + 1 {
        decrypt(direction, raw.bytes, stamp, level: level + 1)
      } else if !isIgnored {
        halves[direction].webSocket?.beganIn = layers[level].began[direction]
        consume(direction, raw.bytes, 0..<raw.count, stamp)
      }
    }
    // What comes behind it in the packet began there.
    layers[level].began[direction] = nil
    tlsStamp = stamp
  }

  private func settleEarlyData(_ isAccepted: Bool, _ layer: EncryptedLayer, _ level: Int) {
    guard layer.takesEarlyData == nil else { return }
    layer.takesEarlyData = isAccepted
    let early = layer.early
    layer.early = []
    guard isAccepted, let client = layer.tls.clientDirection else { return }
    let current = isAhead
    for part in early {
      isAhead = part.isAhead
      carry(client, part.bytes[...], part.stamp, above: level)
    }
    isAhead = current
  }

  // MARK: What could not be opened

  /// Says at the end what is known of a connection of which nothing could be opened, or that failed before it carried anything.
  func reportUnopened(_ stamp: PacketStamp) {
    guard let layer = layers.last, !isWritten else { return }
    if let alert = layer.alert, !exchange.hasRequest, !isOfInterest(atEnd: true) {
      let who = role(alert.direction) == .client ? "client" : "server"
      let text = "the \(who) ends the TLS connection with the alert \(TLSAlert.name(alert.description))"
      output.reportSome(
        FindingRecord(
          .tlsAlert, role: role(alert.direction), offset: nil, message: "\(ends): \(text)\(described(layer))"),
        at: RecordPlace(connection: nil, first: opened, last: stamp))
      return
    }
    guard !layer.tls.isOpened || (!layer.lackedSecrets.isEmpty && !isOfInterest(atEnd: true)) else { return }
    if let unsupported = layer.unsupported {
      return reportUndecodable(.tlsUnsupported, "\(unsupported) is not decrypted\(described(layer))", stamp)
    }
    reportUndecodable(
      .noKeys, "the connection is encrypted (TLS) and \(reasonUnopened(layer))\(described(layer))", stamp)
  }

  private func reasonUnopened(_ layer: EncryptedLayer) -> String {
    if keyLog.isEmpty { return "no keys are given" }
    if !layer.lackedSecrets.isEmpty {
      return "the key log lacks \(layer.lackedSecrets.map(\.rawValue).joined(separator: " and ")) of it"
    }
    if layer.badRecords > 0 { return "the keys given do not fit" }
    if layer.tls.lacksAnswer { return "the server's answer, on which its keys depend, was not captured" }
    guard layer.tls.hasSecrets else { return "the key log has none of its keys" }
    return layer.tls.figures.contains { $0.protectedBytes > 0 }
      ? "the keys given do not fit" : "nothing of what it protects was captured"
  }

  private static func content(under label: TLSKeyLog.Label) -> String {
    switch label {
    case .clientEarly: "what the client sends before the server's answer"
    case .clientTraffic: "what the client sends"
    default: "what the server sends"
    }
  }

  /// The two ends, from the client to the server.
  private var ends: String {
    let client = clientDirection ?? 0
    return "\(endpoints[client]) > \(endpoints[1 - client])"
  }

  /// Application protocols that say nothing about who speaks them.
  private static let commonProtocols: Set<String> = ["http/0.9", "http/1.0", "http/1.1", "h2", "h2c", "h3"]

  /// A session as it may be shown: its server's name says who is talked to, and so can the name of a protocol.
  func shown(_ session: TLSSession) -> TLSSession {
    guard let redaction = output.redaction else { return session }
    var redacted = session
    func shown(_ text: String) -> String {
      Self.commonProtocols.contains(text) ? text : redaction.pseudonyms.word(text)
    }
    redacted.serverName = session.serverName.map {
      redaction.pseudonyms.addressText($0) ?? redaction.pseudonyms.word($0)
    }
    redacted.applicationProtocol = session.applicationProtocol.map(shown)
    redacted.offeredProtocols = session.offeredProtocols.map(shown)
    return redacted
  }

  private func described(_ layer: EncryptedLayer) -> String {
    let session = shown(layer.tls.session)
    let client = layer.tls.clientDirection ?? 0
    func amount(_ direction: Direction) -> String {
      let figures = layer.tls.figures[direction]
      return "\(figures.protectedBytes) B in \(figures.records)"
    }
    var parts: [String] = []
    if let version = session.version { parts.append(version.hasPrefix("1") ? "TLS \(version)" : version) }
    if let cipher = session.cipher { parts.append(cipher) }
    if let name = session.serverName { parts.append("for \(name)") }
    if let chosen = session.applicationProtocol {
      parts.append("speaks \(chosen)")
    } else if !session.offeredProtocols.isEmpty {
      parts.append("offers \(session.offeredProtocols.joined(separator: ", "))")
    }
    if layer.tls.figures.contains(where: { $0.records > 0 }) {
      parts.append("records from client \(amount(client)), from server \(amount(1 - client))")
    }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }
}

/// A number for bytes of which nobody knows how many they are: more than a record has.
private enum RecordLoss {
  static let unknownCount = 1 << 16
}
