import CaptureFile
import PacketCapture
import Specification

/// Packets of a network interface as they come.
extension CaptureInspection {
  /// Inspects what passes an interface until SIGINT or SIGTERM. What is found is shown as soon as nothing more comes for a moment.
  ///
  /// - Parameters:
  ///   - interface: Its name; `any` for all.
  ///   - began: Called when packets are being captured.
  package mutating func run(interface: String, began: () -> Void) throws(InspectionError) -> Outcome {
    try openKeyLog()
    let capture: LiveCapture
    do throws(LiveCapture.Fault) {
      capture = try LiveCapture(interface: interface, filter: filterExpression)
    } catch {
      let remedy =
        error.isPermission
        ? "; run it with the capability CAP_NET_RAW (sudo), or pipe tcpdump -w - into wireproof inspect -" : ""
      throw InspectionError(message: "\(interface): cannot be captured: \(error.reason)\(remedy)")
    }
    began()
    while !Interruption.isRequested {
      let step = capture.next { bytes, length, time in
        // What passes an interface bounds itself: there is no file that could be small for what it holds.
        output.inflatedBytes = 0
        receive(bytes, linkType: capture.linkType, originalLength: length, time: time)
      }
      switch step {
      case .packet, .ready: break
      case .silence: output.flush()
      case .failed(let reason):
        conclude(capture)
        fail(.incomplete, "\(interface): capturing ended: \(reason)")
        return outcome
      }
    }
    conclude(capture)
    return outcome
  }

  private mutating func conclude(_ capture: LiveCapture) {
    let dropped = capture.droppedPackets
    if dropped > 0 {
      let fault = CaptureFault.drops(interface: 0, count: UInt64(dropped))
      let finding = CaptureFinding(fault: fault, offset: 0)
      output.finding(
        FindingRecord(id: finding.code.rawValue, offset: nil, message: finding.reason),
        at: RecordPlace(connection: nil, time: lastStamp.time, packets: nil))
    }
    finish()
  }
}
