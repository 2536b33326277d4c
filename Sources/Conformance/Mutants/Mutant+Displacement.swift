import Conversation
import FrameCodec
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the hub.
  static let displacement: [Mutant] = [
    Mutant(
      "nobody-displaced", "a newcomer displaces nobody", breaks: "hub.identity.single", check: "identity.same.uid"
    ) {
      $0.displacesNobody = true
    },
    Mutant(
      "newcomer-sent-away", "the newcomer is sent away", breaks: "hub.identity.newest", check: "displacement.newcomer"
    ) {
      $0.refusesNewcomers = true
    },
    Mutant(
      "displacement-missing", "the displaced one is not told", breaks: "hub.displacement.frame",
      check: "displacement.newcomer"
    ) {
      $0.actions = { $0.filter { !$0.isDisplacement } }
    },
    Mutant(
      "displacement-behind-close", "the displaced one is told behind the close frame", breaks: "hub.displacement.last",
      check: "displacement.order"
    ) {
      $0.actions = { actions in
        guard let index = actions.firstIndex(where: \.isDisplacement), actions.indices.contains(index + 1) else {
          return actions
        }
        var changed = actions
        changed.swapAt(index, index + 1)
        return changed
      }
    },
    Mutant(
      "displaced-stays", "the displaced one stays connected", breaks: "hub.displacement.close",
      check: "displacement.newcomer"
    ) {
      $0.actions = { actions in actions.contains(where: \.isDisplacement) ? actions.filter(\.isDisplacement) : actions }
    },
    Mutant(
      "message-behind-displacement", "a message follows the displacement", breaks: "hub.displacement.last",
      check: "displacement.order"
    ) {
      $0.actions = { actions in
        actions.flatMap { $0.isDisplacement ? [$0, TimedAction(at: $0.at, .sendFrame(protocolId: 11, sn: 0))] : [$0] }
      }
    },
    payload(
      "addresses-swapped", "the addresses in the displacement are swapped", breaks: "hub.displacement.addresses",
      check: "displacement.addresses"
    ) {
      ($0.oldAddress, $0.newAddress) = ($0.newAddress, $0.oldAddress)
    },
    payload(
      "timestamp-in-seconds", "the time of a displacement is in seconds", breaks: "hub.displacement.timestamp",
      check: "displacement.timestamp"
    ) {
      $0.timestampNanoseconds /= 1_000_000_000
    },
    Mutant(
      "displacement-with-sn", "the displacement has an sn", breaks: "hub.displacement.frame",
      check: "displacement.newcomer"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 0x7FFF_FFFF { $0.sn = 3 } }
    },
    Mutant(
      "displacement-believed", "a displacement by a client ends its connection", breaks: "hub.displacement.from-client",
      check: "displacement.from-client.whole"
    ) {
      $0.message = PeerMutation.patched {
        if $0.count >= 14, $0[6..<10].elementsEqual([0xFF, 0xFF, 0xFF, 0x7F]) { $0[0] = 0 }
      }
    },
    Mutant(
      "address-unknown", "the address of clients is not known", breaks: "address.peer", check: "displacement.addresses"
    ) {
      $0.details = { details in
        ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: Array("127.0.0.1".utf8),
          deflate: details.deflate)
      }
    },
  ]

  private static func payload(
    _ name: String, _ fault: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout Displacement) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.sent = PeerMutation.each { frame in
        guard frame.protocolId == 0x7FFF_FFFF,
          var displacement = try? Displacement(decoding: frame.payload.span.bytes)
        else { return }
        change(&displacement)
        frame.payload = displacement.encoded()
      }
    }
  }
}

extension TimedAction {
  /// Whether a frame with the displacement goes out.
  var isDisplacement: Bool {
    if case .sendFrame(let protocolId, 0) = action { return protocolId == -1 || protocolId == 0x7FFF_FFFF }
    return false
  }
}
