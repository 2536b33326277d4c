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
    guard parameters != nil || response == nil, takesOverContext(direction) != false else { return }
    if takesOverContext(direction) == true, !contextIsLost[direction] {
      report(
        .contextLost, direction, offset: nil,
        "bytes are lost that later compressed messages may refer back to; only what does not is decoded", first: stamp,
        last: stamp)
    }
    contextIsLost[direction] = true
  }

  /// Whether a compressed message can be inflated without the ones before it.
  private func standsAlone(_ bytes: RawSpan) -> Bool {
    guard let fresh = try? LenientInflater() else { return true }
    fresh.discardLimit = 0
    var inflated: [UInt8] = []
    defer { output.inflatedBytes += inflated.count }
    if case .failed(let error) = fresh.inflate(bytes, maxLength: options.messageLimit, into: &inflated) {
      return !error.isBeyondWindow
    }
    return true
  }

  func inflate(_ info: MessageInfo, _ bytes: RawSpan) -> [UInt8]? {
    let direction = info.direction
    if inflaters[direction] == nil { inflaters[direction] = try? LenientInflater() }
    guard let inflater = inflaters[direction], !output.isInflationExceeded else { return nil }
    var inflated: [UInt8] = []
    let discarded = inflater.discardedBytes
    // One piece more than what is left, so that the limit shows to be exceeded.
    inflater.discardLimit = min(1 << 30, output.inflationLeft) + 65_536
    defer { output.inflatedBytes += inflated.count + inflater.discardedBytes - discarded }
    if takesOverContext(direction) == false, takeoverChecks[direction] > 0 {
      // Whether the sender keeps to the agreement shows in its first messages; after them its window is kept all the same, since that
      // does no harm. What refers back in spite of the agreement is inflated too.
      takeoverChecks[direction] -= 1
      if !standsAlone(bytes), inflater.hasContext {
        takeoverChecks[direction] = 0
        report(
          .contextTakenOver, direction, offset: info.position,
          "a compressed message refers back to an earlier one, although no_context_takeover was agreed",
          first: info.first, last: info.last)
      }
    }
    switch inflater.inflate(bytes, maxLength: options.messageLimit, into: &inflated) {
    case .inflated: return inflated
    case .inflatedWithoutContext: return inflated
    case .failed(let error):
      if error.code == .tooLarge {
        report(
          .tooLarge, direction, offset: nil, "a message inflates to more than \(options.messageLimit) bytes",
          first: info.first,
          last: info.last)
      } else if contextIsLost[direction] || (error.isBeyondWindow && response == nil) {
        undecodedMessages += 1
        report(
          .contextLost, direction, offset: info.position,
          "a compressed message refers back to bytes that are not in the capture", first: info.first, last: info.last)
      } else {
        report(.inflateError, direction, offset: info.position, error.reason, first: info.first, last: info.last)
      }
      return nil
    }
  }
}
