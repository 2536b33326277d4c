import ReferencePeer
import SystemFiles

/// A recording in a file.
struct Recording {
  /// Sees the traffic.
  let recorder: CaptureRecorder

  /// Begins to write the file, over what was there.
  static func start(_ path: String) throws -> Recording {
    let file = RecordedFile(try OutputFile(path))
    return Recording(recorder: try CaptureRecorder { try file.write($0) })
  }

  /// Ends the capture and closes the file.
  func finish() throws {
    try recorder.finish()
  }
}

/// The file under a recording: the recorder's sink keeps it.
private final class RecordedFile: Sendable {
  private let file: OutputFile

  init(_ file: consuming OutputFile) { self.file = file }

  func write(_ bytes: [UInt8]) throws(FileFault) { try file.write(bytes) }
}
