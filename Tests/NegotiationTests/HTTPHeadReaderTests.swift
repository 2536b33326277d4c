import Negotiation
import Testing

@Suite("Heads as they are")
struct HTTPHeadReaderTests {
  static func read(_ bytes: [UInt8], pieces: Int? = nil) -> (HTTPMessageHead, taken: Int)? {
    var reader = HTTPHeadReader()
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + (pieces ?? bytes.count))
      if case .head(let head, let taken) = reader.read(bytes.span.bytes.extracting(at..<end)) {
        return (head, at + taken)
      }
      at = end
    }
    return nil
  }

  static func head(_ text: String) throws -> HTTPMessageHead { try #require(read(Array(text.utf8))).0 }

  @Test("Any request")
  func request() throws {
    let head = try Self.head("POST /a%20b?c=d?e HTTP/1.0\r\nHost: h\r\n\r\n")
    #expect(head.method == "POST")
    #expect(head.path == "/a%20b")
    #expect(head.query == Array("c=d?e".utf8))
    #expect(head.status == nil)
    #expect(head.faults.map(\.code) == [.badHTTPVersion])
    #expect(!head.isUpgrade)
  }

  @Test("Any response")
  func response() throws {
    let head = try Self.head("HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\nabc")
    #expect(head.startLine == .response(version: "HTTP/1.0", status: 404, reason: "Not Found"))
    #expect(head.path == nil)
    #expect(head.text("content-length") == "3")
    #expect(head.faults.map(\.code) == [.badStatusLine])
  }

  @Test("Everything that can be wrong with lines is listed and read over")
  func faults() throws {
    let head = try Self.head(
      "\r\nGET / HTTP/1.1\nA: 1\r\n b\r\nno colon\r\nC : 2\r\nUpgrade: h2c, WebSocket\nD: \u{1}\r\n\r\n")
    #expect(head.fields.map(\.name) == ["A", "C", "Upgrade", "D"])
    #expect(head.fields.map(\.text) == ["1 b", "2", "h2c, WebSocket", "\u{1}"])
    #expect(head.faults.map(\.code) == [.badRequestLine] + [HandshakeErrorCode](repeating: .badHeader, count: 5))
    #expect(head.faults.map(\.offset) == [2, 23, 27, 37, 44, 68])
    #expect(head.isUpgrade)
    let error = #expect(throws: HandshakeError.self) { try UpgradeRequest(head) }
    #expect(error?.code == .badRequestLine)
  }

  @Test("A first line with spaces or control characters too many is read as it was meant, and is at fault")
  func spaces() throws {
    let request = try Self.head("GET  /x?y   HTTP/1.1\r\n\r\n")
    #expect(request.startLine == .request(method: "GET", target: Array("/x?y".utf8), version: "HTTP/1.1"))
    #expect(request.faults.map(\.code) == [.badRequestLine])
    let response = try Self.head("HTTP/1.1  101 a\u{1}b\r\n\r\n")
    #expect(response.status == 101)
    #expect(response.faults.map(\.code) == [.badStatusLine])
    #expect(try Self.head("GET /x y HTTP/1.1\r\n\r\n").method == nil)
  }

  @Test("Garbage is a head that cannot be read")
  func garbage() throws {
    let head = try Self.head("\u{16}\u{3}\u{1}\n\n")
    #expect(head.startLine == .unreadable([0x16, 3, 1]))
    #expect(head.faults.map(\.code) == [.badRequestLine])
  }

  @Test("Pieces of every size give the same", arguments: 1...60)
  func pieces(size: Int) throws {
    let bytes = Array("HTTP/1.1 101 x\nUpgrade: websocket\r\n\nrest".utf8)
    let (head, taken) = try #require(Self.read(bytes, pieces: size))
    #expect(head == Self.read(bytes)?.0)
    #expect(taken == bytes.count - 4)
    #expect(head.isUpgrade)
  }

  @Test("What there is of a head")
  func partial() throws {
    var reader = HTTPHeadReader()
    #expect(reader.partialHead() == nil)
    #expect(reader.read(Array("GET /x HTTP/1.1\r\nHost: a\r\nUpg".utf8).span.bytes) == .incomplete)
    let head = try #require(reader.partialHead())
    #expect(head.path == "/x")
    #expect(head.text("host") == "a")
    #expect(head.faults.map(\.code) == [.badHeader, .incomplete])
  }

  @Test("No more than the limit is read")
  func limit() {
    var reader = HTTPHeadReader(limit: 20)
    #expect(reader.read([UInt8](repeating: 0x41, count: 20).span.bytes) == .incomplete)
    #expect(reader.read([0x41].span.bytes) == .tooLarge)
  }

  @Test("Whatever is changed, strict and lenient reading stay within their bytes", arguments: 0..<64)
  func changed(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let interesting: [UInt8] = [0x0D, 0x0A, 0x20, 0x09, 0x3A, 0x2C, 0x3B, 0x25, 0x00, 0x7F, 0xFF, 0x3D, 0x26]
    for _ in 0..<200 {
      var bytes = UpgradeRequestTests.bytes()
      for _ in 0...next(4) {
        let at = next(bytes.count)
        if next(3) == 0 { bytes.remove(at: at) } else { bytes[at] = interesting[next(interesting.count)] }
      }
      let strict = UpgradeRequestTests.parse(bytes)
      #expect(UpgradeRequestTests.parse(bytes, pieces: 1 + next(9)) == strict)
      let lenient = Self.read(bytes)
      if case .request(let request, let taken) = strict {
        #expect(lenient?.taken == taken)
        #expect(lenient?.0 == request.head)
      }
      _ = HandshakeResponder.decide(bytes: bytes, policy: HandshakeResponderTests.policy)
    }
  }
}
