import FrameCodec
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// A message of an older revision, and what its receiver does.
struct LegacyRule: CustomTestStringConvertible, Sendable {
  let name: String
  let requirements: [String]
  let revision: Revision
  let message: [UInt8]
  /// The close code; nil: it is served.
  let code: UInt16?

  var testDescription: String { "\(revision.rawValue): \(name)" }

  private init(_ revision: Revision, _ name: String, _ requirements: [String], _ code: UInt16?, _ message: [UInt8]) {
    self.name = name
    self.requirements = requirements
    self.revision = revision
    self.message = message
    self.code = code
  }

  private static func prefixed(_ body: [UInt8], length: UInt32? = nil) -> [UInt8] {
    [0xFE, 0xEE] + Wire.little(length ?? UInt32(body.count)) + body
  }

  /// `P_MESSAGE { protocol_id: 2, data: "x" }`
  static let echo: [UInt8] = [0x08, 2, 0x12, 1, 0x78]
  /// The same with id 3.
  static let echoed: [UInt8] = [0x08, 3, 0x12, 1, 0x78]

  static let all = [
    LegacyRule(.v1_1, "a message", ["legacy.1_1.message"], nil, echo),
    LegacyRule(.v1_1, "an unknown field", ["protobuf.field.unknown"], nil, echo + [0x78, 1]),
    LegacyRule(.v1_1, "an empty message", ["frame.empty", "frame.empty.fail"], 1002, []),
    LegacyRule(.v1_1, "a byte too few", ["legacy.1_1.reject"], 1002, echo.dropLast()),
    LegacyRule(.v1_1, "a wire type of 7", ["protobuf.tag.invalid"], 1002, echo + [0x1F]),
    LegacyRule(.v1_1, "a frame of today", ["legacy.1_1.reject"], 1002, Wire.frame(2, sn: 2)),
    LegacyRule(.v1_1, "a message above the limit", ["legacy.1_1.limit"], 1009, [UInt8](repeating: 0, count: 524_289)),
    LegacyRule(.v1_2, "a message", ["legacy.1_2.length"], nil, prefixed(echo)),
    LegacyRule(.v1_2, "length 0", ["legacy.1_2.length.zero"], nil, prefixed([])),
    LegacyRule(
      .v1_2, "the magic of today", ["legacy.1_2.magic.reject"], 1002, [0xFE, 0xEF] + prefixed(echo).dropFirst(2)),
    LegacyRule(.v1_2, "a byte too few", ["legacy.1_2.short"], 1002, prefixed(echo).dropLast()),
    LegacyRule(.v1_2, "a byte too many", ["legacy.1_2.trailing"], 1002, prefixed(echo) + [0]),
    LegacyRule(.v1_2, "a body that is no P_MESSAGE", ["legacy.1_2.body"], 1002, prefixed([0x12, 9, 1])),
    LegacyRule(.v1_2, "a length above the limit", ["legacy.1_2.limit"], 1009, prefixed(echo, length: 524_289)),
    LegacyRule(.v1_3_0, "a message", ["legacy.1_3_0.length"], nil, prefixed(Wire.little(2) + [0x78])),
    LegacyRule(
      .v1_3_0, "the magic of today", ["legacy.1_3_0.magic.reject"], 1002,
      [0xFE, 0xEF] + prefixed(Wire.little(2)).dropFirst(2)),
    LegacyRule(
      .v1_3_0, "length 3", ["legacy.1_3_0.length.minimum"], 1002, prefixed(Wire.little(2), length: 3)),
    LegacyRule(.v1_3_0, "a byte too few", ["legacy.1_3_0.short"], 1002, prefixed(Wire.little(2), length: 5)),
    LegacyRule(.v1_3_0, "a byte too many", ["legacy.1_3_0.trailing"], 1002, prefixed(Wire.little(2)) + [0]),
    LegacyRule(
      .v1_3_0, "a length above the limit", ["legacy.1_3_0.limit"], 1009, prefixed(Wire.little(2), length: 524_289)),
  ]

  /// What id 2 with the payload x is, and what it is answered by.
  static func call(_ revision: Revision) -> (request: [UInt8], answer: [UInt8]) {
    switch revision {
    case .v1_1: (echo, echoed)
    case .v1_2: (prefixed(echo), prefixed(echoed))
    case .v1_3_0: (prefixed(Wire.little(2) + [0x78]), prefixed(Wire.little(3) + [0x78]))
    case .v1_3_3: (Wire.frame(2, [0x78]), Wire.frame(3, [0x78]))
    }
  }
}

@Suite("The older revisions, on the wire", .timeLimit(.minutes(10)))
struct LegacyReceiverTests {
  @Test("The server", arguments: LegacyRule.all)
  func server(rule: LegacyRule) async throws {
    try await withServer({ $0.options.revision = .fixed(rule.revision) }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write(Wire.webSocket(.binary, rule.message, masked: true))
      await expect(rule, of: socket, masked: true)
      socket.close()
    }
  }

  @Test("The client", arguments: LegacyRule.all)
  func client(rule: LegacyRule) async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect {
        $0.handlers = echoing
        $0.options.revision = .fixed(rule.revision)
      }
      socket.write(Wire.webSocket(.binary, rule.message, masked: false))
      await expect(rule, of: socket, masked: false)
      socket.close()
      _ = await connection.ended()
    }
  }

  private func expect(_ rule: LegacyRule, of socket: RawSocket, masked: Bool) async {
    if let code = rule.code {
      #expect(await socket.lines.next(1) == ["close \(code)"])
    } else {
      // A message to the echo is answered before the next one, which shows that the connection stayed.
      let call = LegacyRule.call(rule.revision)
      let isEcho = rule.message.count >= call.request.count
      socket.write(Wire.webSocket(.binary, call.request, masked: masked))
      #expect(
        await socket.lines.next(isEcho ? 2 : 1)
          == Array(repeating: "binary " + RawSocket.hex(call.answer), count: isEcho ? 2 : 1))
    }
  }

  /// revision.current; the first frame tells, and what tells nothing is judged as today's revision.
  @Test("A server that detects fails a first message of no revision", arguments: [[1, 2, 3], [], [0xFE, 0xEE, 1]])
  func noRevision(message: [UInt8]) async throws {
    try await withServer({ $0.options.revision = .detected(until: .current) }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write(Wire.webSocket(.binary, message, masked: true))
      #expect(await socket.lines.next(2) == ["close 1002", "end"])
    }
  }

  @Test("A server that detects answers each client in its revision, and stays with it", arguments: Revision.allCases)
  func detected(revision: Revision) async throws {
    try await withServer({ $0.options.revision = .detected(until: .current) }) { server in
      let call = LegacyRule.call(revision)
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write(Wire.webSocket(.binary, call.request, masked: true))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(call.answer)])
      let other = LegacyRule.call(revision == .v1_1 ? .v1_3_3 : .v1_1)
      socket.write(Wire.webSocket(.binary, other.request, masked: true))
      #expect(await socket.lines.next(2) == ["close 1002", "end"])
    }
  }

  @Test("A displacement is written in the revision that was detected", arguments: Revision.allCases)
  func displacement(revision: Revision) async throws {
    try await withServer({ $0.options.revision = .detected(until: .current) }) { server in
      let call = LegacyRule.call(revision)
      let socket = try await RawSocket.upgraded(port: server.server.port, query: "uid=1")
      socket.write(Wire.webSocket(.binary, call.request, masked: true))
      _ = await socket.lines.next(1)
      let newcomer = try await server.connect("uid=1")
      let line = try #require(await socket.lines.next(1).first)
      let id: [UInt8] =
        revision.isProtobuf ? [0x08] + [UInt8](repeating: 0xFF, count: 9) + [1, 0x12] : [0xFF, 0xFF, 0xFF, 0x7F]
      #expect(line.dropFirst("binary ".count + (revision == .v1_1 ? 0 : 12)).hasPrefix(RawSocket.hex(id)), "\(line)")
      #expect(await socket.lines.next(2) == ["close -", "end"])
      #expect(try await newcomer.call(2).protocolId == 3)
    }
  }
}
