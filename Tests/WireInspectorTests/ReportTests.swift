import FoundationEssentials
import Glibc
import Specification
import Testing

@testable import WireInspector

/// The forms of a report, and how an inspection ends.
@Suite struct ReportTests {
  /// A file that is gone afterwards.
  private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/wireproof-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = template.withUnsafeBufferPointer { buffer in
      String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    defer { unlink(path) }
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    return try body(path)
  }

  private func bytes(of path: String) -> [UInt8] { TemporaryFile.content(of: path) }

  /// The output of an inspection, line by line, and its exit code.
  private func report(
    _ paths: [String], _ format: InspectionReport.Format, _ options: InspectionOptions = InspectionOptions(),
    filter: String? = nil
  ) throws -> (lines: [String], code: Int32) {
    try withFile([]) { output in
      let report = InspectionReport(options: options, format: format, outputPath: output, filter: filter)
      let code = report.run(paths: paths).rawValue
      let text = String(decoding: bytes(of: output), as: UTF8.self)
      return (text.split(separator: "\n").map(String.init), code)
    }
  }

  @Test("Objects have exactly the fields that are promised, in one order") func objectsExactlyFields() throws {
    let (lines, code) = try report([captureFile("displacement.pcap")], .ndjson)
    #expect(code == 0)
    #expect(
      lines.first
        == #"{"type":"connection","time":1795343866.089536000,"connection":1,"packets":[1,1],"client":"127.0.0.1:50166","server":"127.0.0.1:8003","path":"/join","uid":"100","typed":2,"deviceId":"a100","source":"web","version":2,"charset":0,"identity":"100-2-a100-web","revision":"1.3.3","confidence":1.0,"compression":null,"status":101,"midstream":false}"#
    )
    #expect(
      lines.last
        == #"{"type":"summary","time":1795343866.895255000,"connection":null,"packets":39,"bytes":3708,"connections":2,"frames":9,"rpcs":2,"findings":1}"#
    )
    #expect(
      lines.contains {
        $0.hasPrefix(#"{"type":"frame","#)
          && $0.hasSuffix(
            #""direction":"client","protocolId":2,"sn":2,"length":16,"payloadLength":8,"payload":"Z28gcnBjIDA=","text":"go rpc 0","compressed":false,"fragments":1,"kind":"request"}"#
          )
      })
    #expect(
      lines.contains {
        $0.hasPrefix(#"{"type":"rpc","#)
          && $0.hasSuffix(
            #""direction":"client","sn":2,"requestId":2,"responseId":3,"latency":0.000129000,"outcome":"answered"}"#)
      })
    #expect(
      lines.contains {
        $0.hasPrefix(#"{"type":"control","#)
          && $0.hasSuffix(#""direction":"server","opcode":"close","code":null,"reason":"","payload":""}"#)
      })
    #expect(
      lines.contains {
        $0.hasPrefix(#"{"type":"finding","#) && $0.contains(#""id":"app.displaced","requirement":null,"level":null"#)
      })
  }

  @Test("Text fits 80 columns, without colour in a file") func textFits80() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: captureFile("")).filter { $0.hasSuffix(".pcap") }
    #expect(names.count == 32)
    for name in names {
      let (lines, code) = try report([captureFile(name)], .text)
      #expect(code == 0)
      #expect(!lines.isEmpty)
      for line in lines {
        #expect(TerminalText.width(line) <= 80, "\(name): \(line)")
        #expect(!line.unicodeScalars.contains { $0.value == 0x1B })
      }
    }
  }

  @Test(
    "Hostile characters are escaped",
    arguments: [
      ("\u{1B}[2J", "\\u{1b}[2J"), ("a\u{202E}b", "a\\u{202e}b"), ("\u{7F}\u{9B}", "\\u{7f}\\u{9b}"),
      ("\r\n\t", "\\r\\n\\t"), ("\\", "\\\\"), ("\u{2066}\u{200F}\u{FEFF}", "\\u{2066}\\u{200f}\\u{feff}"),
      ("你好", "你好"),
    ])
  func hostileCharactersEscaped(_ text: String, _ escaped: String) {
    #expect(TerminalText.escaped(text) == escaped)
  }

  @Test("Hostile payloads and metadata do not reach the terminal") func hostilePayloadsMetadata() throws {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=%1B%5B2Jx&deviceId=%E2%80%AE"))
    script.send(false, ConversationScript.response())
    script.say(true, 1, 0, Array("\u{1B}]0;x\u{07}\u{202E}\n".utf8))
    script.send(true, script.frame(true, first: 0x88, [0x03, 0xE8] + Array("\u{1B}[31m".utf8)))
    let writer = try CaptureWriterScript.pcap(script)
    try withFile(writer) { path in
      let (lines, _) = try report([path], .text)
      for line in lines { #expect(!line.unicodeScalars.contains { $0.isUnseen }, "\(line)") }
      #expect(lines.contains { $0.contains("\\u{1b}") })
    }
  }

  @Test("What is no capture ends with 2, what is cut short with 3") func noCaptureEnds() throws {
    #expect(try report(["/nowhere/at/all.pcap"], .text).code == 2)
    #expect(try report([captureFile("nasty/zero_length.pcap")], .ndjson).code == 2)
    #expect(try report([captureFile("nasty/random_bytes.pcap")], .ndjson).code == 2)
    #expect(try report([captureFile("nasty/bogus_linktype.pcap")], .ndjson).code == 2)
    let whole = bytes(of: captureFile("go-client-rpc.pcap"))
    try withFile(Array(whole.dropLast(10))) { path in
      let (lines, code) = try report([path], .ndjson)
      #expect(code == 3)
      #expect(lines.filter { $0.contains(#""type":"frame""#) }.count == 10)
      #expect(lines.contains { $0.contains("file.truncated") })
      #expect(lines.last?.contains(#""type":"summary""#) == true)
    }
    #expect(try report([captureFile("gbk.pcap")], .text, filter: "tcp prot").code == 2)
  }

  @Test("The capture itself is not written over, by whatever name it is called") func captureItselfNot() throws {
    let capture = bytes(of: captureFile("gbk.pcap"))
    try withFile(capture) { path in
      let input = open(path, O_RDONLY)
      defer { close(input) }
      for (capture, output) in [(path, path), ("/dev/fd/\(input)", path), (path, "/dev/fd/\(input)")] {
        let report = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: output)
        #expect(report.run(paths: [capture]) == .usage)
      }
      #expect(bytes(of: path) == capture)
    }
  }

  @Test("What cannot be inspected leaves the output as it was") func cannotInspectedLeaves() throws {
    for input in ["/nowhere/at/all.pcap", "/tmp"] {
      try withFile([1, 2, 3]) { output in
        let report = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: output)
        #expect(report.run(paths: [input]) == .usage)
        #expect(bytes(of: output) == [1, 2, 3])
      }
    }
  }

  @Test("A capture comes from a pipe by its name") func captureComesPipe() throws {
    let capture = bytes(of: captureFile("gbk.pcap"))
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    // Less than a pipe holds.
    #expect(capture.count < 1 << 16)
    #expect(capture.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == capture.count)
    close(ends[1])
    let piped = try report(["/dev/fd/\(ends[0])"], .ndjson)
    #expect(piped.code == 0)
    #expect(piped.lines == (try report([captureFile("gbk.pcap")], .ndjson).lines))
  }

  @Test("A capture cut anywhere gives the frames before the cut and never another") func captureCutAnywhere() throws {
    let whole = bytes(of: captureFile("fragmented.pcap"))
    let all = try report([captureFile("fragmented.pcap")], .ndjson).lines.filter { $0.contains(#""type":"frame""#) }
    for count in stride(from: 0, to: whole.count, by: 97) {
      try withFile(Array(whole[..<count])) { path in
        let (lines, code) = try report([path], .ndjson)
        #expect(code == 2 || code == 3 || code == 0)
        let frames = lines.filter { $0.contains(#""type":"frame""#) }
        #expect(all.starts(with: frames))
      }
    }
  }

  @Test("Several files are merged by time") func severalFilesMerged() throws {
    let both = try report([captureFile("gbk.pcap"), captureFile("go-client-rpc.pcap")], .ndjson)
    #expect(both.code == 0)
    let frames = both.lines.filter { $0.contains(#""type":"frame""#) }
    #expect(frames.count == 14)
    // The second file is the earlier one.
    #expect(frames.first?.contains("go rpc 0") == true)
    #expect(both.lines.last?.contains(#""packets":38"#) == true)
  }

  @Test("Ports, filters and one connection choose what is shown") func portsFiltersConnection() throws {
    var options = InspectionOptions()
    options.ports = [1]
    for lines in [
      try report([captureFile("gbk.pcap")], .ndjson, options).lines,
      try report([captureFile("gbk.pcap")], .ndjson, filter: "port 1").lines,
    ] {
      #expect(lines.count == 2)
      #expect(lines.first?.contains(#""id":"capture.passed-over""#) == true)
    }
    options.ports = []
    options.followedConnection = 2
    let lines = try report([captureFile("displacement.pcap")], .ndjson, options).lines
    #expect(lines.allSatisfy { $0.contains(#""connection":2"#) || $0.contains(#""type":"summary""#) })
    #expect(lines.filter { $0.contains(#""type":"frame""#) }.count == 4)
  }

  @Test("Base64 is that of RFC 4648") func base64RFC4648() throws {
    for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
      var target = [UInt8](repeating: 0, count: 16)
      let bytes = Array(text.utf8)
      let count = bytes.withUnsafeBytes { source in
        target.withUnsafeMutableBufferPointer { buffer in
          buffer.baseAddress.map { Base64Encoding.encode(source, to: $0) } ?? 0
        }
      }
      #expect(String(decoding: target[..<count], as: UTF8.self) == encoded)
    }
  }

  @Test("Base64 by vectors is what it is without them") func base64Vectors() {
    for count in 0...300 {
      let bytes = (0..<count + 3).map { _ in UInt8.random(in: 0...255) }
      for start in 0...3 {
        let encodings = [Base64Encoding.encode, Base64Encoding.encodePairs].map { encode in
          [UInt8](unsafeUninitializedCapacity: (count + 2) / 3 * 4) { target, written in
            written = bytes.withUnsafeBytes { source in
              target.baseAddress.map {
                encode(UnsafeRawBufferPointer(rebasing: source[start..<start + count]), $0)
              } ?? 0
            }
          }
        }
        #expect(encodings[0] == encodings[1], "\(count) bytes from \(start)")
      }
    }
  }

  @Test("Only text that holds no control characters is given as text") func onlyTextHolds() {
    let cases: [([UInt8], Bool)] = [
      (Array("plain text\twith\r\nlines".utf8), true), (Array("你好世界, how are you".utf8), true), ([], true),
      (Array("twelve bytes".utf8) + [0x7F], false), (Array("eight..!".utf8) + [0x1F], false), ([0xC2, 0x85], false),
      ([0xC0, 0x80], false), ([0xED, 0xA0, 0x80], false), ([0xF4, 0x90, 0x80, 0x80], false), ([0xE4, 0xBD], false),
      (Array("\u{10FFFF}\u{A0}".utf8), true), ([0x00], false),
    ]
    for (bytes, isPlain) in cases { #expect(PayloadText.isPlainUTF8(bytes.span.bytes) == isPlain) }
    #expect(PayloadText.plainGBK(([0xC4, 0xE3, 0xBA, 0xC3] as [UInt8]).span.bytes) == "你好")
    #expect(PayloadText.plainGBK(([0xC4] as [UInt8]).span.bytes) == nil)
    #expect(PayloadText.plainGBK(([0x1B] as [UInt8]).span.bytes) == nil)
  }
}

/// Capture files of scripts.
enum CaptureWriterScript {
  /// A pcap file, little-endian, microseconds.
  static func pcap(_ script: ConversationScript) throws -> [UInt8] {
    func four(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    var bytes: [UInt8] = [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0] + four(0) + four(0) + four(262_144) + four(1)
    for segment in script.segments {
      let packet = script.packet(segment)
      let time = Int(segment.time ?? 0)
      bytes += four(time / 1_000_000_000) + four(time % 1_000_000_000 / 1000) + four(packet.count) + four(packet.count)
      bytes += packet
    }
    return bytes
  }
}

/// Strings of JSON.
@Suite struct JSONEscapingTests {
  private static func escaped(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var target = [UInt8](repeating: 0xEE, count: bytes.count * JSONEscaping.largestFactor)
    let count = bytes.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { buffer in
        guard let from = source.baseAddress, let to = buffer.baseAddress else { return 0 }
        return JSONEscaping.escape(from, source.count, to: to)
      }
    }
    return String(decoding: target[..<count], as: UTF8.self)
  }

  @Test("What could act on a terminal is escaped, other text is not, at every place of a word") func couldActTerminal()
  {
    let hostile: [(String, String)] = [
      ("\u{85}", "\\u0085"), ("\u{9B}", "\\u009b"), ("\u{202E}", "\\u202e"), ("\u{2066}", "\\u2066"),
      ("\u{200F}", "\\u200f"), ("\u{61C}", "\\u061c"), ("\u{FEFF}", "\\ufeff"), ("\u{E0041}", "\\udb40\\udc41"),
      ("\u{2028}", "\\u2028"),
    ]
    let harmless = ["é", "你好", "ب", "€", "🙂", "ￚ"].map { ($0, $0) }
    for (text, expected) in hostile + harmless {
      for place in 0..<17 {
        let before = String(repeating: "a", count: place)
        #expect(Self.escaped(before + text + "\"bcdefgh") == before + expected + "\\\"bcdefgh")
      }
    }
  }

  @Test("Beyond ASCII, exactly the unseen characters are escaped") func beyondASCIIExactly() {
    var wrong: [String] = []
    for value in UInt32(0x80)...0x10_FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = Self.escaped(String(scalar))
      if text.utf8.allSatisfy({ $0 < 0x80 }) != scalar.isUnseen { wrong.append(String(value, radix: 16)) }
    }
    #expect(wrong == [])
  }

  @Test("Every byte is escaped as RFC 8259 says, at every place of a word") func everyByteEscaped() {
    for byte in UInt8.min...0x7F {
      for place in 0..<17 {
        var text = [UInt8](repeating: 0x61, count: 17)
        text[place] = byte
        var target = [UInt8](repeating: 0xEE, count: 17 * JSONEscaping.largestFactor)
        let count = text.withUnsafeBufferPointer { source in
          target.withUnsafeMutableBufferPointer { buffer in
            guard let from = source.baseAddress, let to = buffer.baseAddress else { return 0 }
            return JSONEscaping.escape(from, source.count, to: to)
          }
        }
        let expected: String =
          switch byte {
          case 0x22: "\\\""
          case 0x5C: "\\\\"
          case 0x0A: "\\n"
          case 0x0D: "\\r"
          case 0x09: "\\t"
          case 0..<0x10: "\\u000" + String(byte, radix: 16)
          case 0x10..<0x20, 0x7F: "\\u00" + String(byte, radix: 16)
          default: String(UnicodeScalar(byte))
          }
        let a = String(repeating: "a", count: place)
        let b = String(repeating: "a", count: 16 - place)
        #expect(String(decoding: target[..<count], as: UTF8.self) == a + expected + b)
      }
    }
  }
}
