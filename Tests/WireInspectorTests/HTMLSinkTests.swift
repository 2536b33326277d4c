import Foundation
import FrameCodec
import Negotiation
import Specification
import SystemCrypto
import Testing

@testable import WireInspector

/// `inspect --format html`: what is written. What browsers make of it is tried by `Scripts/inspect-page-test.py`.
@Suite("A page") struct HTMLSinkTests {
  private func page(_ path: String) -> String {
    let output = TemporaryFile()
    #expect(
      InspectionReport(options: InspectionOptions(), format: .html, outputPath: output.path).run(paths: [path]) == .good
    )
    return String(decoding: output.bytes, as: UTF8.self)
  }

  /// The records in the data of a page.
  private func records(_ page: String) throws -> [[Any]] {
    try page.matches(of: #/<script type="application/json">(?<data>[^<]*)</script>/#).flatMap { piece in
      try #require(try JSONSerialization.jsonObject(with: Data(piece.data.utf8)) as? [[Any]])
    }
  }

  private func count(_ records: [[Any]], _ kind: HTMLIsland.Kind) -> Int {
    records.count { $0[0] as? Int == Int(kind.rawValue) }
  }

  /// A sink that writes into a file, and what it wrote.
  private func written(_ limits: HTMLIsland.Limits, _ body: (HTMLSink) -> Void) throws -> String {
    let file = TemporaryFile()
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.path))
    let output = OutputBuffer(descriptor: handle.fileDescriptor)
    let sink = HTMLSink(output: output, limits: limits)
    body(sink)
    sink.summary(SummaryRecord(), at: RecordPlace(connection: nil, time: nil, packets: nil))
    output.flush()
    return String(decoding: file.bytes, as: UTF8.self)
  }

  private func say(_ payload: [UInt8], _ charset: TextCharset = .utf8, time: Int64? = 5, to sink: HTMLSink) {
    let record = FrameRecord(
      header: FrameHeader(revision: .v1_3_3, protocolId: 2, sn: 4, length: 8, payload: 0..<payload.count),
      fragments: 1, wireLength: payload.count, role: .client, kind: .request, charset: charset, isCompressed: false)
    sink.frame(record, payload: payload.span.bytes, at: RecordPlace(connection: 1, time: time, packets: 3...4))
  }

  @Test(
    "Its data has the records of the capture",
    arguments: ["interleaved.pcap", "displacement.pcap", "rpc-timeout.pcap", "bad-magic.pcap", "gbk.pcap"])
  func data(_ name: String) throws {
    let path = captureFile(name)
    let output = TemporaryFile()
    #expect(
      InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: output.path).run(paths: [path])
        == .good)
    let lines = String(decoding: output.bytes, as: UTF8.self).split(separator: "\n")
    let records = try records(page(path))
    for (kind, type) in [
      (HTMLIsland.Kind.frame, "frame"), (.control, "control"), (.call, "rpc"), (.finding, "finding"),
      (.connection, "connection"), (.summary, "summary"),
    ] {
      #expect(count(records, kind) == lines.count { $0.hasPrefix("{\"type\":\"\(type)\"") }, "\(type)")
    }
    #expect(count(records, .clock) == 1)
  }

  @Test("Nothing of a capture acts in it, or is unseen") func inert() throws {
    let hostile = "</code></script><!--<script>alert(1)</script>\u{202E}\u{2028}\\&'\""
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=%3C/script%3E%3Cimg%20src%3Dx%3E%E2%80%AE"))
    script.send(false, ConversationScript.response())
    script.say(true, 2, 4, Array(hostile.utf8))
    script.send(true, script.frame(true, first: 0x81, Array(hostile.utf8)))
    script.send(false, script.frame(false, first: 0x88, [0x03, 0xE8] + Array(hostile.utf8)))
    let capture = TemporaryFile(try CaptureWriterScript.pcap(script))
    let text = page(capture.path)
    #expect(text.ranges(of: "<script>").count == 1)
    #expect(text.ranges(of: "</script>").count == 2)
    #expect(text.ranges(of: "<noscript>").count == 1)
    #expect(!text.contains("<img") && !text.contains("<!--"))
    #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.isUnseen })
    let records = try records(text)
    // What was sent can be told from what was escaped.
    let shown = hostile.replacing("\\", with: "\\\\").replacing("\u{202E}", with: "\\u{202e}").replacing(
      "\u{2028}", with: "\\u{2028}")
    // The frame, its call, which has no answer, the message that is no frame, and the reason.
    #expect(records.count { $0.last as? String == shown } == 4)
    // The call is told where no script runs, too.
    let digest = try #require(text.firstRange(of: "<noscript>"))
    #expect(
      text[digest.upperBound...].contains("&lt;/code&gt;&lt;/script&gt;&lt;!--&lt;script&gt;alert(1)"))
  }

  @Test("Its policy permits the style and the script that it has, and nothing else") func policy() throws {
    let text = page(captureFile("gbk.pcap"))
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
      let match = try #require(try Regex("<\(element)>(?<text>[^\u{0}]*?)</\(element)>").firstMatch(in: text))
      let content = try #require(match["text"]?.substring)
      let digest = Data(SHA256.digest(of: Array(content.utf8))).base64EncodedString()
      #expect(text.contains("\(directive) 'sha256-\(digest)';"))
    }
    #expect(text.contains("content=\"default-src 'none';"))
  }

  @Test("Without scripts it says what was found") func digest() throws {
    let text = page(captureFile("rpc-timeout.pcap"))
    let digest = try #require(text.firstMatch(of: #/<noscript>(?<text>[^\u0000]*)</noscript>/#)).text
    #expect(digest.contains("16 packets, 1446 bytes, 1 connection, 2 frames, 1 call, 2 findings"))
    #expect(digest.contains("<td>rpc.slow</td><td>1</td><td>"))
    #expect(digest.contains("#1, packet 10</td><td>the call with sn 2 was answered after 2.001510 s</td>"))
    #expect(digest.contains("client, sn 2, id 4 -&gt; 5: 2.001 s"))
  }

  @Test("Payloads are cut, more so when there were many, and not within a character") func payloads() throws {
    var limits = HTMLIsland.Limits()
    (limits.payload, limits.payloads, limits.shortPayload) = (8, 30, 4)
    let text = try written(limits) { sink in
      say(Array("abcdef你好".utf8), to: sink)
      say([0xFF] + Array(0..<8), to: sink)
      for _ in 0..<2 { say(Array("abcdefgh".utf8), to: sink) }
      say(Array("你好".utf8), to: sink)
      say([0xFF, 1, 2], to: sink)
    }
    let payloads = try records(text).filter { $0[0] as? Int == 0 }.map { Array($0.suffix(2)) }
    #expect(payloads.map { $0[1] as? String } == ["abcdef", "ff000102", "abcdefgh", "abcd", "你", "ff01"])
    #expect(payloads.map { $0[0] as? Int } == [3, 2, 1, 3, 3, 2])
  }

  @Test("A page has a largest size; what has no place is counted, and findings have some to spare") func limit() throws
  {
    var limits = HTMLIsland.Limits()
    (limits.records, limits.reserve) = (600, 400)
    let text = try written(limits) { sink in
      for _ in 0..<100 { say(Array("abcdefgh".utf8), to: sink) }
      let place = RecordPlace(connection: 1, time: 7, packets: nil)
      for _ in 0..<10 { sink.finding(FindingRecord(id: "rpc.slow", offset: nil, message: "slow"), at: place) }
    }
    let records = try records(text)
    let frames = count(records, .frame)
    let findings = count(records, .finding)
    #expect((2..<40).contains(frames))
    #expect((4..<10).contains(findings) || findings == 10)
    #expect(records.last?.last as? Int == 110 - frames - findings)
    #expect(text.contains("\(110 - frames - findings) records had no place on this page."))
    #expect(text.contains("<td>rpc.slow</td><td>10</td>"))
  }

  @Test("Times at the ends of what is counted, none, and no records at all") func extremes() throws {
    let text = try written(HTMLIsland.Limits()) { sink in
      for time in [nil, Int64.min, 0, .max] { say([], time: time, to: sink) }
    }
    #expect(count(try records(text), .frame) == 4)
    #expect(text.contains("[6,\"-9223372036854775808\",0]"))
    let empty = try written(HTMLIsland.Limits()) { _ in }
    #expect(try records(empty).count == 1)
    #expect(empty.hasSuffix("</html>\n"))
  }
}
