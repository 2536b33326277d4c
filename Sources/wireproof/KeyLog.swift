import Glibc
import NIOCore
import NIOSSL

/// A file that takes the secrets of TLS connections in the NSS format, so that captures of them can be read.
enum KeyLog {
  /// Opens a key log, behind what it holds already.
  ///
  /// - Parameter path: The file; only its owner may read one that is new.
  /// - Returns: What takes its lines.
  /// - Throws: ``SetupFault`` that says why it cannot be written.
  static func writing(to path: String) throws -> NIOSSLKeyLogCallback {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o600)
    guard descriptor >= 0 else {
      throw SetupFault("\(path): the key log cannot be written: \(String(cString: strerror(errno)))")
    }
    // Open as long as the process: connections may come until its end. A line is one write, so that lines of several stay whole.
    return { line in
      line.withUnsafeReadableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        while write(descriptor, base, bytes.count) < 0, errno == EINTR {}
      }
    }
  }
}

extension TLSConfiguration {
  /// The same, which writes the secrets of its connections into a file if one is named.
  func logging(keysTo path: String?) throws -> TLSConfiguration {
    guard let path else { return self }
    var configuration = self
    configuration.keyLogCallback = try KeyLog.writing(to: path)
    return configuration
  }
}
