import Glibc
import Specification
import Testing

@testable import WireInspector

/// `inspect --follow N` as text.
@Suite("A connection as a dialogue") struct DialogueTests {
  private func lines(
    _ path: String, connection: Int = 1, _ change: (inout InspectionReport) -> Void = { _ in }
  ) throws -> [String] {
    let output = TemporaryFile()
    var options = InspectionOptions()
    options.followedConnection = connection
    var report = InspectionReport(options: options, format: .text, outputPath: output.path)
    report.isDialogue = true
    change(&report)
    #expect(report.run(paths: [path]) != .usage)
    return String(decoding: output.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// A dialogue of so many columns, of records as they come.
  private func lines(_ script: ConversationScript, columns: Int, usesColour: Bool = false) -> [String] {
    let file = TemporaryFile()
    let descriptor = open(file.path, O_WRONLY)
    let sink = DialogueSink(output: OutputBuffer(descriptor: descriptor), usesColour: usesColour, columns: columns)
    script.inspect(into: sink)
    sink.flush()
    close(descriptor)
    return String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("The client stands at the left, the server to its right, and an answer says how long it took") func turns()
    throws
  {
    #expect(
      try lines(captureFile("displacement.pcap")) == [
        "connection 1 on 2026-11-22 (UTC)",
        "                > client 127.0.0.1:50166",
        "                            < server 127.0.0.1:8003",
        "                  revision 1.3.3",
        "10:37:46.090101 > asks for the upgrade: /join",
        "                  identity 100-2-a100-web, version 2, charset utf8",
        "10:37:46.090410             < upgrades (101)",
        "10:37:46.090962 > sends id 2, 10 B",
        "                  go async 0",
        "10:37:46.091087             < sends id 3, 10 B",
        "                              go async 0",
        "10:37:46.091260 > calls id 2, sn 2, 8 B",
        "                  go rpc 0",
        "10:37:46.091389             < answers sn 2 with id 3 after 129 us, 8 B",
        "                              go rpc 0",
        "10:37:46.293454             < displaces the client, 44 B",
        "                              old address 127.0.0.1:50166",
        "                              new address 127.0.0.1:50174",
        "10:37:46.293454             ! app.displaced: 100-2-a100-web at 127.0.0.1:50166",
        "                              is displaced by 127.0.0.1:50174 (connection 2)",
        "10:37:46.293825             < closes",
        "10:37:46.293929 > closes",
        "10:37:46.294033 > ends its stream",
        "10:37:46.294327             < ends its stream",
        "39 packets, 3708 bytes, 1 connection, 5 frames, 1 call, 1 finding",
      ])
  }

  @Test("Findings stand where they were found, with their rule, and calls without an answer at the end") func findings()
    throws
  {
    let bad = try lines(captureFile("bad-magic.pcap"))
    let message = try #require(bad.firstIndex { $0.hasSuffix("> sends a message that is no frame, 23 B") })
    #expect(bad[message + 1] == "                  000000  fe ee 11 00 00 00 02 00  ........")
    #expect(bad[message + 4].hasSuffix(" ! app.bad-magic: the bytes at offset 1 are not the magic of a"))
    #expect(bad[message + 5] == "                  frame (MUST frame.magic)")
    let cut = try lines(captureFile("close-in-flight.pcap"))
    #expect(cut.contains { $0.hasSuffix("= sn 2 (id 4, 10:38:48.742212) has no answer: the connection") })
    let troubles = try lines(captureFile("nasty/rpc_troubles.pcap"))
    #expect(troubles.contains("                  … 31.000 s later"))
    #expect(try lines(captureFile("midstream.pcap")).contains("                  the upgrade was not captured"))
  }

  @Test("A refused upgrade and the one after it are both there") func refused() throws {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    script.send(false, Array("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".utf8))
    script.send(true, ConversationScript.request(query: "uid=u2"))
    script.send(false, ConversationScript.response())
    script.say(true, 1, 0, [])
    let text = lines(script, columns: 80)
    #expect(text.filter { $0.contains("connection 1 on") }.count == 1)
    #expect(text.filter { $0.hasSuffix("> asks for the upgrade: /ws") }.count == 2)
    #expect(text.contains { $0.hasSuffix("< refuses the upgrade: 403") })
    #expect(text.contains { $0.hasSuffix("< upgrades (101)") })
  }

  @Test("Payloads are shown in the form that was asked for, and cut where nobody asked") func payloads() throws {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 1, 0, Array(#"{"name":"a text that does not fit on one line of JSON","list":[1,2,3]}"#.utf8))
    script.say(true, 2, 0, Array("one\ntwo\u{202E}".utf8))
    script.say(false, 3, 0, Array(String(repeating: "line\n", count: 40).utf8))
    script.say(false, 4, 0, [0x08, 0x96, 0x01])
    let text = lines(script, columns: 80)
    #expect(text.contains(#"                    "list": [1, 2, 3]"#))
    #expect(text.contains("                  one") && text.contains(#"                  two\u{202e}"#))
    #expect(text.filter { $0.hasSuffix(" line") }.count == 23)
    #expect(text.contains("                              … 17 more lines (--full)"))
    let capture = TemporaryFile(try CaptureWriterScript.pcap(script))
    let full = try lines(capture.path) { $0.isFull = true }
    #expect(full.filter { $0.hasSuffix(" line") }.count == 40)
    let fields = try lines(capture.path) { $0.payload = .protobuf }
    #expect(fields.contains("                              1 varint: 150"))
  }

  @Test("Lines keep to the width of the terminal, narrow or wide, and show nothing unseen") func width() throws {
    var script = ConversationScript.whole()
    script.segments.removeLast(3)
    script.say(true, 1, 0, Array("\u{202E}\u{1B}]0;x\u{7}你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好".utf8))
    script.send(true, script.frame(true, first: 0x81, Array("text".utf8)))
    script.send(
      false, script.frame(false, first: 0x88, [0x03, 0xE8] + Array(String(repeating: "why", count: 40).utf8)))
    script.close()
    for columns in [40, 59, 60, 80, 132, 200] {
      let text = lines(script, columns: columns)
      #expect(text.count > 40)
      for line in text {
        #expect(TerminalText.width(line) <= columns, "\(columns): \(line)")
        #expect(!line.unicodeScalars.contains { $0.isUnseen })
      }
    }
    let wide = lines(script, columns: 200)
    #expect(wide.contains { $0.hasPrefix(String(repeating: " ", count: 52) + "< server") })
  }

  @Test("Colours are there only where they are wanted") func colours() {
    let script = ConversationScript.whole()
    #expect(!lines(script, columns: 80).joined().contains("\u{1B}"))
    let coloured = lines(script, columns: 80, usesColour: true)
    #expect(coloured.contains { $0.hasPrefix("\u{1B}[32m") } && coloured.contains { $0.hasPrefix("\u{1B}[36m") })
    #expect(coloured.allSatisfy { !$0.contains("\u{1B}") || $0.hasSuffix("\u{1B}[0m") })
  }

  @Test("Captures of all kinds have dialogues of 80 columns") func sharedCaptures() throws {
    for name in [
      "pings.pcap", "gbk.pcap", "fragmented.pcap", "rev-1.1.pcap", "go-deflate-level2.pcap", "nasty/snaplen_400.pcap",
      "nasty/ws_reserved.pcap", "nasty/gap_in_payload.pcap",
    ] {
      let text = try lines(captureFile(name))
      #expect(text.count > 4)
      for line in text { #expect(TerminalText.width(line) <= 80, "\(name): \(line)") }
    }
    let gbk = try lines(captureFile("gbk.pcap"))
    #expect(gbk.contains("                  你好世界"))
  }
}
