import CaptureFile
import Deflate
import FoundationEssentials
import Glibc
import Specification
import Testing

@testable import WireInspector

/// Reading, following and writing on several threads.
@Suite struct PipelineTests {
  /// What is written of a capture, and the exit code.
  private func report(
    _ path: String, _ format: InspectionReport.Format, jobs: Int, countsOnly: Bool = false,
    _ options: InspectionOptions = InspectionOptions()
  ) -> (bytes: [UInt8], code: Int32) {
    let output = TemporaryFile()
    var report = InspectionReport(options: options, format: format, outputPath: output.path)
    report.jobs = jobs
    report.countsOnly = countsOnly
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

  /// Conversations of several clients, whose packets come in turns: long messages of some between short ones of others, with and without
  /// context takeover, most of them compressed, with pings, calls without answers, a text, bytes that are no deflate data, and a gap.
  private static func crowd() throws -> [UInt8] {
    let answers = [
      "permessage-deflate", "permessage-deflate; client_no_context_takeover",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ]
    let offer = answers.reversed().joined(separator: ", ")
    var scripts: [ConversationScript] = []
    for client in 0..<9 {
      let answer = answers[client % 3]
      var script = ConversationScript()
      script.clientPort = UInt16(41_000 + client)
      script.upgrade(offer: offer, answer: answer)
      let deflaters = try ["client_no_context", "server_no_context"].map {
        try Deflater(windowBits: 15, contextTakeover: !answer.contains($0), level: 6)
      }
      for number in 0..<40 {
        let isFromClient = number % 2 == 0
        let word = ConversationScript.noise(50, seed: UInt64(client))
        let payload = Array(repeating: word, count: client % 4 == 0 ? 4000 : 1 + number).flatMap { $0 }
        let message = ConversationScript.message(UInt32(number + 1), UInt32(number / 2 * 2), payload)
        var data: [UInt8] = []
        try deflaters[number % 2].deflate(message.span.bytes, into: &data)
        switch number {
        case 7: script.send(isFromClient, script.frame(isFromClient, first: 0x82, message))
        case 11: script.send(isFromClient, script.frame(isFromClient, first: 0xC1, data))
        case 15: script.send(isFromClient, script.frame(isFromClient, first: 0x89, [1, 2, 3]))
        case 31 where client == 2: script.send(isFromClient, script.frame(isFromClient, first: 0xC2, [7, 0xFF, 0xFF]))
        case 35 where client == 5: script.segments.remove(at: script.segments.count - 2)
        default: script.send(isFromClient, script.frame(isFromClient, first: 0xC2, data))
        }
      }
      if client % 2 == 0 { script.close() }
      scripts.append(script)
    }
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: 1))
    var time: Int64 = 1_700_000_000_000_000_000
    for index in 0..<(scripts.map(\.segments.count).max() ?? 0) {
      for script in scripts where index < script.segments.count {
        time += 1000
        let packet = script.packet(script.segments[index])
        try writer.write(packet.span.bytes, timestampNanoseconds: time, interface: interface)
      }
    }
    try writer.finish()
    return writer.takeBytes()
  }

  @Test("Messages that several threads inflate come out in the order of the capture", arguments: [2, 3, 9])
  func inflatedInOrder(jobs: Int) throws {
    let capture = TemporaryFile(try Self.crowd())
    for (format, countsOnly) in [(InspectionReport.Format.ndjson, false), (.text, true), (.text, false)] {
      let serial = report(capture.path, format, jobs: 1, countsOnly: countsOnly)
      #expect(serial.code == 0 && serial.bytes.count > 1000)
      // Threads are never as fast as the last time.
      for round in 0..<5 {
        let threaded = report(capture.path, format, jobs: jobs, countsOnly: countsOnly)
        #expect(serial == threaded, "\(format), \(round)")
      }
    }
  }

  @Test(
    "Where messages grow too much several threads stop at the same packet",
    arguments: [0, 1 << 14, 1 << 20, 1 << 22, 1 << 28])
  func growth(allowance: Int) throws {
    let capture = TemporaryFile(try Self.crowd())
    var options = InspectionOptions()
    options.inflationLimit.ratio = 1
    options.messageAllowance = allowance
    let serial = report(capture.path, .ndjson, jobs: 1, options)
    #expect((serial.code == CommandStatus.incomplete.rawValue) == (allowance < 1 << 28))
    #expect(report(capture.path, .ndjson, jobs: 3, options) == serial)
  }

  @Test("Connections that rest after each packet go on as if they had not", arguments: ["", "nasty/"])
  func rest(folder: String) throws {
    let captures = URL(filePath: captureFile("pings.pcap")).deletingLastPathComponent().path + "/" + folder
    var paths = try FileManager.default.contentsOfDirectory(atPath: captures).filter { $0.contains(".pcap") }
      .map { captures + "/" + $0 }
    let crowd = TemporaryFile(try Self.crowd())
    paths.append(crowd.path)
    var options = InspectionOptions()
    options.awakeConnections = 0
    for path in paths.sorted() where TemporaryFile.content(of: path).count < 1 << 20 {
      #expect(report(path, .ndjson, jobs: 1, options) == report(path, .ndjson, jobs: 1), "\(path)")
      #expect(report(path, .ndjson, jobs: 2, options) == report(path, .ndjson, jobs: 1), "\(path), two threads")
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
