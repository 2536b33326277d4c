import Testing

@testable import WireInspector

/// What stands before a connection's own bytes: the PROXY protocol, CONNECT; and the forms of the request.
@Suite struct ProxyTests {
  private func expectAll(_ sink: RecordingSink) {
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(sink.findings.map(\.id) == ["rpc.unanswered"])
  }

  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  /// A header of version 2.
  private static func block(_ command: UInt8, _ family: UInt8, _ content: [UInt8]) -> [UInt8] {
    signature + [0x20 | command, family, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
  }

  private static let four: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0xC3, 0x50, 0x1F, 0x90]
  private static let six: [UInt8] =
    [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 0, count: 16)
    + [0xC3, 0x50, 0x1F, 0x90]

  /// With the checksum field that the header demands.
  private static func summed(_ content: [UInt8]) -> [UInt8] {
    let header = block(1, 0x11, content + [3, 0, 4, 0, 0, 0, 0])
    let sum = ProxyHeader.checksum(header)
    return header.dropLast(4) + (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * $0)) }
  }

  struct Header: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var client: String?
  }

  static let headers = [
    Header(
      testDescription: "1, TCP4", bytes: Array("PROXY TCP4 192.0.2.1 10.0.0.1 50000 8080\r\n".utf8),
      client: "192.0.2.1:50000"),
    Header(
      testDescription: "1, TCP6", bytes: Array("PROXY TCP6 2001:DB8:0::1 ::1 50000 8080\r\n".utf8),
      client: "[2001:db8::1]:50000"),
    Header(testDescription: "1, UNKNOWN", bytes: Array("PROXY UNKNOWN\r\n".utf8), client: nil),
    Header(
      testDescription: "1, UNKNOWN with more", bytes: Array("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".utf8), client: nil),
    Header(testDescription: "2, TCP4", bytes: block(1, 0x11, four), client: "192.0.2.1:50000"),
    Header(testDescription: "2, TCP6", bytes: block(1, 0x21, six), client: "[2001:db8::1]:50000"),
    Header(testDescription: "2, LOCAL", bytes: block(0, 0, []), client: nil),
    Header(testDescription: "2, LOCAL with addresses", bytes: block(0, 0x11, four), client: nil),
    Header(testDescription: "2, LOCAL with what means nothing", bytes: block(0, 0x11, four + [1, 2]), client: nil),
    Header(testDescription: "2, no family", bytes: block(1, 0, [0x61, 0x62, 0x63]), client: nil),
    Header(testDescription: "2, Unix", bytes: block(1, 0x31, [UInt8](repeating: 0x2F, count: 216)), client: nil),
    Header(
      testDescription: "2, fields",
      bytes: block(1, 0x11, four + [2, 0, 1, 0x68, 0x20, 0, 5, 1, 0, 0, 0, 0, 4, 0, 2, 0, 0]),
      client: "192.0.2.1:50000"),
    Header(testDescription: "2, checksum", bytes: summed(four), client: "192.0.2.1:50000"),
    Header(
      testDescription: "two proxies",
      bytes: Array("PROXY TCP4 10.0.0.9 10.0.0.1 1 2\r\n".utf8) + block(1, 0x11, four), client: "192.0.2.1:50000"),
  ]

  @Test("A header of the PROXY protocol is read over, and its client shown", arguments: headers, [1, 7, 1448])
  func headerPROXYProtocol(_ header: Header, _ segment: Int) {
    var script = ConversationScript()
    script.maximumSegment = segment
    script.open()
    script.send(true, header.bytes + ConversationScript.request())
    script.maximumSegment = 1448
    script.send(false, ConversationScript.response())
    script.talk()
    script.close()
    let sink = script.inspected()
    expectAll(sink)
    #expect(sink.connections[1]?.statedClient == header.client)
  }

  @Test(
    "A wrong header is said, and the connection is followed",
    arguments: [
      Array("PROXY TCP4 1.2.3 10.0.0.1 1 2\r\n".utf8), Array("PROXY TCP5 1.2.3.4 10.0.0.1 1 2\r\n".utf8),
      Array("PROXY TCP4 1.2.3.4 10.0.0.1 1 70000\r\n".utf8), block(1, 0x11, four + [3, 0, 4, 1, 2, 3, 4]),
      block(1, 0x11, [1]),
      block(1, 0x11, four + [2, 0, 9, 1]), block(7, 0x11, four),
    ] as [[UInt8]])
  func wrongHeaderSaid(_ bytes: [UInt8]) {
    var script = ConversationScript()
    script.open()
    script.send(true, bytes + ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.findings.map(\.id).contains("http.bad-proxy-header"))
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("A checksum is that of RFC 9260") func checksumRFC9260() {
    #expect(ProxyHeader.checksum(Array("123456789".utf8)) == 0xE306_9283)
  }

  @Test(
    "What a proxy's tunnel carries is followed",
    arguments: [
      "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n",
      "HTTP/1.0 299 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    ])
  func proxysTunnelCarries(_ answer: String) {
    var script = ConversationScript()
    script.open()
    script.send(true, Array("CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n".utf8))
    script.send(false, Array("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nlogin".utf8))
    script.send(true, Array("CONNECT example.org:80 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n".utf8))
    script.send(false, Array(answer.utf8))
    script.send(true, ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    script.close()
    expectAll(script.inspected())
  }

  /// What the client and the proxy say before the tunnel stands: who speaks, and the bytes.
  static let exchanges: [[(Bool, [UInt8])]] = [
    [
      (true, [5, 1, 0]), (false, [5, 0]), (true, [5, 1, 0, 1, 10, 0, 0, 2, 0x1F, 0x43]),
      (false, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ],
    [
      (true, [5, 2, 0, 2]), (false, [5, 2]), (true, [1, 2, 0x75, 0x73, 1, 0x70]), (false, [1, 0]),
      (true, [5, 1, 0, 3, 4] + Array("host".utf8) + [0, 80]), (false, [5, 0, 0, 4] + [UInt8](repeating: 0, count: 18)),
    ],
    [(true, [4, 1, 0x1F, 0x43, 10, 0, 0, 2, 0]), (false, [0, 0x5A, 0, 0, 0, 0, 0, 0])],
    [
      (true, [4, 1, 0x1F, 0x43, 0, 0, 0, 1, 0x75, 0] + Array("host".utf8) + [0]),
      (false, [0, 0x5A, 0, 0, 0, 0, 0, 0]),
    ],
  ]

  /// The whole conversation behind what is said to proxies, which comes in segments of a size.
  private func conversation(through proxies: [(Bool, [UInt8])], size: Int) -> ConversationScript {
    var script = ConversationScript()
    script.maximumSegment = size
    script.open()
    for (isClient, bytes) in proxies { script.send(isClient, bytes) }
    script.maximumSegment = 1448
    script.send(true, ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    script.close()
    return script
  }

  @Test("What goes through a SOCKS proxy is shown", arguments: exchanges.indices, [1, 2, 1448]) func socks(
    _ index: Int, _ size: Int
  ) {
    expectAll(conversation(through: Self.exchanges[index], size: size).inspected())
  }

  /// What a proxy of HTTP says, and is told.
  private static let connect: [(Bool, [UInt8])] = [
    (true, Array("CONNECT proxy.example:1080 HTTP/1.1\r\nHost: proxy.example\r\n\r\n".utf8)),
    (false, Array("HTTP/1.1 200 OK\r\n\r\n".utf8)),
  ]
  private static let stated: [(Bool, [UInt8])] = [(true, Array("PROXY TCP4 192.0.2.1 10.0.0.1 50000 8080\r\n".utf8))]

  /// Ways through several proxies, outermost first: CONNECT, SOCKS 5 and 5 with a name, 4 and 4a, PROXY.
  private static let ways: [[[(Bool, [UInt8])]]] = {
    let kinds = [connect, stated] + exchanges
    return kinds.flatMap { outer in kinds.map { [outer, $0] } }
      + [
        [connect, exchanges[0], connect], [exchanges[0], connect, exchanges[1]], [stated, exchanges[2], connect],
        [exchanges[0], exchanges[1], exchanges[2], exchanges[3]], [connect, exchanges[0], connect, exchanges[0]],
      ]
  }()

  @Test("What goes through several proxies is shown", arguments: ways.indices, [1, 1448])
  func severalProxies(_ index: Int, _ size: Int) {
    expectAll(conversation(through: Self.ways[index].flatMap(\.self), size: size).inspected())
  }

  @Test("What a client sends through proxies is shown where only its direction was captured")
  func oneDirectionThroughProxies() {
    for way in [[Self.connect], [Self.connect, Self.connect], [Self.exchanges[0]], [Self.exchanges[1], Self.connect]] {
      var script = conversation(through: way.flatMap(\.self), size: 1448)
      script.segments.removeAll { !$0.isFromClient }
      #expect(script.inspected().described(1).fromClient == ConversationScript.spoken.client)
    }
  }

  @Test("A SOCKS proxy that refuses carries nothing") func socksRefused() {
    var script = ConversationScript()
    script.open()
    script.send(true, [5, 1, 0])
    script.send(false, [5, 0xFF])
    script.close()
    let sink = script.inspected()
    #expect(sink.connections.isEmpty && sink.findings.map(\.id) == ["capture.passed-over"])
  }

  @Test("An encrypted tunnel is named") func encryptedTunnelNamed() {
    var script = ConversationScript()
    script.open()
    script.send(true, Array("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8))
    script.send(false, Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
    script.send(true, [0x16, 3, 1, 0, 200] + [UInt8](repeating: 1, count: 200))
    let sink = script.inspected()
    #expect(sink.findings.map(\.id) == ["tls.no-keys"])
  }

  // MARK: The request

  private static let plain = String(decoding: ConversationScript.request(), as: UTF8.self)

  @Test(
    "Content of the request is read over",
    arguments: [
      ("Content-Length: 9\r\n\r\n", "ninebytes"), ("Content-Length: 3\r\n\r\n", "\u{1}\u{2}\u{3}"),
      ("Transfer-Encoding: chunked\r\n\r\n", "5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"),
      ("Transfer-Encoding: gzip, chunked\r\n\r\n", "0\r\n\r\n"),
      ("Expect: 100-continue\r\nContent-Length: 4\r\n\r\n", ""),
    ], [1448, 3])
  func contentRequestRead(_ form: (String, String), _ segment: Int) {
    var script = ConversationScript()
    script.open()
    script.maximumSegment = segment
    script.send(true, Array((Self.plain.dropLast() + form.0 + form.1).utf8))
    script.maximumSegment = 1448
    script.send(false, ConversationScript.response())
    script.talk()
    script.close()
    expectAll(script.inspected())
  }

  @Test("Content that comes after the answer is read over") func contentComesAfter() {
    var script = ConversationScript()
    script.open()
    script.send(true, Array((Self.plain.dropLast() + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n").utf8))
    script.send(false, Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    script.send(true, Array("cont".utf8))
    script.send(false, ConversationScript.response())
    script.talk()
    script.close()
    expectAll(script.inspected())
  }

  @Test("A 101 has no body, whatever it says", arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
  func with101NoBody(_ field: String) {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    let answer = String(decoding: ConversationScript.response(), as: UTF8.self).dropLast()
    script.send(false, Array((answer + field + "\r\n\r\n").utf8))
    script.talk()
    script.close()
    expectAll(script.inspected())
  }

  // MARK: HTTP/2

  @Test("HTTP/2 is named, begun at once or by an upgrade", arguments: [false, true])
  func http2Named(_ isUpgrade: Bool) {
    var script = ConversationScript()
    script.open()
    if isUpgrade {
      script.send(
        true,
        Array(
          "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n"
            .utf8))
      script.send(false, Array("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".utf8))
    }
    script.send(true, Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
    for ports in [[], [8080]] as [[UInt16]] {
      var options = InspectionOptions()
      options.ports = ports
      #expect(script.inspected(options).findings.map(\.id).contains("http.http2"))
    }
  }

  /// The beginning of each side as the Python package h2 writes it: preface and SETTINGS, and what the server permits.
  private static let client =
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]
  private static func server(permits: Bool) -> [UInt8] {
    [0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100, 0, 8, 0, 0, 0, permits ? 1 : 0]
  }

  /// HEADERS of a CONNECT with `:protocol` websocket, as the Python package hpack encodes it.
  private static func connect(isHuffman: Bool) -> [UInt8] {
    let fields = ChatSchema.bytes(
      isHuffman
        ? "4287bdab4e9c17b7ff4087b95d8749c87a3f87f058d072752a7f86448963a1cd57f969a4803f41819f408f4148b782c68393a952b772d8831eaf820b3f"
        : "4207434f4e4e45435440093a70726f746f636f6c09776562736f636b657486440b2f6a6f696e3f7569643d3141016840157365632d776562736f636b65742d76657273696f6e023133"
    )
    return [0, 0, UInt8(fields.count), 1, 4, 0, 0, 0, 1] + fields
  }

  @Test("Of HTTP/2 it is said whether WebSocket is opened, or permitted, within it", arguments: [false, true])
  func webSocketInHTTP2(isServerFirst: Bool) {
    func said(permits: Bool?, _ asked: [UInt8], port: UInt16 = 40_001) -> [String] {
      var script = ConversationScript()
      script.clientPort = port
      script.open()
      if let permits, isServerFirst { script.send(false, Self.server(permits: permits)) }
      script.send(true, Self.client)
      if let permits, !isServerFirst { script.send(false, Self.server(permits: permits)) }
      if !asked.isEmpty { script.send(true, asked) }
      script.close()
      return script.inspected().findings.filter { $0.id == "http.http2" }.map(\.message)
    }
    let get: [UInt8] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82]
    for isHuffman in [false, true] {
      let opened = said(permits: true, Self.connect(isHuffman: isHuffman))
      #expect(opened.count == 1 && opened[0].contains("speaks HTTP/2, and opens WebSocket within it (RFC 8441)"))
    }
    let permitted = said(permits: true, get)
    #expect(permitted.count == 1 && permitted[0].contains("whose server permits WebSocket within it"))
    let forbidden = said(permits: false, get)
    #expect(forbidden.count == 1 && forbidden[0].contains("whose server does not permit WebSocket within it"))
    let unknown = said(permits: nil, get)
    #expect(unknown.count == 1 && unknown[0].contains("and WebSocket within it (RFC 8441) is not decoded"))
  }
}
