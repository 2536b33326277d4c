import CaptureFile
import PacketCapture
import Specification

/// Packets of a network interface as they come.
extension CaptureInspection {
  /// How often losses are asked for, and what was found is shown even though more comes. Nanoseconds.
  private static let lookInterval: Int64 = 1_000_000_000
  /// Packets between two looks at the clock at most.
  private static let packetsPerLook = 64
  /// How long the kernel may keep a packet to itself, with some reserve, and how long what it has kept is read at most when the
  /// end was asked for. Nanoseconds.
  private static let kernelDelay: Int64 = 250_000_000
  private static let drainLimit: Int64 = 5_000_000_000

  /// When the end was asked for: what had passed by then is still in the kernel, and belongs to the capture.
  private struct Drain {
    private let asked = SystemClock.wall
    private let began = SystemClock.monotonic

    /// Whether a packet came after it, or all has been read.
    func isOver(_ time: Int64?, isSilent: Bool) -> Bool {
      if let time, time > asked { return true }
      let elapsed = SystemClock.monotonic - began
      return elapsed > (isSilent ? CaptureInspection.kernelDelay : CaptureInspection.drainLimit)
    }
  }

  /// Inspects what passes an interface until SIGINT or SIGTERM. What is found is shown as soon as nothing more comes for a moment,
  /// and each second.
  ///
  /// - Parameters:
  ///   - capture: The interface, open.
  ///   - name: The interface's name.
  ///   - isOver: Whether nobody wants more.
  ///   - look: Is shown how things stand, many times a second: the time of ``SystemClock/monotonic``, and the counts.
  mutating func run(
    _ capture: LiveCapture, on name: String, isOver: () -> Bool, look: (Int64, () -> SummaryRecord) -> Void
  ) -> Outcome {
    lostPackets = 0
    var nextLook: Int64 = 0
    var packets = 0
    var drain: Drain?
    while !isOver() {
      if Interruption.isRequested, drain == nil { drain = Drain() }
      let step = capture.next { bytes, length, time in
        // What passes an interface bounds itself: there is no file that could be small for what it holds.
        output.inflatedBytes = 0
        receive(bytes, linkType: capture.linkType, originalLength: length, time: time)
      }
      var isSilent = false
      switch step {
      case .packet:
        packets += 1
        if packets % Self.packetsPerLook != 0 { continue }
      case .ready: break
      case .silence:
        isSilent = true
        output.flush()
        ring?.expire(at: SystemClock.wall)
      case .failed(let reason):
        conclude(capture)
        fail(.incomplete, "\(name): capturing ended: \(reason)")
        return outcome
      }
      if let drain, drain.isOver(lastStamp.time, isSilent: isSilent) { break }
      let now = SystemClock.monotonic
      if now >= nextLook {
        nextLook = now + Self.lookInterval
        reportLosses(of: capture)
        ring?.settle(at: now)
        output.flush()
      }
      look(now) { summary }
    }
    conclude(capture)
    return outcome
  }

  private mutating func conclude(_ capture: LiveCapture) {
    reportLosses(of: capture)
    finish()
    concludeSelection()
  }

  private mutating func reportLosses(of capture: LiveCapture) {
    let losses = capture.newLosses()
    for (count, reason) in [
      (
        losses.kernel,
        "lost by the kernel, because they came faster than they were looked at; a larger --buffer-size or a --bpf helps"
      ), (losses.interface, "lost by the interface or its driver"),
    ] where count > 0 {
      lostPackets = (lostPackets ?? 0) + count
      output.finding(
        FindingRecord(
          id: CaptureFindingCode.captureDrops.rawValue, offset: nil,
          message: "\(CountText.of(count, "packet")) since the last such report: \(reason)"),
        at: RecordPlace(connection: nil, time: lastStamp.time, packets: nil))
    }
  }
}
