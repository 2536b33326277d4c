import Glibc

/// The system's words for an error number.
enum SystemError {
  static func describe(_ number: Int32) -> String { String(cString: strerror(number)) }
}
