import PacketCapture
import SystemFiles

/// Which connections an output has shown.
package final class ConnectionSelection: InspectionSink {
  private let sink: any InspectionSink
  /// Their numbers.
  package private(set) var numbers: Set<Int> = []

  init(into sink: any InspectionSink) { self.sink = sink }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    if let number = place.connection { numbers.insert(number) }
    sink.connection(record, at: place)
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    sink.frame(record, payload: payload, at: place)
  }
  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    sink.other(record, payload: payload, at: place)
  }
  package func control(_ record: ControlRecord, at place: RecordPlace) { sink.control(record, at: place) }
  package func call(_ record: CallRecord, at place: RecordPlace) { sink.call(record, at: place) }
  package func finding(_ record: FindingRecord, at place: RecordPlace) { sink.finding(record, at: place) }
  package func summary(_ record: SummaryRecord, at place: RecordPlace) { sink.summary(record, at: place) }
  package func flush() { sink.flush() }
}

/// Writes the connections that were chosen as a capture of their own.
///
/// Which they are is known when the captures have been read to their ends, so they are read again.
struct CaptureExtraction {
  let options: InspectionOptions
  let filter: String?
  let redaction: Redaction?

  /// Writes a capture.
  ///
  /// - Parameters:
  ///   - chosen: The connections' numbers.
  ///   - paths: The captures.
  ///   - target: The file.
  /// - Returns: What to say of it, one line.
  func write(_ chosen: Set<Int>, of paths: [String], to target: String) throws(InspectionError) -> String {
    let output: CaptureOutput
    do throws(FileFault) {
      try InspectionReport.ensure(paths, spareOutput: target)
      output = try CaptureOutput(target)
    } catch {
      throw InspectionError(message: error.description)
    }
    let nobody = NoSink()
    let connections = CountText.of(chosen.count, "connection")
    if let redaction {
      redaction.writer = RedactedCapture(of: chosen, to: output)
      defer { redaction.writer = nil }
      var inspection = CaptureInspection(options: options, sink: nobody, filter: filter, redaction: redaction)
      _ = try inspection.run(paths: paths)
      try output.finish()
      return "\(target): \(connections), redacted, in new packets"
    }
    let copy = PacketCopy(of: chosen, to: output)
    var inspection = CaptureInspection(
      options: options, sink: nobody, filter: filter, limits: .init(), redaction: nil, copy: copy)
    _ = try inspection.run(paths: paths)
    try output.finish()
    let leftOut = copy.leftOut > 0 ? "; \(copy.leftOut) fragments of no known connection are left out" : ""
    return "\(target): \(connections), \(CountText.of(output.packets, "packet"))\(leftOut)"
  }
}

/// Where nobody wants the records.
private final class NoSink: InspectionSink {
  func connection(_ record: ConnectionRecord, at place: RecordPlace) {}
  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {}
  func control(_ record: ControlRecord, at place: RecordPlace) {}
  func call(_ record: CallRecord, at place: RecordPlace) {}
  func finding(_ record: FindingRecord, at place: RecordPlace) {}
  func summary(_ record: SummaryRecord, at place: RecordPlace) {}
}
