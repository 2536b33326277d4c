import CaptureFile
import PacketCapture

/// Copies the packets of some connections as they stand, with the secrets that the capture holds for them.
///
/// A datagram's fragments are copied when the one that completes it shows whose they are.
final class PacketCopy {
  /// Fragments that wait for it at most; of more the oldest are left out.
  private static let fragmentLimit = 4096

  private struct Waiting {
    var bytes: [UInt8]
    var time: Int64
    var interface: Int
    var originalLength: Int
  }

  private let chosen: Set<Int>
  private let output: CaptureOutput
  private var waiting = WaitingFragments<Waiting>()
  private var lastTime: Int64 = 0
  /// Fragments of which nobody knows whose they are.
  private(set) var leftOut = 0

  init(of chosen: Set<Int>, to output: CaptureOutput) {
    self.chosen = chosen
    self.output = output
  }

  func secrets(_ secrets: CaptureSecrets) {
    output.write { writer throws(CaptureWriteError) in try writer.writeSecrets(secrets) }
  }

  func packet(
    _ packet: RawSpan, _ record: CaptureRecord, _ interface: CaptureInterface, connection: Int,
    fragments: [DatagramParts]
  ) {
    // A packet without time, or before 1970, stands where it stood.
    let time = max(0, record.timestampNanoseconds ?? lastTime)
    lastTime = time
    if !fragments.isEmpty, connection == 0 {
      if waiting.count == Self.fragmentLimit {
        waiting.removeFirst(Self.fragmentLimit / 2)
        leftOut += Self.fragmentLimit / 2
      }
      waiting.append(
        Waiting(
          bytes: packet.withUnsafeBytes { Array($0) }, time: time,
          interface: output.interface(like: interface), originalLength: record.originalLength), of: fragments)
      return
    }
    guard connection > 0 else { return }
    if !fragments.isEmpty {
      let own = waiting.take(completedBy: fragments)
      if chosen.contains(connection) {
        for part in own { write(part.bytes.span.bytes, part.time, part.interface, part.originalLength) }
      }
    }
    guard chosen.contains(connection) else { return }
    write(packet, time, output.interface(like: interface), record.originalLength)
  }

  private func write(_ bytes: RawSpan, _ time: Int64, _ interface: Int, _ originalLength: Int) {
    output.countPacket()
    output.write { writer throws(CaptureWriteError) in
      try writer.write(
        bytes, timestampNanoseconds: time, interface: interface, originalLength: max(originalLength, bytes.byteCount))
    }
  }
}
