import Glibc
import Specification
import Testing

@testable import WireInspector

/// `inspect --timezone ZONE`. Zones by name change the process and are tried in one of their own (InspectCommandTests).
@Suite("The clock of times of day") struct ShownClockTests {
  @Test(
    "Offsets are east of UTC",
    arguments: [
      ("utc", "22:13:20.123456"), ("UTC", "22:13:20.123456"), ("+00:00", "22:13:20.123456"),
      ("+08:00", "06:13:20.123456"), ("+0800", "06:13:20.123456"), ("+08", "06:13:20.123456"),
      ("-0330", "18:43:20.123456"), ("-23:59", "22:14:20.123456"), ("+23:59", "22:12:20.123456"),
    ])
  func offsets(_ zone: String, _ shown: String) throws {
    #expect(try ShownClock(zone).timeOfDay(1_700_000_000_123_456_789) == shown)
  }

  @Test("Times before 1970, at the ends of what is counted, and none") func extremes() throws {
    #expect(ShownClock.utc.timeOfDay(-1) == "23:59:59.999999")
    #expect(try ShownClock("+01:00").timeOfDay(-1) == "00:59:59.999999")
    #expect(ShownClock.utc.timeOfDay(nil) == "--:--:--.------")
    for zone in ["utc", "-23:59", "+23:59", "local"] {
      for time in [Int64.min, .max] { #expect(try ShownClock(zone).timeOfDay(time).count == 15) }
    }
  }

  @Test("The local clock is the C library's") func local() throws {
    let clock = try ShownClock("local")
    for second in [1_700_000_000, 1_720_000_000] {
      var time = time_t(second)
      var parts = tm()
      let known = localtime_r(&time, &parts)
      #expect(known != nil)
      let shown = clock.timeOfDay(Int64(second) * 1_000_000_000).split(separator: ":").compactMap {
        Int32($0.prefix(2))
      }
      #expect(shown == [parts.tm_hour, parts.tm_min, parts.tm_sec])
    }
  }

  @Test(
    "What is no zone is refused, and what to name is said",
    arguments: [
      "", "+8", "+24:00", "+08:60", "+8:00", "08:00", "+08:0x", "Nowhere/City", "Asia", "../zoneinfo/Asia/Shanghai",
      "/usr/share/zoneinfo/Asia/Shanghai", "<b>", "Asia/Shanghai ",
    ])
  func refused(_ zone: String) {
    let error = #expect(throws: InspectionError.self) { try ShownClock(zone) }
    #expect(error?.message.contains("name one as Asia/Shanghai") == true)
  }

  @Test("A text shows the clock") func text() throws {
    let text = try shown(.text)
    #expect(text.contains("06:13:20."))
    #expect(text.contains("began 06:13:20."))
    #expect(!text.contains("22:13:20."))
  }

  @Test("A page says how far the clock is ahead, and its name; where no script runs the times are there") func page()
    throws
  {
    let text = try shown(.html)
    #expect(text.contains("data-zone=\"+08:00\""))
    #expect(text.contains(#/\[6,"\d{19}",28800\]/#))
    #expect(text.contains("began 06:13:20."))
    #expect(!text.contains("22:13:20."))
  }

  private func shown(_ format: InspectionReport.Format) throws -> String {
    let capture = TemporaryFile(try CaptureWriterScript.pcap(ConversationScript.whole()))
    let output = TemporaryFile()
    var report = InspectionReport(options: InspectionOptions(), format: format, outputPath: output.path)
    report.clock = try ShownClock("+08:00")
    #expect(report.run(paths: [capture.path]) == .good)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}
