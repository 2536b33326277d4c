import Negotiation
import PacketCapture
import Specification
import TLSRecords

/// The HTTP halves of a connection, and the upgrade that both agree on.
extension ConnectionInspector {
  func consume(_ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      switch halves[direction].mode {
      case .start:
        let first = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        if halves[direction].first == nil { halves[direction].first = first }
        if beginsTLS(direction, bytes, at: offset) {
          halves[direction].mode = .encrypted
        } else if ProxyHeader.canBegin(first), canBeProxied(direction) {
          halves[direction].mode = .proxyHeader
        } else {
          start(direction, first)
        }
      case .encrypted:
        beginTLS(direction)
        return decrypt(
          direction, bytes.extracting(offset..<range.upperBound), stamp, level: Int(halves[direction].depth) - 1)
      case .socks: offset = consumeSOCKS(direction, bytes, offset..<range.upperBound, stamp)
      case .proxyHeader: offset = consumeProxyHeader(direction, bytes, offset..<range.upperBound, stamp)
      case .http where mayLackContent && direction == clientDirection:
        mayLackContent = false
        if lacksContent(halves[direction], bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) {
          halves[direction].http.follow(.none)
          endUpgradeContent(direction)
        }
      case .http: offset = consumeHTTP(direction, bytes, offset..<range.upperBound, stamp)
      case .waiting:
        let first = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        if halves[direction].waiting.isEmpty, (0x43...0x5A).contains(first), !exchange.awaitsTunnel {
          // A letter cannot begin a frame here: the client goes on with HTTP.
          halves[direction].mode = .http
          continue
        }
        halves[direction].waiting.append(
          (bytes.extracting(offset..<range.upperBound).withUnsafeBytes { Array($0) }, stamp, isAhead))
        halves[direction].waitingBytes += range.upperBound - offset
        if halves[direction].waitingBytes > Self.waitingLimit { releaseWaiting() }
        return
      case .webSocket where halves[direction].mayBeginTLS:
        halves[direction].mayBeginTLS = false
        guard beginsTLS(direction, bytes, at: offset) else { continue }
        halves[direction].webSocket = nil
        halves[direction].mode = .encrypted
      case .webSocket where halves[direction].mayBeginHTTP:
        let isKnown = sawFrames || (direction == clientDirection ? exchange.hasRequest : exchange.isAccepted)
        let begins = !isKnown && Self.beginsHead(bytes.extracting(offset..<range.upperBound))
        halves[direction].mayBeginHTTP = !isKnown && !begins
        if begins {
          halves[direction].webSocket = nil
          halves[direction].http = HTTPStream()
          halves[direction].mode = .http
        } else {
          halves[direction].position += range.upperBound - offset
          consumeFrames(direction, bytes.extracting(offset..<range.upperBound), stamp)
          return giveUpVainSearch()
        }
      case .webSocket:
        halves[direction].position += range.upperBound - offset
        consumeFrames(direction, bytes.extracting(offset..<range.upperBound), stamp)
        giveUpVainSearch()
        return
      case .http2:
        halves[direction].position += range.upperBound - offset
        return lookAtHTTP2(direction, bytes.extracting(offset..<range.upperBound), stamp)
      case .dead: return
      }
    }
  }

  /// Whether bytes behind a loss are a head of HTTP/1, which begins with a method, or with its version. No frame begins so.
  private static func beginsHead(_ bytes: RawSpan) -> Bool {
    let line = bytes.withUnsafeBytes { $0.prefix(8192).prefix { $0 != 0x0A }.map(\.self) }
    guard !line.starts(with: "HTTP/1.".utf8) else { return true }
    let method = line.prefix { (0x41...0x5A).contains($0) }
    return (3...16).contains(method.count) && line.dropFirst(method.count).first == 0x20
      && line.suffix(10).starts(with: " HTTP/1.".utf8)
  }

  /// Decides by a direction's first byte what it speaks.
  func start(_ direction: Direction, _ first: UInt8) {
    if beginsSOCKS(direction, first) {
      if socks.count == Int(halves[direction].passedSOCKS) { socks.append(SOCKSExchange()) }
      return halves[direction].mode = .socks
    }
    // Empty lines may come before a request (RFC 9112 §2.2).
    if (0x41...0x5A).contains(first) || (first == 0x0D && !isMidstream && !exchange.isAccepted) {
      halves[direction].mode = .http
    } else if isMidstream || halves[direction].hasGap || exchange.isAccepted || exchange.hasRequest {
      beginWebSocket(direction, searching: true)
    } else if beginsHTTP2Server(direction, first) {
      halves[direction].mode = .http2
    } else {
      giveUp(direction)
    }
  }

  /// Whether a direction's first byte can be a client's that asks a SOCKS proxy for a connection, or the answer to it.
  private func beginsSOCKS(_ direction: Direction, _ first: UInt8) -> Bool {
    let passed = Int(halves[direction].passedSOCKS)
    guard passed < Self.mostProxies, !halves[direction].hasGap, !isMidstream, !exchange.isAccepted else { return false }
    guard let client = clientDirection, direction == client else { return socks.count > passed }
    // The proxy has said nothing yet, but what an outer one answers.
    return SOCKSExchange.canBegin(first)
      && (halves[1 - direction].first == nil || Int(halves[1 - direction].passedSOCKS) < passed)
  }

  /// Names a connection that cannot be looked into. Where the user asked for the port every such connection is named; otherwise the
  /// first is, because it could be what the user is looking for, and with a key log those that it lacks.
  ///
  /// - Parameter isEach: Whether it is one of those that are named anyway.
  func reportUndecodable(
    _ code: InspectionFindingCode, _ message: String, _ stamp: PacketStamp, isEach: Bool = false
  ) {
    guard options.ports.isEmpty else {
      report(code, clientDirection, offset: 0, message, first: opened, last: stamp)
      if !isWritten { write() }
      return
    }
    let place = RecordPlace(connection: nil, first: opened, last: stamp)
    let client = clientDirection ?? 0
    let text = "\(endpoints[client]) > \(endpoints[1 - client]): \(message)"
    if isEach || code != .http2 && !keyLog.isEmpty {
      output.reportSome(FindingRecord(code, role: nil, offset: nil, message: text), at: place)
    } else {
      output.reportOnce(FindingRecord(code, role: nil, offset: nil, message: "\(text); others may follow"), at: place)
    }
  }

  func giveUp(_ direction: Direction) {
    halves[direction].mode = .dead
    if !exchange.hasRequest, !exchange.isAccepted, !isWritten || isEncrypted || isHTTP2 { ignore() }
  }

  func giveUpVainSearch() {
    guard !isWritten, !exchange.isAccepted, !exchange.hasRequest else { return }
    let searched = (halves[0].webSocket?.searchedBytes ?? 0) + (halves[1].webSocket?.searchedBytes ?? 0)
    if searched > Self.searchLimit { ignore() }
  }

  func consumeHTTP(_ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp) -> Int {
    var offset = range.lowerBound
    while offset < range.upperBound, halves[direction].mode == .http {
      let before = offset
      let event = halves[direction].http.step(bytes, &offset, range.upperBound)
      halves[direction].position += offset - before
      switch event {
      case .needsMore: return offset
      case .head(let head): takeHead(direction, head, stamp)
      case .contentEnd: endUpgradeContent(direction)
      case .notHTTP(let collected):
        if collected.starts(with: "PRI * HTTP/2".utf8) {
          takeHTTP2(direction, collected.span.bytes, stamp)
        } else if isMidstream || halves[direction].hasGap {
          halves[direction].position -= collected.count
          beginWebSocket(direction, searching: true)
          halves[direction].position += collected.count
          consumeFrames(direction, collected.span.bytes, stamp)
        } else {
          giveUp(direction)
        }
      }
    }
    return offset
  }

  func takeHead(_ direction: Direction, _ original: HTTPMessageHead, _ stamp: PacketStamp) {
    settle()
    sawHTTP = true
    var head = original
    if let redaction {
      guard let redacted = redaction.head(original, direction, stamp) else { return giveUp(direction) }
      head = redacted
    }
    if let status = head.status {
      if clientDirection == nil { clientDirection = 1 - direction }
      return takeResponse(direction, head, status, stamp)
    }
    if clientDirection == nil { clientDirection = direction }
    if head.method == "CONNECT" {
      takeConnect(direction)
    } else if head.isWebSocketUpgrade {
      takeUpgrade(direction, head, stamp)
    } else {
      halves[direction].http.follow(head.content())
    }
    exchange.take(head)
  }

  func takeUpgrade(_ direction: Direction, _ head: HTTPMessageHead, _ stamp: PacketStamp) {
    exchange.takeUpgrade(head)
    requestTime = stamp.time
    registerClient(direction)
    let content = head.content()
    halves[direction].http.follow(content)
    if case .none = content {} else { halves[direction].isInUpgradeContent = true }
    if exchange.isAccepted { settleUpgrade(stamp) }
    if !halves[direction].isInUpgradeContent { awaitAnswer(direction) }
  }

  /// Remembers by what addresses others may speak of the client.
  func registerClient(_ direction: Direction) {
    output.register(client: endpoints[direction].description, number)
    if let statedClient { output.register(client: statedClient, number) }
  }

  /// The request for the upgrade is complete: what comes next are frames, if it is accepted.
  private func awaitAnswer(_ direction: Direction) {
    if exchange.isAccepted {
      beginWebSocket(direction, searching: false)
      decideIfPossible()
    } else {
      halves[direction].mode = .waiting
    }
  }

  /// Whether a client that waited to be told to send its content was upgraded instead, and goes on with frames (RFC 9110 §10.1.1).
  private func lacksContent(_ half: Half, _ first: UInt8) -> Bool {
    half.isInUpgradeContent && half.http.isAtContentStart
      && [0x01, 0x02, 0x81, 0x82, 0x88, 0x89, 0x8A, 0xC1, 0xC2].contains(first)
  }

  /// The content of a request is complete, which has no meaning for an upgrade.
  func endUpgradeContent(_ direction: Direction) {
    guard halves[direction].isInUpgradeContent, halves[direction].http.isBetweenMessages else { return }
    halves[direction].isInUpgradeContent = false
    awaitAnswer(direction)
  }

  func takeResponse(_ direction: Direction, _ head: HTTPMessageHead, _ status: Int, _ stamp: PacketStamp) {
    switch exchange.answer(head, status: status) {
    case .interim: halves[direction].http.follow(.none)
    case .http2: takeHTTP2(direction, [UInt8]().span.bytes, stamp)
    case .tunnel: beginTunnel()
    case .upgraded:
      answerTime = stamp.time
      if isWritten {
        // An earlier upgrade on this connection was refused: its record is written again, with what holds now.
        isWritten = false
        isRewritten = true
      }
      beginWebSocket(direction, searching: false)
      sawEarlyBytes = halves[1 - direction].waiting.contains { !$0.isAhead && $0.stamp.number < stamp.number }
      settleUpgrade(stamp)
      mayLackContent = exchange.mayLackContent
      releaseWaiting()
      decideIfPossible()
    case .refusedUpgrade(let content):
      answerTime = stamp.time
      halves[direction].http.follow(content)
      report(
        .upgradeRejected, direction, offset: nil, "the upgrade is refused with status \(status)", first: stamp,
        last: stamp)
      if !isWritten, !isIgnored { write() }
      refuseWaiting()
    case .refusedTunnel(let content):
      halves[direction].http.follow(content)
      refuseWaiting()
    case .other(.untilClose)
    where (200..<300).contains(status)
      && (halves[1 - direction].hasGap || halves[1 - direction].isUntouched):
      // What it answers is not there: it may have been a CONNECT, whose answer has no body.
      halves[direction].hasGap = true
      halves[direction].mayBeginHTTP = true
      beginWebSocket(direction, searching: true)
    case .other(let content): halves[direction].http.follow(content)
    }
  }

  /// Takes what was agreed, and reports what does not follow from the request.
  func settleUpgrade(_ stamp: PacketStamp) {
    for fault in exchange.settle() {
      report(
        fault.code, breaking: fault.rule, clientDirection.map { 1 - $0 }, offset: nil, fault.message, first: stamp,
        last: stamp)
    }
    for each in 0..<2 { halves[each].webSocket?.allowsCompression = exchange.allowsCompression }
  }

  /// The client goes on with HTTP.
  func refuseWaiting() {
    guard let client = clientDirection, halves[client].mode == .waiting else { return }
    halves[client].mode = .http
    feedWaiting(client)
  }

  /// The client's frames may be looked at: the answer is known, or will not be.
  func releaseWaiting() {
    guard let client = clientDirection, halves[client].mode == .waiting else { return }
    if exchange.awaitsTunnel {
      // The proxy's answer is not there: what follows is what the tunnel carries.
      beginTunnel()
    } else {
      beginWebSocket(client, searching: false)
      feedWaiting(client)
    }
  }

  func feedWaiting(_ direction: Direction) {
    let waiting = halves[direction].waiting
    halves[direction].waiting = []
    halves[direction].waitingBytes = 0
    feed(direction, waiting)
  }

  /// Reads bytes that waited. TLS may begin in one part of them and go on in the next.
  func feed(_ direction: Direction, _ parts: [(bytes: [UInt8], stamp: PacketStamp, isAhead: Bool)]) {
    let current = isAhead
    let depth = Int(halves[direction].depth)
    for part in parts {
      isAhead = part.isAhead
      let bytes = part.bytes.span.bytes
      if Int(halves[direction].depth) > depth {
        decrypt(direction, bytes, part.stamp, level: depth)
      } else {
        consume(direction, bytes, 0..<bytes.byteCount, part.stamp)
      }
    }
    isAhead = current
  }

  func beginWebSocket(_ direction: Direction, searching: Bool) {
    halves[direction].mode = .webSocket
    redaction?.beginFrames(direction, isSearching: searching)
    halves[direction].webSocket = WebSocketStream(
      of: direction, at: halves[direction].position, expectsMask: clientDirection.map { $0 == direction },
      allowsCompression: exchange.allowsCompression, messageLimit: options.messageLimit, isSearching: searching)
  }

  /// A frame shows by its mask who sent it.
  func learnedMask(_ direction: Direction, isMasked: Bool) {
    if clientDirection == nil { clientDirection = isMasked ? direction : 1 - direction }
    expectMasks()
  }

  /// Tells both streams who sends masked frames.
  func expectMasks() {
    for each in 0..<2 { halves[each].webSocket?.expectsMask = each == clientDirection }
  }
}
