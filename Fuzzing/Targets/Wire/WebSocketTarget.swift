import FuzzHarness
import Specification
import WebSocketCodec

/// Both roles of RFC 6455, strict and lenient: the events are the same however the stream is cut, and whether a masked message is
/// copied or unmasked where it lies.
enum WebSocketTarget {
  @Sendable static func runAsClient(_ input: [UInt8]) { run(input, receiver: .client) }
  @Sendable static func runAsServer(_ input: [UInt8]) { run(input, receiver: .server) }

  private static func run(_ input: [UInt8], receiver: PeerRole) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    let configuration = WebSocketDecoder.Configuration(
      receiver: receiver, mode: choice & 1 == 0 ? .strict : .lenient, allowsCompression: choice & 2 != 0,
      maxMessageLength: choice & 4 != 0 ? 64 : 524_294, memoryLimit: choice & 8 != 0 ? 128 : 1 << 20,
      recordsFragments: choice & 16 != 0)
    let whole = events([bytes[...]], configuration, inPlace: false)
    requireEqual(whole, events([bytes[...]], configuration, inPlace: true), "unmasking in place gives other events")
    // How much of a message beyond the memory's limit was looked at depends on the pieces that it came in.
    if whole.contains(where: { $0.hasPrefix("lost") && $0.contains("memoryLimit") }) { return }
    requireEqual(whole, events(pieces(bytes, seed: choice), configuration, inPlace: false), "pieces give other events")
    if choice & 32 != 0 { lose(bytes, configuration) }
  }

  private static func events(
    _ pieces: [ArraySlice<UInt8>], _ configuration: WebSocketDecoder.Configuration, inPlace: Bool
  ) -> [String] {
    var decoder = WebSocketDecoder(configuration)
    var found: [String] = []
    for piece in pieces {
      var chunk = Array(piece)
      var position = 0
      while true {
        let event: WebSocketEvent?
        if inPlace {
          event = chunk.withUnsafeMutableBytes { decoder.next(unmaskingInPlace: $0, at: &position) }
        } else {
          event = decoder.next(chunk.span.bytes, at: &position)
        }
        guard let event else { break }
        found.append(text(event, decoder, chunk))
      }
    }
    // Where a strict one stops, more or less of the header may have been there to be read.
    return found + [decoder.isStopped ? "stopped" : "\(decoder.streamOffset) \(decoder.isBetweenMessages)"]
  }

  /// An event with its payload, wherever that is.
  private static func text(_ event: WebSocketEvent, _ decoder: WebSocketDecoder, _ chunk: [UInt8]) -> String {
    switch event {
    case .message(let message):
      let payload = decoder.withPayload(message.payload, of: chunk.span.bytes) { $0.withUnsafeBytes { Array($0) } }
      return "\(message.opcode) \(message.compressed) \(message.fragmentCount) \(message.streamRange) \(payload)"
    case .control(let control):
      return "\(control.opcode) \(control.payload) \(control.streamRange) \(control.closeBody)"
    case .violation(let violation): return "\(violation)"
    case .lostMessage(let message): return "lost \(message.streamRange) \(message.loss as Any)"
    }
  }

  /// Bytes are missing, and the stream goes on elsewhere.
  private static func lose(_ bytes: [UInt8], _ configuration: WebSocketDecoder.Configuration) {
    var decoder = WebSocketDecoder(configuration)
    for piece in pieces(bytes, seed: 97) {
      var position = 0
      let chunk = Array(piece)
      while decoder.next(chunk.span.bytes, at: &position) != nil {}
      if let last = piece.last, last & 3 == 0, !decoder.skip(Int(last)) {
        decoder.resynchronise(at: decoder.streamOffset + Int(last))
      }
    }
  }
}
