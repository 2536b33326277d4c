import FoundationEssentials
import Glibc
import Specification
import Testing

@testable import WireInspector

/// Reading, following and writing on several threads.
@Suite struct PipelineTests {
  /// What is written of a capture, and the exit code.
  private func report(_ path: String, _ format: InspectionReport.Format, jobs: Int) -> (bytes: [UInt8], code: Int32) {
    let output = TemporaryFile()
    var report = InspectionReport(options: InspectionOptions(), format: format, outputPath: output.path)
    report.jobs = jobs
    let code = report.run(paths: [path]).rawValue
    return (output.bytes, code)
  }

  @Test(
    "What several threads write of the shipped captures is byte for byte what one thread writes",
    arguments: [InspectionReport.Format.ndjson, .text, .csv, .html])
  func sameOutput(format: InspectionReport.Format) throws {
    let folder = URL(filePath: captureFile("pings.pcap")).deletingLastPathComponent().path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".pcap") }
    #expect(names.count > 20)
    for name in names.sorted() {
      let serial = report(captureFile(name), format, jobs: 1)
      let threaded = report(captureFile(name), format, jobs: 3)
      #expect(serial == threaded, "\(name) as \(format)")
    }
  }

  @Test("A file that cannot be read to its end ends the same on several threads") func cutFile() {
    let whole = TemporaryFile.content(of: captureFile("large-messages.pcap"))
    // Ends inside of a record, and at places around the end of a chunk.
    for length in [0, 3, 24, 100, 262_147, 262_148, 262_149, whole.count - 5] {
      let cut = TemporaryFile(Array(whole.prefix(length)))
      #expect(report(cut.path, .ndjson, jobs: 1) == report(cut.path, .ndjson, jobs: 3), "\(length) bytes")
    }
  }

  @Test("A queue hands on everything in order, to who takes slowly and to who takes fast") func queueOrder() {
    for capacity in [1, 3] {
      let queue = BoundedQueue<Int>(capacity: capacity)
      guard
        let thread = WorkerThread({
          for value in 0..<10_000 { queue.put(value) }
          queue.close()
        })
      else {
        Issue.record("there is no thread")
        continue
      }
      var taken: [Int] = []
      while let value = queue.take() { taken.append(value) }
      thread.join()
      #expect(taken == Array(0..<10_000))
    }
  }

  @Test("A closed queue keeps nobody waiting") func closedQueue() {
    let queue = BoundedQueue<Int>(capacity: 1)
    queue.put(1)
    queue.close()
    queue.put(2)
    #expect(queue.take() == 1)
    #expect(queue.take() == nil)
  }
}
