import CaptureFile
import SystemFiles

/// A copy of captures as one pcapng file, with the secrets of their TLS connections in front of the packets that need them.
///
/// Only secrets of connections that the captures have are written: a key log may hold many others.
final class CaptureCopy {
  /// Bytes that are gathered before they are written.
  private static let gatheredBytes = 1 << 18

  /// An interface of a file, of one of its sections.
  private struct InterfaceName: Hashable {
    var file: ObjectIdentifier
    var section: Int
    var interface: Int
  }

  private let file: OutputFile
  private var writer = CaptureWriter(format: .pcapng)
  private var interfaces: [InterfaceName: Int] = [:]
  /// What went wrong; nothing more is written then.
  private(set) var failure: String?
  /// How many secrets were written.
  private(set) var secretCount = 0

  /// Begins a copy in place of what is at a path.
  init(_ path: String) throws(FileFault) { file = try OutputFile(path) }

  /// Takes lines of a key log.
  func add(keyLogLines lines: [String]) {
    guard !lines.isEmpty else { return }
    secretCount += lines.count
    let text = lines.map { $0 + "\n" }.joined()
    add(CaptureSecrets(type: CaptureSecrets.tlsKeyLog, data: Array(text.utf8)))
  }

  /// Takes secrets that the capture has already.
  func add(_ secrets: CaptureSecrets) {
    attempt { writer throws(CaptureWriteError) in try writer.writeSecrets(secrets) }
  }

  /// Takes a packet as it stands in its file.
  func add(_ packet: RawSpan, _ record: CaptureRecord, from source: CaptureSource) {
    let name = InterfaceName(
      file: ObjectIdentifier(source), section: source.reader.sectionCount, interface: record.interface)
    if interfaces[name] == nil {
      let described = source.reader.interfaces[record.interface]
      attempt { writer throws(CaptureWriteError) in interfaces[name] = try writer.addInterface(described) }
    }
    guard let interface = interfaces[name] else { return }
    attempt { writer throws(CaptureWriteError) in
      // A packet without time, which pcapng has in a kind of block of its own, gets that of 1970.
      try writer.write(
        packet, timestampNanoseconds: max(0, record.timestampNanoseconds ?? 0), interface: interface,
        originalLength: max(record.originalLength, packet.byteCount))
    }
    if writer.bytes.count > Self.gatheredBytes { flush() }
  }

  /// Writes what is left.
  func finish() {
    attempt { writer throws(CaptureWriteError) in try writer.finish() }
    flush()
    guard failure == nil else { return }
    do throws(FileFault) { try file.confirm() } catch { failure = error.description }
  }

  private func attempt(_ body: (inout CaptureWriter) throws(CaptureWriteError) -> Void) {
    guard failure == nil else { return }
    do throws(CaptureWriteError) { try body(&writer) } catch { failure = "\(file.path): \(error)" }
  }

  private func flush() {
    guard failure == nil else { return }
    do throws(FileFault) { try file.write(writer.takeBytes()) } catch { failure = error.description }
  }
}
