import NIOCore
import NIOPosix
import ReferencePeer

/// Why a peer could not listen or connect, in words for people.
enum PeerFault {
  /// One line.
  static func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: error.localizedReason
    case let error as NIOConnectionError: error.connectionErrors.last.map { reason(of: $0.error) } ?? "nobody answers"
    default: "\(error)"
    }
  }
}
