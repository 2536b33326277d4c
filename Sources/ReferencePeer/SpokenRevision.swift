import FrameCodec
import NIOCore
import Specification

/// The revision that a connection speaks: known from the start, or told from the client's first frame.
struct SpokenRevision {
  /// The one that holds now.
  private(set) var current: Revision

  private var awaitsFirstFrame = false

  /// What a peer of a role is told to speak. Only a server learns it from its peer.
  init(_ policy: RevisionPolicy, role: PeerRole) {
    current = policy.initial
    if case .detected = policy { awaitsFirstFrame = role == .server }
  }

  /// Looks at a message that came in, if it is the first.
  ///
  /// - Returns: Whether the revision is another one now.
  mutating func learn(from message: ByteBuffer) -> Bool {
    guard awaitsFirstFrame else { return false }
    awaitsFirstFrame = false
    var detector = RevisionDetector()
    message.withUnsafeReadableBytes { detector.observe($0.bytes) }
    guard let detected = detector.revision, detected != current else { return false }
    current = detected
    return true
  }
}
