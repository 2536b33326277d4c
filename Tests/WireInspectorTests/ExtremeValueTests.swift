import Foundation
import Specification
import Testing

@testable import WireInspector

/// Times and lengths at the ends of their ranges, in every form of output: no arithmetic on what comes from outside traps.
@Suite struct ExtremeValueTests {
  private static let times: [Int64?] = [
    nil, 0, -1, .min, .max, 1 << 62,
  ]

  /// Runs a report over what a script says at chosen times, as pcapng, whose times have 64 bits.
  private static func run(
    _ format: InspectionReport.Format, stats: Bool, filter: String?, _ script: ConversationScript
  ) throws -> Int32 {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appending(path: "in.pcapng").path
    try Data(CaptureWriterScript.pcapng(script)).write(to: URL(fileURLWithPath: input))
    var report = InspectionReport(
      options: InspectionOptions(), format: format, outputPath: folder.appending(path: "out").path)
    report.countsOnly = stats
    report.records = try filter.map { try RecordFilter($0) }
    return report.run(paths: [input]).rawValue
  }

  @Test("No form of output traps on extreme times") func noFormOutput() throws {
    for (first, second) in Self.times.flatMap({ time in Self.times.map { (time, $0) } }) {
      var script = ConversationScript.whole()
      for index in script.segments.indices { script.segments[index].time = index % 5 < 3 ? first : second }
      for (format, stats) in [
        (.text, false), (.ndjson, false), (.csv, false), (.html, false), (.text, true), (.ndjson, true),
      ]
        as [(InspectionReport.Format, Bool)]
      {
        #expect(try Self.run(format, stats: stats, filter: nil, script) == 0)
      }
      #expect(try Self.run(.ndjson, stats: false, filter: "latency > 1s or offset < 5 or length == 8", script) == 0)
      let conformance = CaptureConformance()
      var inspection = CaptureInspection(options: InspectionOptions(), sink: conformance)
      for segment in script.segments {
        let packet = script.packet(segment)
        inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: segment.time)
      }
      inspection.finish()
      #expect(conformance.summary.frames == 12)
    }
  }

  @Test("No length on the wire traps", arguments: [0, 1, 40, 65_535, 1 << 31, Int(UInt32.max)])
  func noLengthWire(_ length: Int) {
    var script = ConversationScript.whole()
    let sink = RecordingSink()
    for zeroed in [false, true] {
      var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
      for index in script.segments.indices {
        var packet = script.packet(script.segments[index])
        if zeroed { packet.replaceSubrange(16..<18, with: [0, 0]) }
        inspection.receive(
          packet.span.bytes, linkType: 1, originalLength: length, frameCheckSequenceLength: index % 256, time: .max)
      }
      inspection.finish()
    }
    script.segments.removeAll()
    #expect(sink.summary != nil)
  }

  @Test("A latency beyond 64 bits is as long as they hold") func latencyBeyond64() {
    let times = [Int64.min, .max].map { Optional($0) }
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 2, 2, [1])
    script.say(false, 3, 2, [1])
    for index in script.segments.indices { script.segments[index].time = index < 9 ? times[0] : times[1] }
    #expect(script.inspected().calls.map(\.record.latency) == [.max])
  }

  @Test("Figures of too many keys are put together, and nothing is lost") func figuresTooMany() {
    var figures = BusiestFigures<Int64>()
    for id in 0..<50_000 as Range<Int64> {
      figures.update(id) { $0.count(.client, wire: 10, plain: 20) }
      figures.update(7) { $0.count(.server, wire: 100, plain: 100) }
    }
    let (shown, others) = figures.busiest(5)
    #expect(figures.all.count <= 4096)
    #expect(shown.first?.key == 7)
    #expect(shown.first?.figures.frames == 50_001)
    #expect(shown.reduce(0) { $0 + $1.figures.frames } + others.frames == 100_000)
    #expect(figures.putAside + figures.all.count == 50_000)
  }

  @Test("The name of a connection may be as long as a head") func nameConnectionMay() throws {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=" + String(repeating: "%1B", count: 40_000)))
    script.send(false, ConversationScript.response())
    script.talk()
    #expect(try Self.run(.ndjson, stats: true, filter: nil, script) == 0)
  }
}

extension CaptureWriterScript {
  /// A pcapng file, little-endian, nanoseconds counted from the earliest time of 64 bits; segments without a time in simple packet blocks.
  static func pcapng(_ script: ConversationScript) -> [UInt8] {
    func four(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) } }
    func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
      let length = UInt32(12 + body.count)
      return four(type) + four(length) + body + four(length)
    }
    // Two interfaces: times before 1970 count from an origin of whole seconds before it.
    let origin: Int64 = -9_223_372_036
    let options: [UInt8] = [9, 0, 1, 0, 9, 0, 0, 0]
    let offset = (0..<8).map { UInt8(truncatingIfNeeded: origin >> Int64($0 * 8)) }
    var bytes = block(0x0A0D_0D0A, four(0x1A2B_3C4D) + [1, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8))
    bytes += block(1, [1, 0, 0, 0] + four(0) + options)
    bytes += block(1, [1, 0, 0, 0] + four(0) + options + [14, 0, 8, 0] + offset)
    for segment in script.segments {
      let packet = script.packet(segment)
      let padding = [UInt8](repeating: 0, count: (4 - packet.count % 4) % 4)
      guard let time = segment.time else {
        bytes += block(3, four(UInt32(packet.count)) + packet + padding)
        continue
      }
      let units = time >= 0 ? UInt64(time) : UInt64(max(time, origin * 1_000_000_000) - origin * 1_000_000_000)
      bytes += block(
        6,
        four(time >= 0 ? 0 : 1) + four(UInt32(units >> 32)) + four(UInt32(truncatingIfNeeded: units))
          + four(UInt32(packet.count)) + four(UInt32(packet.count)) + packet + padding)
    }
    return bytes
  }
}
