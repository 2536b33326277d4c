import Glibc
import ReferencePeer

/// A recording in a file.
struct Recording {
  /// Sees the traffic.
  let recorder: CaptureRecorder

  private let descriptor: Int32

  /// Begins to write the file, over what was there.
  static func start(_ path: String) throws -> Recording {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SetupFault("\(path): cannot be written: \(String(cString: strerror(errno)))") }
    let recorder = try CaptureRecorder { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written > 0 else { throw SetupFault("\(path): cannot be written: \(String(cString: strerror(errno)))") }
        rest = rest.dropFirst(written)
      }
    }
    return Recording(recorder: recorder, descriptor: descriptor)
  }

  /// Ends the capture and closes the file.
  func finish() throws {
    defer { close(descriptor) }
    try recorder.finish()
  }
}
