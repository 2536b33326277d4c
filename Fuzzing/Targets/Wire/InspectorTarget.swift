import CaptureFile
import FuzzHarness
import Glibc
import PacketCapture
import Specification
import WireInspector

/// The whole inspector, in every output: any bytes as a capture file.
enum InspectorTarget {
  enum Output {
    case text, full, dialogue, ndjson, html, csv, statistics, statisticsNDJSON, check, filter
  }

  /// Expressions that look at every kind of field.
  private static let filters = [
    "uid == 100 and latency > 20ms", "not (role == client) or sn >= 2", "payload contains hello", "id in 2..9",
    "finding contains tcp or outcome == unanswered",
  ]

  /// The file that captures are read from, which nobody else sees.
  private static let file: Int32 = {
    var name = Array("/dev/shm/capture-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { fatalError("there is no file to write captures to") }
    unlink(name)
    return file
  }()

  static func run(_ output: Output) -> @Sendable ([UInt8]) -> Void {
    { input in
      ftruncate(file, 0)
      lseek(file, 0, SEEK_SET)
      guard input.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == input.count else {
        fatalError("the input cannot be written")
      }
      // The name may stand for the descriptor and its offset.
      lseek(file, 0, SEEK_SET)
      inspect("/proc/self/fd/\(file)", output, choice: Int(input.last ?? 0))
    }
  }

  private static func inspect(_ path: String, _ output: Output, choice: Int) {
    var options = InspectionOptions()
    options.inflationLimit.ratio = 10
    options.inflationLimit.allowance = 1 << 20
    options.messageAllowance = 1 << 20
    options.messageLimit = 1 << 20
    options.slow = 0
    var format = InspectionReport.Format.text
    switch output {
    case .check:
      let conformance = CaptureConformance()
      _ = InspectionReport.check(.files([path]), options: options, filter: nil, into: conformance) { _ in "" }
      _ = conformance.results
      return
    case .ndjson, .statisticsNDJSON: format = .ndjson
    case .html: format = .html
    case .csv: format = .csv
    case .dialogue: options.followedConnection = choice % 4 + 1
    case .text, .full, .statistics, .filter: break
    }
    var report = InspectionReport(options: options, format: format, outputPath: "/dev/null")
    report.countsOnly = output == .statistics || output == .statisticsNDJSON
    report.isFull = output == .full
    report.isDialogue = output == .dialogue
    if output == .filter { report.records = try? RecordFilter(filters[choice % filters.count]) }
    let status = report.run(paths: [path])
    require([.good, .usage, .incomplete].contains(status), "exit code \(status.rawValue)")
  }
}

/// Expressions of `--filter`.
enum FilterTarget {
  @Sendable static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    do throws(RecordFilterError) {
      _ = try RecordFilter(text)
    } catch {
      require(error.column >= 1 && !error.reason.isEmpty, "an error without a place")
    }
  }
}
