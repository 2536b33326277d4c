import Deflate
import FrameCodec
import Negotiation
package import ReferencePeer
import Specification
import WebSocketCodec

/// The original, as it was observed: the reference with the original's faults, and with its way of framing.
package enum OriginalBehavior {
  /// What it takes every offer of permessage-deflate for, and answers.
  private static let deflate = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

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
    let parts = ["compressed-control-taken", "compressed-continuation-taken"].compactMap {
      Mutant.named($0, of: .server)?.mutation
    }
    return parts.reduce(habits.and(recycling)) { $0.and($1) }
  }()

  /// Connection objects are used again while a handler still holds one. The newcomer of a displacement has its object before
  /// the old one's is freed, so what is late goes to others.
  private static let recycling: PeerMutation = {
    var recycling = Mutant.named("late-answer-to-another", of: .server)?.mutation ?? PeerMutation()
    recycling.late = { frame, connection in
      guard frame.sn != 0 else { return nil }
      let later = connection.others.filter { $0.number > connection.number }
      // Where few are there, a case beside the one that is about this would be hit by chance.
      return later.count >= 16
        ? later.filter { $0.details.identity != connection.details.identity }.randomElement() : nil
    }
    return recycling
  }()

  /// What is no fault, or only a weakness: the framing, empty close frames, what is dropped instead of failed.
  private static let habits: PeerMutation = {
    var habits = PeerMutation()
    // Of an offer only the name is looked at. A header that breaks the grammar is read as if it were not there.
    habits.requestHead = { head in
      guard let value = head.field("sec-websocket-extensions") else { return }
      let offers = (try? ExtensionList(parsing: value))?.extensions ?? []
      head.setField(
        "sec-websocket-extensions", offers.contains { $0.name == "permessage-deflate" } ? deflate : nil)
    }
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
      // Six bytes that announce a frame are delivered as one of zeros: to the handler for id 0, where there is one.
      if message.bytes.count == 6, (8...524_288).contains(length) {
        message.bytes += Array(repeating: 0, count: Int(length))
        return true
      }
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
