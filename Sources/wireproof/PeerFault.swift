import Conformance
import ReferencePeer
import Specification

/// Why a peer could not listen or connect, in words for people.
enum PeerFault {
  /// Why an address could not be listened on, in one line.
  static func reason(of error: any Error) -> String { TransportFault.reason(of: error) }

  /// Why a server could not be connected to and what to do, in one line.
  static func connecting(_ error: any Error) -> String {
    "cannot connect: \(InertText.whole(DialAdvice.sentence(TransportFault.failure(of: error))))"
  }
}
