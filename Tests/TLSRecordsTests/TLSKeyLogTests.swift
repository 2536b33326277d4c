import Testing

@testable import TLSRecords

@Suite struct TLSKeyLogTests {
  private static let random = String(repeating: "ab", count: 32)
  private static let secret = String(repeating: "01", count: 48)

  @Test("Lines come in pieces, with either line end, between others") func lines() {
    let text = """
      # a comment
      CLIENT_RANDOM \(Self.random) \(Self.secret)\r
      EXPORTER_SECRET \(Self.random) \(Self.secret)
      SERVER_TRAFFIC_SECRET_0 \(Self.random.uppercased()) \(Self.secret)

      """
    for size in [1, 7, 4096] {
      let log = TLSKeyLog()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        log.append(bytes[start..<min(start + size, bytes.count)])
      }
      let known = log.secrets(of: hex(Self.random))
      #expect(known?.keys.map(\.rawValue).sorted() == ["CLIENT_RANDOM", "SERVER_TRAFFIC_SECRET_0"])
      #expect(known?[.master] == hex(Self.secret) && log.secretCount == 2 && log.strangeLines == 0)
    }
  }

  @Test(
    "What is no secret is passed over",
    arguments: [
      "CLIENT_RANDOM", "CLIENT_RANDOM zz 00", "CLIENT_RANDOM \(random) \(secret) more", "CLIENT_RANDOM \(random) 0",
      "CLIENT_RANDOM ab \(secret)", "CLIENT_RANDOM \(random) ab", String(repeating: "x", count: 10_000), "\0\u{FF}",
    ]) func strange(_ line: String)
  {
    let log = TLSKeyLog()
    log.append("\(line)\n".utf8)
    #expect(log.isEmpty && log.secretCount == 0)
    log.append("CLIENT_RANDOM \(Self.random) \(Self.secret)\n".utf8)
    #expect(log.secrets(of: hex(Self.random)) != nil)
  }

  @Test("A last line without an end counts once it can be whole, and anew if it goes on")
  func lastLine() {
    let log = TLSKeyLog()
    let line = "SERVER_TRAFFIC_SECRET_0 \(Self.random) \(Self.secret)"
    log.append(line.dropLast(40).utf8)
    #expect(log.isEmpty)
    log.append(line.dropFirst(line.count - 40).dropLast(32).utf8)
    #expect(log.secrets(of: hex(Self.random))?[.serverTraffic] == hex(String(Self.secret.dropLast(32))))
    log.append(line.suffix(32).utf8)
    #expect(log.secrets(of: hex(Self.random))?[.serverTraffic] == hex(Self.secret) && log.secretCount == 1)
  }

  @Test("A byte order mark before the first line is passed over") func byteOrderMark() {
    let log = TLSKeyLog()
    log.append("\u{FEFF}CLIENT_RANDOM \(Self.random) \(Self.secret)\r\n".utf8)
    #expect(log.secretCount == 1 && log.strangeLines == 0)
  }

  @Test("A log that is complete leaves the beginning of another one's line alone")
  func complete() {
    let log = TLSKeyLog()
    log.append("CLIENT_RANDOM ".utf8)
    log.add("SERVER_TRAFFIC_SECRET_0 \(Self.random) \(Self.secret)".utf8)
    log.append("\(Self.random) \(Self.secret)\n".utf8)
    #expect(log.secretCount == 2 && log.strangeLines == 0)
  }

  @Test("A log that grows is read on when a secret is missing") func grows() {
    let log = TLSKeyLog()
    var rest = ["CLIENT_", "RANDOM \(Self.random)", "", " \(Self.secret)\n"]
    log.more = { rest.isEmpty ? [] : Array(rest.removeFirst().utf8) }
    #expect(log.secrets(of: hex(Self.random)) == nil)
    #expect(log.secrets(of: hex(Self.random)) != nil && rest.isEmpty)
  }

  @Test("Only lines of connections that were asked for are given, each once, and those that come later") func asked() {
    let log = TLSKeyLog()
    log.keepsLines = true
    let line = "CLIENT_RANDOM \(Self.random) \(Self.secret)"
    let later = "SERVER_TRAFFIC_SECRET_0 \(Self.random) \(Self.secret)"
    log.append("\(line)\nCLIENT_RANDOM \(String(repeating: "cd", count: 32)) \(Self.secret)\n".utf8)
    #expect(log.takeAskedLines() == [])
    log.ask(hex(Self.random))
    #expect(log.takeAskedLines() == [line] && log.takeAskedLines() == [])
    log.append("\(later)\n\(line)\n".utf8)
    #expect(log.takeAskedLines() == [later])
  }
}
