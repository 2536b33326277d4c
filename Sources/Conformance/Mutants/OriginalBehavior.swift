import FrameCodec
import Negotiation
package import ReferencePeer
import WebSocketCodec

/// The original, as it was observed: the reference with the original's faults, and with its way of framing.
package enum OriginalBehavior {
  /// What a plain message of the original's server is cut into, in bytes, as long as its payload is at most 8220 bytes.
  private static let fragmentSize = 4096
  private static let fragmentedLimit = 8220

  /// Sets up a server so that it behaves like the original.
  package static func apply(to configuration: inout ServerConfiguration) {
    configuration.policy.negotiation = NegotiationPolicy()
    configuration.mutation = mutation
  }

  /// The faults, each one where the original was seen to have it, and the framing.
  package static let mutation: PeerMutation = {
    let parts = [
      "six-bytes-as-zeros", "late-answer-to-another", "unknown-parameters-ignored", "invalid-values-ignored",
      "server-window-ignored", "repeated-parameters-taken", "compressed-control-taken", "compressed-continuation-taken",
    ].compactMap { Mutant.named($0)?.mutation }
    return parts.reduce(habits) { $0.and($1) }
  }()

  /// What is no fault, or only a weakness: the framing, empty close frames, what is dropped instead of failed.
  private static let habits: PeerMutation = {
    var habits = PeerMutation()
    // A text message that holds a frame is dropped; bytes behind a frame, and frames with a length below 8, are lost.
    habits.message = { message in
      if message.isText {
        guard message.bytes.starts(with: [0xFE, 0xEF]) else {
          message.isText = false
          return true
        }
        return false
      }
      guard let length = message.bytes.frameLength, message.bytes.starts(with: [0xFE, 0xEF]) else { return true }
      if length < 8, message.bytes.count >= 6 + Int(length) { return false }
      if length >= 8, message.bytes.count > 6 + Int(length) {
        message.bytes.removeLast(message.bytes.count - 6 - Int(length))
      }
      return true
    }
    habits.overlooks = { $0 == .nonminimalLength }
    habits.wire = { frame in
      switch frame.opcode {
      case 8:
        // What is wrong with a frame is answered by an empty close; what is wrong with WebSocket by 1002 and a reason.
        var close = frame
        if frame.payload.prefix(2) != [0x03, 0xEA] { close.payload = [] }
        close.lengthForm = .minimal(for: UInt64(close.payload.count))
        return [close]
      case 1, 2: return fragments(of: frame)
      default: return [frame]
      }
    }
    return habits
  }()

  /// A message as the original's server cuts it.
  private static func fragments(of frame: PeerMutation.WireFrame) -> [PeerMutation.WireFrame] {
    guard frame.rsv == 0, frame.payload.count > fragmentSize else { return [frame] }
    // Behind 14 bytes of header.
    let isLong = frame.payload.count - 14 > fragmentedLimit
    var cuts =
      isLong ? [frame.payload.count] : Array(stride(from: fragmentSize, to: frame.payload.count, by: fragmentSize))
    cuts.append(frame.payload.count)
    var start = 0
    return cuts.enumerated().map { index, end in
      var fragment = frame
      fragment.fin = index == cuts.count - 1
      if index > 0 { fragment.opcode = 0 }
      fragment.payload = Array(frame.payload[start..<end])
      fragment.lengthForm = .minimal(for: UInt64(end - start))
      start = end
      return fragment
    }
  }
}
