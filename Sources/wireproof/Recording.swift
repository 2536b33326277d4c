import Logging
import ReferencePeer
import SystemFiles

/// A recording in a file.
struct Recording {
  /// Sees the traffic.
  let recorder: CaptureRecorder

  /// Begins to write the file, over what was there. When it cannot be written any more, that is logged at once, the peer goes on,
  /// and ``finish()`` fails.
  static func start(_ path: String, logger: Logger = LogFormat.text.logger()) throws -> Recording {
    let file = RecordedFile(try OutputFile(path))
    let recorder = try CaptureRecorder(
      sink: { try file.write($0) },
      failed: { error in logger.error("the recording has ended", metadata: ["reason": "\(error)"]) })
    return Recording(recorder: recorder)
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
