import Negotiation
import PacketCapture
import Specification
import TLSRecords

/// How connections end, and what is written of them then.
extension ConnectionInspector {
  /// The connection was reset: what is known of it is written now, though bytes may still come.
  ///
  /// - Parameter direction: Who reset it.
  func reset(_ direction: Direction, _ stamp: PacketStamp) {
    wasReset = true
    redaction?.ended(direction, byReset: true, stamp)
    if !isWritten, !isIgnored, isOfInterest(atEnd: true) { write() }
  }

  /// - Parameters:
  ///   - fin: The packet with the FIN.
  ///   - stamp: The packet of the last bytes before it.
  ///   - hasAll: Whether the sender of the FIN had received everything of the other direction that was given before.
  func finished(_ direction: Direction, fin: PacketStamp, hasAll: Bool, _ stamp: PacketStamp) {
    finishes.append(Finish(direction: direction, stamp: fin, knewOfClose: hasAll && closed[1 - direction]))
    endHalf(direction, stamp)
    redaction?.ended(direction, byReset: false, stamp)
  }

  /// The connection is over; writes what is left.
  func close(isClosed: Bool, _ stamp: PacketStamp) {
    guard !isOver, !isIgnored else { return }
    settle()
    wake()
    if keyLog.mayGrow, awaitsKeys, output.park(self, isClosed: isClosed, stamp) { return }
    releaseEncrypted()
    concludeHTTP2()
    guard !isIgnored else { return }
    isOver = true
    // Behind a tunnel whose answer is not there may be the request for another, or for the upgrade.
    for _ in 0..<Self.mostProxies { releaseWaiting() }
    for direction in 0..<2 { endHalf(direction, stamp) }
    settle()
    if exchange.hasRequest, !exchange.hasResponse, !exchange.isAccepted {
      report(
        .noResponse, clientDirection.map { 1 - $0 }, offset: nil, "the answer to the upgrade was not captured",
        first: stamp, last: stamp)
    }
    if !layers.isEmpty { reportUnopened(stamp) }
    if !isWritten {
      guard isOfInterest(atEnd: true) else { return ignore() }
      write()
    }
    let rest = pairing.finish(isClosed: isClosed || closed[0] || closed[1])
    for orphan in rest.orphans {
      emit(
        FindingRecord(
          .orphanResponse, role: orphan.role, offset: nil,
          message: "an answer with sn \(orphan.sn), which no captured call has", isProof: orphan.isProof),
        first: orphan.stamp, last: stamp)
    }
    for var call in rest.calls {
      call.record.payload = takeRequest(call.record.sn, call.record.role)
      call.record.charset = charset
      output.call(call.record, at: RecordPlace(connection: number, first: call.first, last: stamp))
      emit(
        FindingRecord(
          .unanswered, role: call.record.role, offset: nil,
          message: "the call with sn \(call.record.sn) (id \(call.record.requestId)) has no answer"), first: call.first,
        last: stamp)
    }
    if isForeign { reportForeign(stamp) }
    output.end(endRecord, at: RecordPlace(connection: number, first: opened, last: stamp))
    halves = [Half(), Half()]
    endInflation()
  }

  private var endRecord: ConnectionEndRecord {
    ConnectionEndRecord(
      request: exchange.request, answer: exchange.response, hasEarlyBytes: sawEarlyBytes,
      finishes: finishes.map {
        ConnectionEndRecord.Finish(role: role($0.direction), time: $0.stamp.time, knewOfClose: $0.knewOfClose)
      },
      isForeign: isForeign, wasReset: wasReset)
  }

  /// Whether the connection speaks another protocol: none of its messages is anything of this one, and its request names another,
  /// or has nothing of this one either, or both sides agree in speaking otherwise.
  ///
  /// One side that sends something else is a fault of that side; two that understand each other are not.
  private var isForeign: Bool {
    guard exchange.isAccepted, exchange.hasRequest, !sawOwnMessage, otherMessages[0] + otherMessages[1] > 0 else {
      return false
    }
    let metadata = exchange.handshake?.metadata ?? ConnectionMetadata()
    let saysNothing = metadata.uid.isEmpty && metadata.typed == 0 && metadata.deviceId.isEmpty
    return exchange.offersOtherProtocols || saysNothing || (otherMessages[0] > 0 && otherMessages[1] > 0)
  }

  private func reportForeign(_ stamp: PacketStamp) {
    let count = otherMessages[0] + otherMessages[1]
    emit(
      FindingRecord(
        .otherProtocol, role: nil, offset: nil,
        message:
          "\(count == 1 ? "its only message is no frame" : "none of its \(count) messages is a frame") of the protocol: "
          + "it speaks another one, and nobody is judged by it"), first: opened, last: stamp)
  }

  /// Nobody wants the connection: it is counted by what it is.
  func ignore() {
    guard !isIgnored else { return }
    isIgnored = true
    waitingRecords = WaitingRecords()
    let port =
      clientDirection.map { endpoints[1 - $0].port } ?? min(endpoints[0].port, endpoints[1].port)
    output.passOver(passedOverKind, number: number, port: port)
  }

  private var passedOverKind: PassedOverConnections.Kind {
    if isEncrypted { return .encrypted }
    if isHTTP2 { return .http2 }
    if sawHTTP { return .http }
    if hasNothing(halves[0]), hasNothing(halves[1]) { return .silent }
    return switch socks.first?.answeredVersion {
    case 5: .socks5
    case 4: .socks4
    default: .other
    }
  }

  private func hasNothing(_ half: Half) -> Bool { half.position == 0 && half.mode == .start }

  func endHalf(_ direction: Direction, _ stamp: PacketStamp) {
    guard !halves[direction].isFinished else { return }
    if halves[direction].depth > 0 {
      if !isOver, awaitsKeys { return }
      finishEncrypted(direction, stamp)
    }
    if halves[direction].mode == .proxyHeader { leaveProxyHeader(direction, stamp) }
    if halves[direction].mode == .waiting, !isOver { return }
    halves[direction].isFinished = true
    switch halves[direction].mode {
    case .http where halves[direction].http.isInsideHead:
      report(
        .httpTruncated, direction, offset: halves[direction].position, "the stream ends inside of an HTTP head",
        first: stamp,
        last: stamp)
    case .webSocket:
      finishRedaction(direction, stamp)
      halves[direction].webSocket?.finish(stamp, self)
    default: break
    }
  }
}
