import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the frames of earlier revisions, which the client speaks where the check is one of them.
  static let clientRevisions: [Mutant] = [
    Mutant(
      "client-1-3-0-magic-swapped", "frames of 1.3.0 begin with EE FE", breaks: "legacy.1_3_0.magic",
      check: "client-legacy.1-3-0.send"
    ) {
      $0.header = { $0.swapAt(0, 1) }
    },
    Mutant(
      "client-1-3-0-length-one-more", "length is one more than it should be in 1.3.0", breaks: "legacy.1_3_0.length",
      check: "client-legacy.1-3-0.send"
    ) {
      $0.header = { $0[2] &+= 1 }
    },
    Mutant(
      "client-1-3-0-magic-unchecked", "the magic is not looked at in 1.3.0", breaks: "legacy.1_3_0.magic.reject",
      check: "client-legacy.1-3-0.magic"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEE) } }
    },
    Mutant(
      "client-1-2-magic-swapped", "frames of 1.2 begin with EE FE", breaks: "legacy.1_2.magic",
      check: "client-legacy.1-2.send"
    ) {
      $0.header = { $0.swapAt(0, 1) }
    },
    Mutant(
      "client-1-2-length-one-more", "length is one more than it should be in 1.2", breaks: "legacy.1_2.length",
      check: "client-legacy.1-2.send"
    ) {
      $0.header = { $0[2] &+= 1 }
    },
  ]
}
