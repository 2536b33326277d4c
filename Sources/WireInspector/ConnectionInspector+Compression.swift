import Deflate
import PacketCapture
import Specification

/// What was agreed on compression, and what comes of compressed messages.
extension ConnectionInspector {
  func checkExtensions(_ stamp: PacketStamp) {
    guard let response else { return }
    let answer = response.value("sec-websocket-extensions") ?? ""
    do throws(DeflateNegotiationError) {
      parameters = try DeflateNegotiation.check(
        response: answer, offer: upgrade?.value("sec-websocket-extensions") ?? "")
    } catch {
      report(
        .badExtension, clientDirection.map { 1 - $0 }, offset: nil,
        "the answered extensions do not follow from the offer: \(error.reason)", first: stamp, last: stamp)
      takeParametersWithoutOffer()
    }
  }

  /// What the answer says, whatever was offered.
  func takeParametersWithoutOffer() {
    guard let answer = response?.value("sec-websocket-extensions")?.lowercased(), answer.contains("permessage-deflate")
    else { return }
    var taken = DeflateParameters()
    taken.serverNoContextTakeover = answer.contains("server_no_context_takeover")
    taken.clientNoContextTakeover = answer.contains("client_no_context_takeover")
    parameters = taken
  }

  /// Whether RSV1 can mean compression.
  func allowsCompression(_ direction: Direction) -> Bool { response == nil || isRefused || parameters != nil }

  /// Whether messages may refer back to earlier ones; nil if the agreement is not known.
  func takesOverContext(_ direction: Direction) -> Bool? {
    guard let parameters, let clientDirection else { return nil }
    return direction == clientDirection ? !parameters.clientNoContextTakeover : !parameters.serverNoContextTakeover
  }

  /// Bytes of the direction are lost, perhaps compressed messages.
  func lostBytes(_ direction: Direction, _ stamp: PacketStamp) {
    inflaters[direction]?.dropContext()
    lastInflated[direction] = []
    guard parameters != nil || response == nil, takesOverContext(direction) != false else { return }
    if takesOverContext(direction) == true, !contextIsLost[direction] {
      report(
        .contextLost, direction, offset: nil,
        "bytes are lost that later compressed messages may refer back to; only what does not is decoded", first: stamp,
        last: stamp)
    }
    contextIsLost[direction] = true
  }

  func inflate(_ info: MessageInfo, _ bytes: RawSpan) -> [UInt8]? {
    let direction = info.direction
    if inflaters[direction] == nil { inflaters[direction] = try? LenientInflater() }
    guard let inflater = inflaters[direction] else { return nil }
    let dropsContext = takesOverContext(direction) == false
    if dropsContext { inflater.dropContext() }
    var inflated: [UInt8] = []
    var outcome = inflater.inflate(bytes, maxLength: options.messageLimit, into: &inflated)
    if dropsContext {
      if case .failed(let error) = outcome, error.isBeyondWindow, !lastInflated[direction].isEmpty {
        outcome = inflateAgain(info, bytes, inflater, error, into: &inflated)
      }
      remember(inflated, direction)
    }
    switch outcome {
    case .inflated, .inflatedWithoutContext: return inflated
    case .failed(let error):
      if error.code == .tooLarge {
        report(
          .tooLarge, direction, offset: nil, "a message inflates to more than \(options.messageLimit) bytes",
          first: info.first,
          last: info.last)
        if !inflater.hasContext { lostBytes(direction, info.last) }
      } else if contextIsLost[direction] || (error.isBeyondWindow && response == nil) {
        if error.isBeyondWindow { undecodedMessages += 1 }
        report(
          .contextLost, direction, offset: info.position,
          "a compressed message refers back to bytes that are not in the capture", first: info.first, last: info.last)
      } else {
        report(.inflateError, direction, offset: info.position, error.reason, first: info.first, last: info.last)
      }
      return nil
    }
  }

  /// As many bytes as a window of DEFLATE holds.
  static let windowSize = 32_768

  /// Keeps what a message inflated to, a window's worth at least.
  private func remember(_ inflated: [UInt8], _ direction: Direction) {
    lastInflated[direction] += inflated.suffix(Self.windowSize)
    let excess = lastInflated[direction].count - Self.windowSize
    if excess > Self.windowSize { lastInflated[direction].removeFirst(excess) }
  }

  /// The sender had agreed not to refer back to earlier messages and does: with what they ended with the message inflates.
  private func inflateAgain(
    _ info: MessageInfo, _ bytes: RawSpan, _ inflater: LenientInflater, _ error: DeflateError,
    into inflated: inout [UInt8]
  ) -> LenientInflater.Outcome {
    inflater.setContext(lastInflated[info.direction])
    inflated = []
    let outcome = inflater.inflate(bytes, maxLength: options.messageLimit, into: &inflated)
    guard case .inflated = outcome else { return .failed(error) }
    report(
      .contextUsed, info.direction, offset: info.position,
      "a compressed message refers back to earlier ones, though its sender agreed to no_context_takeover",
      first: info.first, last: info.last)
    return outcome
  }
}
