import CaptureFile
import SystemFiles

/// A pcapng file that is being written. After the first failure nothing more is.
final class CaptureOutput {
  private static let chunk = 1 << 18

  private let file: OutputFile
  @exclusivity(unchecked) private var writer = CaptureWriter(format: .pcapng)
  private var interfaces: [CaptureInterface: Int] = [:]
  private(set) var packets = 0
  /// Why it cannot be written, one line.
  private(set) var failure: String?

  init(_ path: String) throws(FileFault) { file = try OutputFile(path) }

  /// Does something with the writer, and hands on what has come of it.
  func write(_ body: (inout CaptureWriter) throws(CaptureWriteError) -> Void) {
    guard failure == nil else { return }
    do throws(CaptureWriteError) { try body(&writer) } catch {
      failure = "\(file.path): \(error.reason)"
      return
    }
    if writer.bytes.count >= Self.chunk { flush() }
  }

  /// The number of an interface like this one.
  func interface(like interface: CaptureInterface) -> Int {
    var described = CaptureInterface(
      linkType: interface.linkType, snapLength: interface.snapLength, name: interface.name,
      frameCheckSequenceLength: interface.frameCheckSequenceLength)
    described.timestampResolution = .nanoseconds
    if let known = interfaces[described] { return known }
    var number = 0
    write { writer throws(CaptureWriteError) in number = try writer.addInterface(described) }
    interfaces[described] = number
    return number
  }

  func countPacket() { packets += 1 }

  private func flush() {
    guard failure == nil else { return }
    do throws(FileFault) { try file.write(writer.takeBytes()) } catch { failure = error.description }
  }

  /// Ends the file.
  ///
  /// - Throws: What went wrong, now or before.
  func finish() throws(InspectionError) {
    write { writer throws(CaptureWriteError) in try writer.finish() }
    flush()
    if failure == nil {
      do throws(FileFault) { try file.confirm() } catch { failure = error.description }
    }
    if let failure { throw InspectionError(message: failure) }
  }
}
