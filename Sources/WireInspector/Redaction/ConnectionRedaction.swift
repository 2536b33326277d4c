import Negotiation
import PacketCapture
import Specification

/// Pseudonyms for a run, and where the conversations that have them are written.
package final class Redaction {
  package let pseudonyms: Pseudonyms
  /// Takes the connections' bytes, where they are wanted.
  var writer: RedactedCapture?

  package init(pseudonyms: Pseudonyms = Pseudonyms()) { self.pseudonyms = pseudonyms }
}

/// A connection's bytes with pseudonyms in them: between the streams of TCP and whoever looks at them, so that nothing behind it has seen more.
final class ConnectionRedaction {
  let endpoints: [Endpoint]
  private let redaction: Redaction
  private let number: Int
  private let output: InspectionOutput
  private var frames: [FrameRedactor?] = [nil, nil]

  init(_ redaction: Redaction, _ opening: TransportOpening, _ stamp: PacketStamp, output: InspectionOutput) {
    self.redaction = redaction
    self.output = output
    number = opening.number
    endpoints = [opening.first, opening.second].map(redaction.pseudonyms.endpoint)
    redaction.writer?.open(number, endpoints, client: opening.initiator, stamp)
  }

  /// A head with pseudonyms; nil if it has no form that could be kept.
  func head(_ head: HTTPMessageHead, _ direction: Direction, _ stamp: PacketStamp) -> HTTPMessageHead? {
    guard let redacted = HeadRedactor(pseudonyms: redaction.pseudonyms).redact(head) else { return nil }
    redaction.writer?.data(number, direction, redacted.bytes, stamp)
    return redacted.head
  }

  /// What is left of a head whose rest is missing.
  func cutHead(_ head: HTTPMessageHead) -> HTTPMessageHead? {
    HeadRedactor(pseudonyms: redaction.pseudonyms).redact(head)?.head
  }

  /// The end of a client that a proxy's header states.
  func statedClient(_ text: String, _ direction: Direction, _ stamp: PacketStamp) -> String {
    let shown = redaction.pseudonyms.addressText(text) ?? redaction.pseudonyms.text(text)
    if let colon = shown.lastIndex(of: ":") {
      let host = shown[..<colon].filter { $0 != "[" && $0 != "]" }
      let server = endpoints[1 - direction]
      let isVersion6 = host.contains(":")
      let address = server.address.isVersion6 == isVersion6 ? "\(server.address)" : isVersion6 ? "::" : "0.0.0.0"
      let line =
        "PROXY TCP\(isVersion6 ? 6 : 4) \(host) \(address) \(shown[shown.index(after: colon)...]) \(server.port)\r\n"
      redaction.writer?.data(number, direction, Array(line.utf8), stamp)
    }
    return shown
  }

  /// Frames follow in a direction.
  func beginFrames(_ direction: Direction, isSearching: Bool) {
    frames[direction] = FrameRedactor(of: direction, redaction.pseudonyms, output: output, isSearching: isSearching)
  }

  func loseContext(_ direction: Direction) { frames[direction]?.loseContext() }

  func consume(
    _ direction: Direction, _ bytes: RawSpan, _ stamp: PacketStamp, _ context: FrameRedactor.Context,
    _ emit: @escaping FrameRedactor.Emission
  ) {
    frames[direction]?.consume(bytes, stamp, context, written(direction, emit))
  }

  func skip(
    _ direction: Direction, _ count: Int, _ stamp: PacketStamp, _ context: FrameRedactor.Context,
    _ emit: @escaping FrameRedactor.Emission
  ) {
    frames[direction]?.skip(count, stamp, context, written(direction, emit))
  }

  func finish(
    _ direction: Direction, _ stamp: PacketStamp, _ context: FrameRedactor.Context,
    _ emit: @escaping FrameRedactor.Emission
  ) {
    frames[direction]?.finish(stamp, context, written(direction, emit))
    frames[direction] = nil
  }

  /// Bytes are missing from a direction, whatever they were.
  func missing(_ direction: Direction, _ count: Int, isCut: Bool, _ stamp: PacketStamp) {
    redaction.writer?.missing(number, direction, count, isCut: isCut, stamp)
  }

  func ended(_ direction: Direction, byReset: Bool, _ stamp: PacketStamp) {
    redaction.writer?.end(number, direction, byReset: byReset, stamp)
  }

  private func written(_ direction: Direction, _ emit: @escaping FrameRedactor.Emission) -> FrameRedactor.Emission {
    guard let writer = redaction.writer else { return emit }
    return { [number] bytes, stamp in
      writer.data(number, direction, bytes, stamp)
      emit(bytes, stamp)
    }
  }
}
