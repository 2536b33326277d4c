import PacketCapture
import Specification

/// What is not shown, and why.
extension CaptureInspection {
  /// Says what was passed over and why, so that what is not shown has a reason. Of one connection that was asked for, that is all
  /// that matters.
  func reportPassedOver() {
    func report(_ message: String) {
      output.finding(
        FindingRecord(.passedOver, role: nil, offset: nil, message: message),
        at: RecordPlace(connection: nil, time: lastStamp.time, packets: nil))
    }
    for text in output.unshownFindings { report(text) }
    guard options.followedConnection == nil else {
      if let text = output.followedIsPassedOver { report("passed over, because it holds no frames: \(text)") }
      return
    }
    if let text = PassedOverText.of(tracker.passedOver) {
      report("passed over, because nothing in them can be followed: \(text)")
    }
    for (linkType, count) in unsupported.sorted(by: { $0.key < $1.key }) where supportedPackets > 0 {
      let packets = CountText.of(count, "packet")
      report(
        "passed over, because their link type is not decoded: \(packets) of LINKTYPE \(LinkTypeName.described(linkType))"
      )
    }
    guard outcome.status != .usage else { return }
    if let text = output.passedOver.text { report("passed over, because they hold no frames: \(text)") }
    if tracker.passedOver.otherPorts > 0 {
      let ports = options.ports.map(String.init).joined(separator: ", ")
      let segments = CountText.of(tracker.passedOver.otherPorts, "segment")
      report("passed over, because they are not of port \(ports): \(segments)")
    }
    if filteredPackets > 0 {
      report("passed over, because they do not pass the filter: \(CountText.of(filteredPackets, "packet"))")
    }
    if lastStamp.number == 0, outcome.status == .good { report("there are no packets in the capture") }
  }
}
