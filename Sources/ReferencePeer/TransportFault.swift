import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension IOError {
  /// What the system says about it: "Connection refused".
  package var localizedReason: String { String(cString: strerror(errnoCode)) }
}

/// What went wrong with a transport, for people.
enum TransportFault {
  /// The system's or the resolver's words, without the names of functions.
  static func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: error.localizedReason
    case let error as NIOConnectionError:
      error.connectionErrors.last.map { reason(of: $0.error) } ?? error.dnsAError.map { "\($0)" } ?? "nobody answers"
    default: String(describing: error)
    }
  }
}
