import CaptureFile
import Glibc
import Negotiation
import Specification
import SystemFiles
import Testing

@testable import WireInspector

/// What `inspect --ring` keeps.
@Suite("The packets around violations and slow calls") struct RingTests {
  /// An inspection with a ring, into a folder of its own.
  private final class Run {
    let folder: TemporaryFolder
    let sink = RecordingSink()
    let ring: PacketRing
    var inspection: CaptureInspection
    var lines: [String] = []

    init(_ change: (inout RingSettings) -> Void = { _ in }) throws {
      folder = try TemporaryFolder()
      var settings = RingSettings(folder: folder.path)
      change(&settings)
      var say: (String) -> Void = { _ in }
      ring = PacketRing(
        settings, folder: try RingFolder(folder.path, bytes: settings.bytes, files: settings.files),
        say: { say($0) })
      inspection = CaptureInspection(options: .init(), sink: RingSink(ring, slow: settings.slow, into: sink))
      inspection.ring = ring
      say = { [unowned self] in lines.append($0) }
    }

    func take(_ script: ConversationScript, _ segments: Range<Int>? = nil) {
      for segment in script.segments[segments ?? 0..<script.segments.count] {
        let packet = script.packet(segment)
        inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: segment.time)
      }
    }

    var names: [String] { folder.names }
    func path(_ name: String) -> String { folder.path + "/" + name }

    /// What our own inspector says of a file that was kept.
    func reading(_ name: String) throws -> RecordingSink {
      let sink = RecordingSink()
      let outcome = try inspect(path(name), sink)
      #expect(outcome.status == .good)
      return sink
    }
  }

  /// A connection with as many calls as packets are to come before and after what happens in its middle.
  private static func long(
    _ calls: Int = 300, port: UInt16 = 40_001, _ middle: (inout ConversationScript) -> Void
  ) -> (script: ConversationScript, middle: Int) {
    var script = ConversationScript()
    script.clientPort = port
    script.upgrade()
    for sn in 0..<calls { call(&script, UInt32(sn + 1) * 2) }
    let place = script.segments.count
    middle(&script)
    for sn in calls..<2 * calls { call(&script, UInt32(sn + 1) * 2) }
    script.close()
    return (script, place)
  }

  private static func call(_ script: inout ConversationScript, _ sn: UInt32) {
    script.say(true, 2, sn, Array("question \(sn)".utf8))
    script.say(false, 3, sn, Array("answer \(sn)".utf8))
  }

  private static func wrongMagic(_ script: inout ConversationScript) {
    var message = ConversationScript.message(2, 0, [1, 2, 3])
    message[0] = 0xEE
    script.send(true, script.frame(true, first: 0x82, message))
  }

  @Test(
    "A violation in the middle of a long connection is kept with its surroundings, and with the connection's beginning")
  func surroundings() throws {
    let run = try Run {
      $0.before = .packets(20)
      $0.after = .packets(12)
    }
    let (script, middle) = Self.long { Self.wrongMagic(&$0) }
    run.take(script)
    run.inspection.finish()
    #expect(
      run.names == ["2023-11-14T22.13.20.\(micros(script.segments[middle].time))Z-app.bad-magic-connection-1.pcapng"])
    let name = try #require(run.names.first)
    #expect(run.lines == ["app.bad-magic on connection 1, packet \(middle + 1): \(run.path(name))"])
    #expect(run.ring.account == "1 incident kept in \(run.folder.path)")

    var reader = CaptureReader()
    reader.feed(TemporaryFile.content(of: run.path(name)))
    reader.finish()
    var packets: [[UInt8]] = []
    while let event = reader.next() {
      if case .record(let record) = event {
        packets.append(reader.withBytes(of: record) { bytes in bytes.withUnsafeBytes { Array($0) } })
      }
    }
    let all = script.segments.map(script.packet)
    #expect(packets == Array(all[..<24]) + Array(all[middle - 20...middle + 12]))

    let reading = try run.reading(name)
    #expect(reading.connections[1]?.handshake?.metadata.uid == Array("u1".utf8))
    let findings = reading.findings.filter { $0.requirement != nil }
    #expect(findings.map(\.id) == ["app.bad-magic"])
    #expect(findings.map(\.message) == run.sink.findings.filter { $0.id == "app.bad-magic" }.map(\.message))
    // The calls around it are whole.
    #expect(reading.calls.filter { $0.record.outcome == .answered }.count >= 10)
  }

  private func micros(_ time: Int64?) -> String {
    let digits = String((time ?? 0) % 1_000_000_000 / 1_000)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// What may happen, the id of the finding, and how it comes about.
  private static let incidents: [(String, @Sendable (inout ConversationScript) -> Void)] = [
    ("app.bad-magic", { wrongMagic(&$0) }),
    ("app.short", { $0.send(true, $0.frame(true, first: 0x82, [0xFE])) }),
    ("app.trailing-bytes", { $0.send(false, $0.frame(false, first: 0x82, Self.withTail)) }),
    ("ws.unmasked-client", { $0.send(true, $0.frame(true, first: 0x82, plain, masked: false)) }),
    ("ws.masked-server", { $0.send(false, $0.frame(false, first: 0x82, plain, masked: true)) }),
    ("ws.unexpected-text", { $0.send(true, $0.frame(true, first: 0x81, Array("text".utf8))) }),
    ("ws.bad-control", { $0.send(true, $0.frame(true, first: 0x09, Array("ping".utf8))) }),
    (
      "rpc.sn-reuse",
      {
        $0.say(true, 2, 0x1000, [1])
        $0.say(true, 2, 0x1000, [2])
        $0.say(false, 3, 0x1000, [3])
      }
    ),
    (
      "rpc.unanswered",
      {
        $0.say(true, 2, 0x1000, [1])
        $0.time += 3_000_000_000
      }
    ),
    (
      "rpc.slow",
      {
        $0.say(true, 2, 0x1000, [1])
        $0.time += 3_000_000_000
        $0.say(false, 3, 0x1000, [3])
      }
    ),
  ]
  private static let plain = ConversationScript.message(2, 0, [1])
  private static let withTail = ConversationScript.message(2, 0, [1]) + [7, 7]

  @Test("Each file shows what it was kept for", arguments: incidents)
  func faithful(_ id: String, _ happen: @Sendable (inout ConversationScript) -> Void) throws {
    let run = try Run()
    run.take(Self.long { happen(&$0) }.script)
    run.inspection.finish()
    let name = try #require(run.names.first)
    #expect(run.names.count == 1 && name.contains("-\(id)-connection-1."))
    let original = run.sink.findings.filter { $0.id == id }
    #expect(!original.isEmpty)
    let again = try run.reading(name).findings.filter { $0.id == id }
    // The beginning of the connection may end between a call and its answer, which adds to what is found.
    #expect(again.count >= original.count && Set(again.map(\.requirement)) == Set(original.map(\.requirement)))
  }

  @Test("A wrong answer to the upgrade is kept as well")
  func handshake() throws {
    let run = try Run()
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    var response = ConversationScript.response()
    let place = try #require(response.firstRange(of: Array("s3pP".utf8))).lowerBound
    response[place] = UInt8(ascii: "x")
    script.send(false, response)
    script.talk()
    script.close()
    run.take(script)
    run.inspection.finish()
    #expect(run.names.count == 1 && run.names[0].contains("http.bad-accept"))
    #expect(try run.reading(run.names[0]).findings.contains { $0.id == "http.bad-accept" })
  }

  @Test("A connection without violations and slow calls leaves nothing")
  func quiet() throws {
    let run = try Run()
    run.take(Self.long { _ in }.script)
    run.inspection.finish()
    #expect(run.names.isEmpty)
  }

  @Test("The file is there and whole as soon as something happened, and again with what followed")
  func early() throws {
    let run = try Run { $0.after = .packets(8) }
    let (script, middle) = Self.long { Self.wrongMagic(&$0) }
    run.take(script, 0..<middle + 1)
    let name = try #require(run.names.first)
    let early = try run.reading(name)
    #expect(early.findings.contains { $0.id == "app.bad-magic" })
    run.take(script, middle + 1..<middle + 20)
    #expect(run.names == [name])
    #expect(try run.reading(name).summary?.packets == (early.summary?.packets ?? 0) + 8)
  }

  @Test("What surrounds it can be a time")
  func times() throws {
    let run = try Run {
      $0.before = .time(1_000_000)
      $0.after = .time(2_000_000)
    }
    let (script, middle) = Self.long { Self.wrongMagic(&$0) }
    run.take(script)
    run.inspection.finish()
    // A segment comes each 100 us.
    #expect(try run.reading(run.names[0]).summary?.packets == 24 + 10 + 1 + 20)
    #expect(middle > 100)
  }

  @Test("All of a slow call is kept, however long it took")
  func slow() throws {
    let run = try Run { $0.before = .packets(2) }
    let script = Self.long {
      $0.say(true, 2, 0x1000, [1])
      $0.time += 3_000_000_000
      for sn in 0..<150 { Self.call(&$0, UInt32(0x2000 + 2 * sn)) }
      $0.say(false, 3, 0x1000, [3])
    }.script
    run.take(script)
    run.inspection.finish()
    let call = try #require(try run.reading(run.names[0]).calls.first { $0.record.sn == 0x1000 })
    #expect(call.record.latency ?? 0 > 3_000_000_000)
  }

  @Test("However much happens, files and memory stay within their bounds, and the newest are kept")
  func bounded() throws {
    let run = try Run {
      $0.bytes = 100_000
      $0.files = 7
      $0.memory = 4 << 20
    }
    var most = 0
    for port in 0..<60 {
      run.take(Self.long(40, port: UInt16(41_000 + port)) { Self.wrongMagic(&$0) }.script)
      most = max(most, run.folder.size)
      #expect(run.names.count <= 7)
    }
    run.inspection.finish()
    #expect(most <= 100_000 && most > 50_000)
    #expect(run.names.allSatisfy { !$0.hasPrefix(".") })
    #expect(run.names.contains { $0.hasSuffix("-connection-60.pcapng") })
    #expect(!run.names.contains { $0.hasSuffix("-connection-1.pcapng") })
    #expect(run.ring.account.contains("60 incidents kept") && run.ring.account.contains("older files removed"))
  }

  @Test("One incident that does not end takes a quarter of the room at most")
  func endless() throws {
    let run = try Run {
      $0.bytes = 100_000
      $0.after = .time(1_000_000_000_000)
    }
    run.take(Self.long(600) { Self.wrongMagic(&$0) }.script)
    run.inspection.finish()
    #expect(run.names.count == 1)
    #expect((20_000...25_000).contains(run.folder.size))
    #expect(try run.reading(run.names[0]).findings.contains { $0.id == "app.bad-magic" })
  }

  @Test("A folder keeps its files over runs; what was left unfinished and is not a ring's own is told apart")
  func restart() throws {
    let folder = try TemporaryFolder()
    func file(_ second: Int) -> String {
      RingFileName.make(time: Int64(second) * 1_000_000_000, packet: 1, reason: "app.short", connection: 3)
    }
    func add(_ name: String, _ size: Int) throws {
      try OutputFile.write([UInt8](repeating: 7, count: size), to: folder.path + "/" + name)
    }
    for second in 1...5 {
      try add(file(second), 100)
      var times = [timespec(tv_sec: second, tv_nsec: 0), timespec(tv_sec: second, tv_nsec: 0)]
      utimensat(AT_FDCWD, folder.path + "/" + file(second), &times, 0)
    }
    try add("." + file(6) + ".part", 5000)
    try add("mine.pcapng", 5000)
    var ring: RingFolder? = try RingFolder(folder.path, bytes: 1000, files: 4)
    #expect(folder.names == [file(2), file(3), file(4), file(5), "mine.pcapng"])
    try ring?.write([UInt8](repeating: 8, count: 750), as: file(7))
    #expect(folder.names == [file(4), file(5), file(7), "mine.pcapng"])
    // The file that is replaced is there until the new one is.
    try ring?.write([UInt8](repeating: 8, count: 250), as: file(7))
    #expect(folder.names == [file(7), "mine.pcapng"])
    let fault = #expect(throws: FileFault.self) { try RingFolder(folder.path, bytes: 1000, files: 4) }
    #expect(fault?.reason.contains("another process") == true)
    ring = nil
    _ = try RingFolder(folder.path, bytes: 1000, files: 4)
  }

  @Test("A file that cannot be written is said once, and at the end")
  func unwritable() throws {
    let run = try Run()
    let script = Self.long(40) { Self.wrongMagic(&$0) }.script
    // A file takes the place of the folder.
    rmdir(run.folder.path)
    try OutputFile.write("", to: run.folder.path)
    defer { unlink(run.folder.path) }
    run.take(script)
    run.inspection.finish()
    #expect(run.lines.count == 1 && run.lines[0].contains("cannot be written: No such file or directory"))
    #expect(run.ring.failure == run.lines.first)
    #expect(
      run.ring.account.hasPrefix("0 incidents kept in ") && run.ring.account.hasSuffix(", 1 could not be written"))
  }

  @Test("A folder that is removed is made again")
  func removed() throws {
    let run = try Run()
    rmdir(run.folder.path)
    run.take(Self.long(40) { Self.wrongMagic(&$0) }.script)
    run.inspection.finish()
    #expect(run.names.count == 1)
    #expect(try run.reading(run.names[0]).findings.contains { $0.id == "app.bad-magic" })
    #expect(run.ring.failure == nil && run.ring.account.hasPrefix("1 incident kept in "))
  }

  @Test(
    "A span is packets or a time",
    arguments: [
      ("0", .packets(0)), ("200", .packets(200)), ("500ms", .time(500_000_000)), ("1.5s", .time(1_500_000_000)),
      ("2min", .time(120_000_000_000)), ("-1", nil), ("2h", nil), ("s", nil), ("", nil), ("1e9s", nil), ("nans", nil),
      ("2000000", nil), ("25min ", nil),
    ] as [(String, RingSpan?)])
  func spans(_ text: String, _ span: RingSpan?) {
    #expect(RingSpan(text) == span)
  }

  @Test("Files of a ring are known by their names")
  func names() {
    for time in [0, 1_795_000_000_123_456_789, nil] as [Int64?] {
      #expect(RingFileName.isOne(RingFileName.make(time: time, packet: 12, reason: "rpc.slow", connection: 34)))
    }
    for name in ["mine.pcapng", "2026-connection-.pcapng", "a-connection-1.pcapng", "2026-x-connection-1.pcap"] {
      #expect(!RingFileName.isOne(name))
    }
  }
}
