import FrameCodec
import NIOConcurrencyHelpers
import NIOCore

/// Sees what a peer with faults really said and heard: which frames went out, and whether as they should be; which came in, before
/// its faults got hold of them; whether its faults ever made a difference.
package final class MutationWitness: Sendable {
  /// A frame that passed.
  package struct Frame: Hashable, Sendable {
    /// The connection's number.
    package let connection: UInt64
    /// Its protocolId.
    package let protocolId: Int64
    /// Its serial number.
    package let sn: UInt32
    /// Its payload.
    package let payload: [UInt8]
    /// When it passed.
    package let time: ContinuousClock.Instant
    /// Whether its bytes, and those of the WebSocket frame around it, were as they should be. Faults that are in the fields
    /// above are none of its bytes.
    package fileprivate(set) var isIntact = true
  }

  private struct State {
    var said: [Frame] = []
    var heard: [Frame] = []
    var isShown = false
    var isDeaf = false
  }

  /// How many frames are kept of each; a longer conversation is not what this is for.
  private static let limit = 4096

  private let state = NIOLockedValueBox(State())
  private let changed: @Sendable () -> Void

  /// A witness of a peer that has not said anything.
  ///
  /// - Parameter changed: Is told of whatever is seen.
  package init(_ changed: @escaping @Sendable () -> Void = {}) {
    self.changed = changed
  }

  /// The frames that went out, in their order.
  package var said: [Frame] { state.withLockedValue { $0.said } }

  /// The frames that came in, in their order, as they were sent.
  package var heard: [Frame] { state.withLockedValue { $0.heard } }

  /// Whether a fault made a difference.
  package var isShown: Bool { state.withLockedValue { $0.isShown } }

  /// Whether something came in that nobody could read, because a fault had lost it before.
  package var isDeaf: Bool { state.withLockedValue { $0.isDeaf } }

  /// A fault makes a difference here.
  func shows() { state.withLockedValue { $0.isShown = true } }

  /// Something that came in is lost unread.
  func isDeafened() {
    state.withLockedValue { ($0.isShown, $0.isDeaf) = (true, true) }
  }

  /// A frame goes out.
  func says(_ frame: PeerMutation.Frame, on connection: UInt64) {
    let said = Frame(
      connection: connection, protocolId: frame.protocolId, sn: frame.sn, payload: frame.payload, time: .now)
    state.withLockedValue { if $0.said.count < Self.limit { $0.said.append(said) } }
    changed()
  }

  /// The last frame of a connection goes out broken.
  func spoils(_ connection: UInt64) {
    state.withLockedValue { state in
      state.isShown = true
      if let index = state.said.lastIndex(where: { $0.connection == connection }) { state.said[index].isIntact = false }
    }
  }

  /// A message came in.
  func hears(_ message: ByteBuffer, _ revision: Revision, on connection: UInt64) {
    let frame = message.withUnsafeReadableBytes { bytes -> Frame? in
      guard case .frame(let header) = FrameCodec.decodeMessage(bytes.bytes, revision: revision, maxFrameLength: .max)
      else { return nil }
      return Frame(
        connection: connection, protocolId: header.protocolId, sn: header.sn ?? 0,
        payload: Array(bytes[header.payload]),
        time: .now)
    }
    guard let frame else { return }
    state.withLockedValue { if $0.heard.count < Self.limit { $0.heard.append(frame) } }
    changed()
  }
}
