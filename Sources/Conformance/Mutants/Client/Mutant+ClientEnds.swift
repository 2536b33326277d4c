import NIOConcurrencyHelpers
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in displacements, in closing, and in what comes after.
  static let clientEnds: [Mutant] = [
    Mutant(
      "client-displacement-as-message", "a displacement is handed to a handler as a message",
      breaks: "hub.displacement.client", check: "client-displacement.ignored.whole"
    ) {
      $0.received = PeerMutation.frame { if $0.isDisplacement { ($0.protocolId, $0.sn) = (7, 3) } }
    },
    Mutant(
      "client-displacement-as-answer", "a displacement completes the call whose number it has",
      breaks: "hub.displacement.client", check: "client-displacement.call-pending.same"
    ) {
      $0.received = PeerMutation.frame { if $0.isDisplacement, $0.sn != 0 { $0.protocolId = 3 } }
    },
    Mutant(
      "client-broken-displacement-fails", "a displacement that cannot be decoded ends the connection",
      breaks: "hub.displacement.client.broken", check: "client-displacement.broken.empty"
    ) {
      $0.received = { frame, connection in
        if frame.isDisplacement, frame.payload.first.map({ $0 & 7 != 2 && $0 & 7 != 0 }) ?? true {
          connection.close(code: 1002)
        }
        return true
      }
    },
    Mutant(
      "client-displaced-leaves", "a displaced client closes at once", breaks: "hub.displacement.client.open",
      check: "client-displacement.ignored.whole"
    ) {
      $0.received = { frame, connection in
        if frame.isDisplacement { connection.close() }
        return true
      }
    },
    Mutant(
      "client-displaced-dials", "a displaced client dials again", breaks: "hub.displacement.redial",
      check: "client-displacement.redial"
    ) {
      $0.redial = { outcome, decision in outcome == .displaced ? .dial(after: .milliseconds(50)) : decision }
    },
    Mutant(
      "client-displacement-overlooked", "a displacement is overlooked, and the client dials again",
      breaks: "hub.displacement.redial", check: "client-displacement.redial"
    ) {
      $0.received = { frame, _ in !frame.isDisplacement }
    },
    Mutant(
      "client-serves-after-close", "frames behind a close frame are taken", breaks: "close.after.receive",
      check: "client-close.after.call", PeerMutation.servesAfterClose),
    Mutant(
      "client-speaks-after-close", "a message follows the close frame", breaks: "close.after",
      check: "client-close.driven", PeerMutation.speaksAfterClose),
  ]
}

extension PeerMutation.Frame {
  /// Whether it is a displacement.
  fileprivate var isDisplacement: Bool { protocolId == 0x7FFF_FFFF }
}
