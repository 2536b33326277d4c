package import Negotiation
package import Specification

/// How a connection was opened and how it ended: what judges of a whole connection need beside its frames. Nothing is written of it.
package struct ConnectionEndRecord: Sendable {
  /// A side that has ended its stream (TCP FIN), and when.
  package struct Finish: Sendable {
    package var role: PeerRole
    /// Nanoseconds since 1970-01-01T00:00:00Z, nil where the capture has no time.
    package var time: Int64?
    /// Whether the side had received a close frame before.
    package var knewOfClose = false
  }

  /// The request for the upgrade, nil if it was not captured whole.
  package var request: HTTPMessageHead?
  /// The final answer to it, nil if it was not captured whole.
  package var answer: HTTPMessageHead?
  /// Whether the client sent bytes behind its request before it could have the answer.
  package var hasEarlyBytes = false
  /// The sides that ended their streams, in the order of the capture.
  package var finishes: [Finish] = []
  /// Whether it speaks another protocol, whose rules are not known.
  package var isForeign = false
  /// Whether it was reset.
  package var wasReset = false
}
