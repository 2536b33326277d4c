import FrameCodec
import Negotiation
import PacketCapture
import Specification
import TLSRecords

/// Looks at one TCP connection: its HTTP halves, its WebSocket frames, and the protocol's frames and calls in them.
///
/// What it finds waits until the connection's own record can be written; then everything is written in order.
///
/// As in `TCPConnection`, exclusive access to what each packet touches is not checked at run time.
final class ConnectionInspector {
  let number: Int
  /// Where the transport has it.
  let slot: Int
  var options: InspectionOptions { output.options }
  let output: InspectionOutput
  let opened: PacketStamp
  let endpoints: InlineArray<2, Endpoint>
  /// What puts pseudonyms into the bytes before anything here sees them; nil: nothing does.
  let redaction: ConnectionRedaction?
  var isMidstream: Bool
  /// The direction that comes from the client, as far as known.
  @exclusivity(unchecked) var clientDirection: Direction? { willSet { settle() } }
  @exclusivity(unchecked) var halves: InlineArray<2, Half>
  @exclusivity(unchecked) var exchange = UpgradeExchange()
  /// What is only needed until the connection's record is written; nil: nothing is.
  @exclusivity(unchecked) var introduction: Introduction? = Introduction()
  /// What inflates the messages of each direction; nil: there were none.
  @exclusivity(unchecked) var inflations: InlineArray<2, MessageInflation?> = [nil, nil]
  /// How many of the connection's records wait for messages that other threads inflate (``DeferredRecords``).
  @exclusivity(unchecked) var deferredRecords = 0
  /// The revision that headers of cut messages show.
  var cutRevision: Revision?

  @exclusivity(unchecked) var isWritten = false
  /// Whether the connection's record has been written before, for an upgrade that was refused.
  var isRewritten = false
  @exclusivity(unchecked) var isIgnored = false
  @exclusivity(unchecked) var revision: Revision?
  @exclusivity(unchecked) var pairing: CallPairing
  /// The beginnings of the payloads of calls that have no answer yet, where they are wanted.
  var requestPayloads: [RequestName: [UInt8]] = [:]
  /// Whether a close frame came, by direction.
  var closed: InlineArray<2, Bool> = [false, false]
  @exclusivity(unchecked) var isAhead = false
  /// Whether all of its state is there, and whether it was used since somebody looked (``RestingConnections``).
  @exclusivity(unchecked) var isAwake = false
  @exclusivity(unchecked) var wasUsed = true
  var isOver = false
  @exclusivity(unchecked) var sawFrames = false
  var isEncrypted = false
  /// TLS from the outermost on.
  var layers: [EncryptedLayer] = []
  /// Where its secrets come from.
  var keyLog: TLSKeyLog { output.keyLog }
  /// The packet that completed what TLS is reading.
  var tlsStamp: PacketStamp {
    get { layers.first?.stamp ?? opened }
    set { layers.first?.stamp = newValue }
  }
  /// What is known of HTTP/2, and whether it has been said.
  var http2: HTTP2Glance?
  var saidHTTP2 = false
  /// Whether a head of HTTP/1 was read.
  var sawHTTP = false
  /// Whether the client may have left out the content of its request.
  var mayLackContent = false
  /// The directions that ended their streams, in the order of the capture, and whether the connection was reset.
  var finishes: [Finish] = []
  var wasReset = false
  /// Whether the client sent bytes behind its request before it could have the answer.
  var sawEarlyBytes = false
  /// Whether a message was, or began as, a frame of the protocol.
  var sawOwnMessage = false
  /// Messages that were nothing of the protocol, by direction.
  var otherMessages: InlineArray<2, UInt32> = [0, 0]

  /// The end of a direction's stream.
  struct Finish {
    var direction: Direction
    var stamp: PacketStamp
    /// Whether its sender had received a close frame when it sent the FIN.
    var knewOfClose: Bool
  }

  /// Bytes that wait for the answer to an upgrade at most.
  static let waitingLimit = 1 << 20
  /// Bytes of a connection that are searched for frames in vain before it is given up.
  static let searchLimit = 8 << 20

  init(_ opening: TransportOpening, slot: Int, at stamp: PacketStamp, output: InspectionOutput) {
    self.slot = slot
    number = opening.number
    opened = stamp
    self.output = output
    redaction = output.redaction.map { ConnectionRedaction($0, opening, stamp, output: output) }
    endpoints = redaction.map { [$0.endpoints[0], $0.endpoints[1]] } ?? [opening.first, opening.second]
    isMidstream = opening.initiator == nil
    clientDirection = opening.initiator
    halves = [Half(), Half()]
    pairing = CallPairing(slow: output.options.slow)
    revision = output.options.revision
  }

  // MARK: Events of the transport

  func setInitiator(_ direction: Direction) {
    clientDirection = direction
    isMidstream = false
    expectMasks()
  }

  func data(_ direction: Direction, _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp, isAhead: Bool) {
    self.isAhead = isAhead
    wasUsed = true
    if !isAwake { wake() }
    if halves[direction].depth > 0 { return decrypt(direction, bytes.extracting(range), stamp, level: 0) }
    // What most packets hold.
    if halves[direction].carriesFramesOnly, redaction == nil {
      halves[direction].position += range.count
      halves[direction].webSocket?.consume(bytes.extracting(range), stamp, self)
      if !isWritten { giveUpVainSearch() }
      return
    }
    consume(direction, bytes, range, stamp)
  }

  /// Bytes that are not in the capture.
  ///
  /// - Parameter isCut: Whether they were cut from a packet that is there.
  func missing(_ direction: Direction, _ count: Int, isCut: Bool, _ stamp: PacketStamp) {
    if halves[direction].depth == 0, !layers.isEmpty, halves[direction].isUntouched { beginTLS(direction) }
    if halves[direction].depth > 0 { return skipEncrypted(direction, count, isCut: isCut, stamp) }
    lose(direction, count, isCut: isCut, stamp)
  }

  /// Bytes of what the connection carries are lost; nil: how many is not known.
  func lose(_ direction: Direction, _ count: Int?, isCut: Bool, _ stamp: PacketStamp) {
    settle()
    let start = halves[direction].position
    halves[direction].position += count ?? 0
    hold(.loss(direction))
    switch halves[direction].mode {
    case .start, .encrypted, .proxyHeader, .socks:
      halves[direction].hasGap = true
      halves[direction].mayBeginTLS = halves[direction].depth == 0
      halves[direction].mayBeginHTTP = true
      beginWebSocket(direction, searching: true)
      loseContext(direction)
    case .http:
      if let count, halves[direction].http.skip(count) { return endUpgradeContent(direction) }
      if halves[direction].http.isInsideHead {
        report(
          .httpTruncated, direction, offset: start, "an HTTP head is incomplete: bytes are missing", first: stamp,
          last: stamp)
      }
      if isCut { takeCutHead(direction, stamp) }
      halves[direction].hasGap = true
      halves[direction].mayBeginHTTP = true
      beginWebSocket(direction, searching: true)
      // Messages may be lost as well.
      loseContext(direction)
      // The answer to the upgrade was lost, if there was one.
      if direction != clientDirection { releaseWaiting() }
    case .waiting:
      releaseWaiting()
      skipFrames(direction, count, isCut: isCut, stamp)
    case .webSocket:
      skipFrames(direction, count, isCut: isCut, stamp)
    case .http2: if isHTTP2 { concludeHTTP2() } else { giveUp(direction) }
    case .dead: break
    }
    redaction?.missing(direction, count ?? 1, isCut: isCut, stamp)
    if direction != clientDirection, halves[direction].mode == .webSocket { releaseWaiting() }
  }

  func packetFinding(_ finding: PacketFinding, _ direction: Direction, _ stamp: PacketStamp) {
    hold(.packetFinding(finding, direction, stamp))
  }

  /// What inflates the messages of a direction.
  func inflation(of direction: Direction) -> MessageInflation {
    if let inflation = inflations[direction] { return inflation }
    let inflation = MessageInflation()
    inflations[direction] = inflation
    return inflation
  }

  /// No more messages come.
  func endInflation() { inflations = [nil, nil] }

  // MARK: Records

  /// Before anything is changed that the connection's messages depend on: writes what waits of them.
  func settle() { if deferredRecords > 0 { output.deferred?.settle(self) } }

  func report(
    _ code: InspectionFindingCode, breaking rule: RequirementID? = nil, _ direction: Direction?, offset: Int?,
    _ message: String, first: PacketStamp, last: PacketStamp
  ) {
    if code.isFrameFault, !isWritten { frameFaults += 1 }
    hold(
      .finding(
        WaitingRecords.Finding(
          code: code, rule: rule, direction: direction, offset: offset,
          message: message), first, last))
  }

  /// Writes a record now, or when what waits for messages before it is written, or keeps it until the connection's record is written.
  func hold(_ record: WaitingRecords.Record) {
    if isWritten {
      if let deferred = output.deferred, deferred.isBusy { return deferred.append(record, of: self) }
      return process(record)
    }
    guard !isIgnored else { return }
    waitingRecords.append(record)
    let limit = awaitsRequest ? options.heldObjects * 16 : options.heldObjects
    guard waitingRecords.exceed(records: limit, bytes: options.heldBytes) else { return }
    if isOfInterest(atEnd: false) {
      write()
    } else {
      // Not known to be of interest: the oldest are given up.
      waitingRecords.drop(toRecords: options.heldObjects * 4, bytes: options.heldBytes)
    }
  }

  /// Writes the connection's record as soon as its revision is sure.
  func decideIfPossible() {
    guard !isWritten, !awaitsRequest, exchange.hasResponse || !exchange.hasRequest || exchange.isAccepted else {
      return
    }
    let isSure =
      options.revision != nil ? detector.revision != nil || exchange.isAccepted : detector.confidence >= 0.999
    if isSure, isOfInterest(atEnd: false) { write() }
  }

  /// Whether the request that the 101 answers may still come: where two taps are merged, one of them can be late.
  var awaitsRequest: Bool {
    guard exchange.isAccepted, !exchange.hasRequest, let client = clientDirection, !halves[client].hasGap else {
      return false
    }
    return switch halves[client].mode {
    case .start, .encrypted: !halves[client].isFinished
    case .http, .proxyHeader, .socks: true
    case .waiting, .webSocket, .http2, .dead: false
    }
  }

  /// Whether the connection speaks WebSocket, and if the upgrade was not captured, this protocol.
  func isOfInterest(atEnd: Bool) -> Bool {
    if exchange.isAccepted { return true }
    if exchange.hasRequest { return atEnd || sawFrames }
    if detector.confidence >= 0.99 { return true }
    // Compressed messages that refer back to before the capture: their frames alone speak for it.
    return atEnd && undecodedMessages >= 3 && frameFaults == 0
  }

  func write() {
    isWritten = true
    if isMidstream || !exchange.hasRequest {
      for role in [PeerRole.client, .server] { pairing.passOver(from: role) }
    } else if !exchange.hasResponse, !exchange.isAccepted {
      // What the client sent may have waited for it in vain, and come behind what answers it.
      for role in [PeerRole.client, .server] { pairing.passOver(from: role) }
    }
    if revision == nil { revision = detector.revision ?? cutRevision }
    let client = clientDirection ?? 0
    output.connection(
      ConnectionRecord(
        client: endpoints[client].description, server: endpoints[1 - client].description, statedClient: statedClient,
        handshake: exchange.handshake, revision: revision ?? nil,
        confidence: options.revision == nil ? detector.confidence : 1, compression: exchange.agreedExtensions,
        status: exchange.status, isMidstream: isMidstream, tls: layers.last.map { shown($0.tls.session) },
        requestTime: requestTime, answerTime: answerTime),
      isAgain: isRewritten,
      at: RecordPlace(connection: number, first: opened, last: opened))
    for record in waitingRecords.takeAll() { process(record) }
    if !output.readsEnds { exchange.forgetHeads() }
  }

  func process(_ record: WaitingRecords.Record) {
    switch record {
    case .message(let info, let bytes, let isAhead): processMessage(info, bytes.span.bytes, isAhead: isAhead)
    case .control(let direction, var record, let first, let last):
      record.role = role(direction)
      output.control(record, at: RecordPlace(connection: number, first: first, last: last))
    case .finding(let finding, let first, let last):
      if finding.code.hidesMessage, let direction = finding.direction { pairing.passOver(from: role(direction)) }
      emit(
        FindingRecord(
          finding.code, finding.rule, role: finding.direction.map(role), offset: finding.offset,
          message: finding.message), first: first, last: last)
    case .loss(let direction): pairing.passOver(from: role(direction))
    case .packetFinding(let finding, let direction, let stamp):
      emit(FindingRecord(finding, role: role(direction)), first: stamp, last: stamp)
    }
  }

  func role(_ direction: Direction) -> PeerRole { direction == clientDirection ?? 0 ? .client : .server }

  func emit(_ finding: FindingRecord, first: PacketStamp, last: PacketStamp) {
    output.finding(finding, at: RecordPlace(connection: number, first: first, last: last))
  }
}
