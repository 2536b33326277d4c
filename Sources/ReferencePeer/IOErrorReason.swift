import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension IOError {
  /// What the system says about it: "Connection refused".
  package var localizedReason: String { String(cString: strerror(errnoCode)) }
}
