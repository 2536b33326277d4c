import CaptureFile
import SystemFiles

/// A copy of captures as one pcapng file, with the secrets of their TLS connections in front of the packets that need them.
///
/// Only secrets of connections that the captures have are written: a key log may hold many others.
final class CaptureCopy {
  private let output: CaptureOutput
  /// How many secrets were written.
  private(set) var secretCount = 0

  /// What went wrong; nothing more is written then.
  var failure: String? { output.failure }

  /// Begins a copy in place of what is at a path.
  init(_ path: String) throws(FileFault) { output = try CaptureOutput(path) }

  /// Takes lines of a key log.
  func add(keyLogLines lines: [String]) {
    guard !lines.isEmpty else { return }
    secretCount += lines.count
    let text = lines.map { $0 + "\n" }.joined()
    add(CaptureSecrets(type: CaptureSecrets.tlsKeyLog, data: Array(text.utf8)))
  }

  /// Takes secrets that the capture has already.
  func add(_ secrets: CaptureSecrets) {
    output.write { writer throws(CaptureWriteError) in try writer.writeSecrets(secrets) }
  }

  /// Takes a packet as it stands in its file.
  func add(_ packet: RawSpan, _ record: CaptureRecord, from source: CaptureSource) {
    guard source.reader.interfaces.indices.contains(record.interface) else { return }
    let interface = output.interface(like: source.reader.interfaces[record.interface])
    output.write { writer throws(CaptureWriteError) in
      // A packet without time, which pcapng has in a kind of block of its own, gets that of 1970.
      try writer.write(
        packet, timestampNanoseconds: max(0, record.timestampNanoseconds ?? 0), interface: interface,
        originalLength: max(record.originalLength, packet.byteCount))
    }
  }

  /// Writes what is left; ``failure`` says whether that went wrong.
  func finish() { try? output.finish() }
}
