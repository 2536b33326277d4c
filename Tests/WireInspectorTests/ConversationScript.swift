import TLSRecords

@testable import WireInspector

/// Makes the packets of a conversation, whole and in order; tests then damage them. Everything is deterministic.
struct ConversationScript {
  /// A TCP segment that has not been written yet, so that it can be changed in every way.
  struct Segment {
    var isFromClient: Bool
    var sequence: UInt32
    var acknowledgement: UInt32
    var flags: UInt8
    var data: [UInt8] = []
    var window: UInt16 = 65_535
    var identification: UInt16 = 0
    var time: Int64?
    var hasBadChecksum = false
    /// Bytes of the packet that are kept.
    var snapLength = Int.max
  }

  static let fin: UInt8 = 0x01
  static let syn: UInt8 = 0x02
  static let rst: UInt8 = 0x04
  static let push: UInt8 = 0x18
  static let ack: UInt8 = 0x10

  var segments: [Segment] = []
  var clientSequence: UInt32 = 1000
  var serverSequence: UInt32 = 5000
  var clientPort: UInt16 = 40_001
  var serverPort: UInt16 = 8080
  var time: Int64 = 1_700_000_000_000_000_000
  var maximumSegment = 1448
  /// Where the frames begin: the segment, the side, and how the sink describes them.
  var frames: [(segment: Int, isFromClient: Bool, description: String)] = []
  private var identification: UInt16 = 0
  private var maskingKey: UInt32 = 0x1234_5678

  // MARK: TCP

  mutating func segment(_ isFromClient: Bool, flags: UInt8, data: [UInt8] = []) {
    identification += 1
    time += 100_000
    segments.append(
      Segment(
        isFromClient: isFromClient, sequence: isFromClient ? clientSequence : serverSequence,
        acknowledgement: flags & Self.ack == 0 ? 0 : isFromClient ? serverSequence : clientSequence, flags: flags,
        data: data, identification: identification, time: time))
    let length = UInt32(data.count) + (flags & (Self.syn | Self.fin) != 0 ? 1 : 0)
    if isFromClient { clientSequence &+= length } else { serverSequence &+= length }
  }

  mutating func open() {
    segment(true, flags: Self.syn)
    segment(false, flags: Self.syn | Self.ack)
    segment(true, flags: Self.ack)
  }

  /// Sends bytes in segments, and an acknowledgement.
  mutating func send(_ isFromClient: Bool, _ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let end = min(bytes.count, offset + maximumSegment)
      segment(isFromClient, flags: Self.push, data: Array(bytes[offset..<end]))
      offset = end
    }
    segment(!isFromClient, flags: Self.ack)
  }

  mutating func close() {
    segment(true, flags: Self.fin | Self.ack)
    segment(false, flags: Self.fin | Self.ack)
    segment(true, flags: Self.ack)
  }

  // MARK: HTTP and WebSocket

  static func request(_ extensions: String? = nil, query: String = "uid=u1&typed=2") -> [UInt8] {
    let line = extensions.map { "Sec-WebSocket-Extensions: \($0)\r\n" } ?? ""
    return Array(
      ("GET /ws?\(query) HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(line)\r\n").utf8)
  }

  static func response(_ extensions: String? = nil) -> [UInt8] {
    let line = extensions.map { "Sec-WebSocket-Extensions: \($0)\r\n" } ?? ""
    return Array(
      ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\(line)\r\n").utf8)
  }

  mutating func upgrade(offer: String? = nil, answer: String? = nil) {
    open()
    send(true, Self.request(offer))
    send(false, Self.response(answer))
  }

  /// A WebSocket frame as the sender writes it.
  mutating func frame(_ isFromClient: Bool, first: UInt8, _ payload: [UInt8], masked: Bool? = nil) -> [UInt8] {
    let isMasked = masked ?? isFromClient
    var bytes: [UInt8] = [first]
    let mask: UInt8 = isMasked ? 0x80 : 0
    if payload.count < 126 {
      bytes.append(mask | UInt8(payload.count))
    } else if payload.count < 65_536 {
      bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    } else {
      bytes.append(mask | 127)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
      }
    }
    guard isMasked else { return bytes + payload }
    maskingKey = maskingKey &* 1_664_525 &+ 1_013_904_223
    let key = (0..<4).map { UInt8(truncatingIfNeeded: maskingKey >> UInt32($0 * 8)) }
    bytes += key
    for (index, byte) in payload.enumerated() { bytes.append(byte ^ key[index & 3]) }
    return bytes
  }

  static func message(_ protocolId: UInt32, _ sn: UInt32, _ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0xFE, 0xEF]
    for value in [UInt32(payload.count) + 8, protocolId, sn] {
      for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    return bytes + payload
  }

  mutating func say(_ isFromClient: Bool, _ protocolId: UInt32, _ sn: UInt32, _ payload: [UInt8]) {
    let text = payload.isEmpty ? "" : "#\(payload.count)"
    frames.append((segments.count, isFromClient, "\(protocolId)/\(sn) \(text)"))
    send(isFromClient, frame(isFromClient, first: 0x82, Self.message(protocolId, sn, payload)))
  }

  /// Bytes that look like nothing in particular.
  static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 40)
    }
  }

  /// Calls both ways, one-way messages, an answer that takes many segments; the last call has no answer.
  mutating func talk() {
    say(true, 1, 2, Self.noise(40, seed: 1))
    say(false, 2, 2, Self.noise(55, seed: 2))
    say(true, 3, 0, Self.noise(12, seed: 3))
    say(false, 5, 3, Self.noise(30, seed: 4))
    say(true, 6, 3, Self.noise(33, seed: 5))
    send(true, frame(true, first: 0x89, Array("12345678".utf8)))
    send(false, frame(false, first: 0x8A, Array("12345678".utf8)))
    say(true, 7, 4, [])
    say(false, 8, 4, Self.noise(20_000, seed: 6))
    say(true, 9, 6, Self.noise(3000, seed: 7))
    say(true, 11, 8, Self.noise(200, seed: 8))
    say(false, 12, 8, Self.noise(90, seed: 9))
    say(false, 10, 6, Self.noise(2500, seed: 10))
    say(true, 13, 10, Self.noise(25, seed: 11))
    send(true, frame(true, first: 0x88, [0x03, 0xE8]))
    send(false, frame(false, first: 0x88, [0x03, 0xE8]))
  }

  /// What ``talk()`` says, as the sink describes it.
  static let spoken = (
    client: ["1/2 #40", "3/0 #12", "6/3 #33", "7/4 ", "9/6 #3000", "11/8 #200", "13/10 #25"],
    server: ["2/2 #55", "5/3 #30", "8/4 #20000", "12/8 #90", "10/6 #2500"]
  )

  static func whole() -> ConversationScript {
    var script = ConversationScript()
    script.upgrade()
    script.talk()
    script.close()
    return script
  }

  // MARK: Writing

  /// The packet of a segment: Ethernet, IPv4, TCP.
  func packet(_ segment: Segment) -> [UInt8] {
    func two(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
    func four(_ value: UInt32) -> [UInt8] { two(UInt16(value >> 16)) + two(UInt16(truncatingIfNeeded: value)) }
    let client: [UInt8] = [10, 0, 0, 1]
    let server: [UInt8] = [10, 0, 0, 200]
    let addresses = segment.isFromClient ? client + server : server + client
    let ports = segment.isFromClient ? two(clientPort) + two(serverPort) : two(serverPort) + two(clientPort)
    var tcp = ports + four(segment.sequence) + four(segment.acknowledgement) + [0x50, segment.flags]
    tcp += two(segment.window) + [0, 0, 0, 0] + segment.data
    let sum = Self.checksum(addresses + [0, 6] + two(UInt16(tcp.count)) + tcp) ^ (segment.hasBadChecksum ? 0x5555 : 0)
    tcp.replaceSubrange(16..<18, with: two(sum))
    let ip =
      [0x45, 0] + two(UInt16(20 + tcp.count)) + two(segment.identification) + [0x40, 0, 64, 6, 0, 0] + addresses
    return [UInt8](repeating: 2, count: 12) + [0x08, 0x00] + ip + tcp
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum += index & 1 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
    while sum >> 16 != 0 { sum = (sum & 0xFFFF) + sum >> 16 }
    return ~UInt16(sum)
  }

  /// Inspects the segments as they stand.
  ///
  /// - Parameter isWhole: Whether the capture ends with them.
  func inspected(
    _ options: InspectionOptions = InspectionOptions(), isWhole: Bool = true, keys: [UInt8] = []
  ) -> RecordingSink {
    let sink = RecordingSink()
    inspect(into: sink, options, isWhole: isWhole, keys: keys)
    return sink
  }

  /// The same, into any sink.
  func inspect(
    into sink: any InspectionSink, _ options: InspectionOptions = InspectionOptions(), isWhole: Bool = true,
    keys: [UInt8] = []
  ) {
    var inspection = CaptureInspection(options: options, sink: sink)
    inspection.keyLog.append(keys)
    for segment in segments {
      let bytes = packet(segment)
      let kept = Array(bytes.prefix(segment.snapLength))
      inspection.receive(kept.span.bytes, linkType: 1, originalLength: bytes.count, time: segment.time)
    }
    if isWhole { inspection.finish() }
  }
}
