import Glibc
import Specification
import Testing

@testable import PacketCapture
@testable import WireInspector

/// What belongs to capturing an interface and needs no right to.
@Suite("Live capture") struct LiveTests {
  @Test("A screen is written over line by line, so that nothing flickers, and what does not fit is cut")
  func drawing() {
    #expect(
      LiveScreen.drawing("first\n\nsecond line\n", columns: 8, rows: 4)
        == "\u{1B}[Hfirst\u{1B}[K\r\n\u{1B}[K\r\nsecond …\u{1B}[K\u{1B}[J")
    #expect(
      LiveScreen.drawing("1\n2\n3\n4\n", columns: 80, rows: 3)
        == "\u{1B}[H1\u{1B}[K\r\n2\u{1B}[K\r\n… 2 more lines\u{1B}[K\u{1B}[J")
    #expect(LiveScreen.drawing("", columns: 80, rows: 3) == "\u{1B}[H\u{1B}[J")
  }

  @Test("What is no terminal has no screen")
  func noTerminal() {
    let file = TemporaryFile()
    let descriptor = open(file.path, O_WRONLY)
    defer { close(descriptor) }
    #expect(LiveScreen(descriptor: descriptor) == nil)
    #expect(file.bytes.isEmpty)
  }

  @Test("A screen is drawn four times a second at most, and given back")
  func screen() throws {
    var control: Int32 = -1
    var terminal: Int32 = -1
    try #require(openpty(&control, &terminal, nil, nil, nil) == 0)
    defer {
      close(control)
      close(terminal)
    }
    var size = winsize(ws_row: 5, ws_col: 40, ws_xpixel: 0, ws_ypixel: 0)
    #expect(ioctl(control, UInt(TIOCSWINSZ), &size) == 0)
    let screen = try #require(LiveScreen(descriptor: terminal))
    for time in stride(from: Int64(0), through: 1_000_000_000, by: 10_000_000) { screen.draw(at: time) { "\(time)" } }
    screen.close()
    screen.close()
    let drawn = [0, 250_000_000, 500_000_000, 750_000_000, 1_000_000_000].map { "\u{1B}[H\($0)\u{1B}[K\u{1B}[J" }
    let wanted = "\u{1B}[?1049h\u{1B}[?25l" + drawn.joined() + "\u{1B}[?25h\u{1B}[?1049l"
    // A terminal hands over what was written in pieces of its own choice.
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while text.count < wanted.utf8.count {
      let count = read(control, &bytes, bytes.count)
      guard count > 0 else { break }
      text += bytes.prefix(count)
    }
    #expect(String(decoding: text, as: UTF8.self) == wanted)
  }

  @Test(
    "A user that would not do is refused with the reason",
    arguments: [
      ("0", "is root"), ("root", "is root"), ("no-such-user", "no user of this name"), ("", "no user of this name"),
      ("4294967295", "no such user number"), ("99999999999999999999", "no such user number"),
    ])
  func users(_ text: String, _ reason: String) {
    let error = #expect(throws: InspectionError.self) { try UnprivilegedUser(text) }
    #expect(error?.message.contains(reason) == true)
  }

  @Test("Only root becomes another user", .enabled(if: geteuid() != 0, "this is root"))
  func notRoot() {
    let error = #expect(throws: InspectionError.self) { try UnprivilegedUser("1") }
    #expect(error?.message.contains("only root can become another user") == true)
  }

  @Test("A number that the system does not know has the group of the same number", .enabled(if: geteuid() == 0))
  func unknownNumber() throws {
    let user = try UnprivilegedUser("1234567")
    #expect(user.user == 1_234_567 && user.group == 1_234_567)
  }

  @Test("Interfaces are listed in columns, harmlessly")
  func interfaces() {
    let devices = [
      CaptureDevice(
        name: "eth0", description: nil, addresses: ["192.0.2.1", "2001:db8::1"], isUp: true, isRunning: true,
        isLoopback: false),
      CaptureDevice(
        name: "lo", description: "Loop\u{1B}[2J", addresses: [], isUp: true, isRunning: true, isLoopback: true),
      CaptureDevice(
        name: "wlan0", description: nil, addresses: [], isUp: true, isRunning: false, isLoopback: false),
      CaptureDevice(name: "x", description: nil, addresses: [], isUp: false, isRunning: false, isLoopback: false),
    ]
    #expect(
      InterfaceList.text(devices) == """
        eth0   up                 192.0.2.1, 2001:db8::1
        lo     up, loopback       (Loop\\u{1b}[2J)
        wlan0  up, not connected
        x      down

        """)
  }

  @Test("Connections that are open while packets are lost prove nothing, those after it do")
  func losses() {
    let conformance = CaptureConformance()
    var inspection = CaptureInspection(options: .init(), sink: conformance)
    func take(_ script: ConversationScript, _ range: Range<Int>) {
      for segment in script.segments[range] {
        let packet = script.packet(segment)
        inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: segment.time)
      }
    }
    func script(_ port: UInt16, _ start: Int64) -> ConversationScript {
      var script = ConversationScript()
      script.clientPort = port
      script.time = start
      script.upgrade()
      script.say(true, 2, 2, [1])
      script.say(false, 3, 2, [1])
      script.send(true, script.frame(true, first: 0x82, [0xEE, 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))
      script.close()
      return script
    }
    let first = script(40_001, 1_700_000_000_000_000_000)
    take(first, 0..<8)
    conformance.finding(
      FindingRecord(id: "capture.drops", offset: nil, message: ""),
      at: RecordPlace(connection: nil, time: first.segments[8].time, packets: nil))
    take(first, 8..<first.segments.count)
    let magic = { conformance.results.first { $0.requirement == "frame.magic" } }
    #expect(magic()?.violations == 1 && magic()?.isProven == false)
    let second = script(40_002, 1_700_000_001_000_000_000)
    take(second, 0..<second.segments.count)
    inspection.lostPackets = 5
    inspection.finish()
    #expect(magic()?.violations == 2 && magic()?.isProven == true)
    #expect(conformance.summary.lost == 5)
  }
}
