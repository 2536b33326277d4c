import FrameCodec
import WebSocketCodec

/// One direction of a connection, told apart into fields: the HTTP head, WebSocket frames, and the frames of the protocol
/// in them. Nothing is judged; what follows no rule is left as one stretch.
struct WireAnnotation: Sendable {
  /// How many bytes of a direction are told apart.
  static let limit = 1 << 18

  /// How many fields are made of one direction at most.
  private static let maximumFields = 4_000

  /// How many bytes of a payload are read for its label.
  private static let shownPayload = 48

  /// The fields, in order, without gaps up to the limit.
  private(set) var fields: [WireField] = []

  /// One line for each WebSocket frame or HTTP head, with the offset where it begins.
  private(set) var summaries: [(offset: Int, text: String)] = []

  private let bytes: [UInt8]
  private let hasCurrentFrames: Bool
  /// Whether the open message has been seen from its beginning, and how many of its bytes so far.
  private var messageOffset: Int?

  /// Tells bytes apart.
  ///
  /// - Parameters:
  ///   - bytes: What was sent in one direction, from the beginning of the connection.
  ///   - hasCurrentFrames: Whether messages have the frame of revision 1.3.3; those of older ones are told apart up to
  ///     their length only.
  init(_ bytes: [UInt8], hasCurrentFrames: Bool) {
    self.bytes = Array(bytes.prefix(Self.limit))
    self.hasCurrentFrames = hasCurrentFrames
    var position = 0
    if let first = self.bytes.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
      position = readHTTP()
    }
    while position < self.bytes.count, fields.count < Self.maximumFields { position = readFrame(at: position) }
    if position < self.bytes.count { add(.rest, position..<self.bytes.count, "further bytes") }
  }

  private mutating func add(_ kind: WireField.Kind, _ range: Range<Int>, _ label: String) {
    if !range.isEmpty { fields.append(WireField(kind: kind, range: range, label: label)) }
  }

  /// The head of a request or an answer; all bytes when its end is not there, or it is no 101.
  private mutating func readHTTP() -> Int {
    let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? bytes.count
    let line = String(decoding: bytes.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
    summaries.append((0, line))
    let isAnswer = line.hasPrefix("HTTP/")
    if isAnswer, !line.contains(" 101") {
      add(.http, 0..<bytes.count, "HTTP answer")
      return bytes.count
    }
    add(.http, 0..<end, isAnswer ? "HTTP answer" : "HTTP request")
    return end
  }

  /// The WebSocket frame at a place; gives the offset behind it, or behind what there is of it.
  private mutating func readFrame(at start: Int) -> Int {
    guard case .header(let header) = WebSocketFrameHeader.parse(bytes.span.bytes, at: start) else {
      add(.rest, start..<bytes.count, "the beginning of a header")
      return bytes.count
    }
    let body = start + header.size
    let available = Int(min(header.payloadLength, UInt64(bytes.count - body)))
    let isMasked = header.maskingKey != nil
    let name = Self.name(of: header)
    add(.header, start..<(body - (isMasked ? 4 : 0)), Self.label(of: header, name: name))
    if isMasked { add(.mask, (body - 4)..<body, "masking key") }
    var payload = Array(bytes[body..<(body + available)])
    if let key = header.maskingKey { Masking.apply(key, to: &payload, from: 0) }
    var summary = "\(name), \(header.payloadLength) bytes"
    if let detail = readPayload(payload, at: body, header: header) { summary += ": \(detail)" }
    if UInt64(available) < header.payloadLength { summary += " (\(available) of them there)" }
    summaries.append((start, summary))
    return body + available
  }

  /// The fields of a payload; gives a few words about it.
  private mutating func readPayload(_ payload: [UInt8], at body: Int, header: WebSocketFrameHeader) -> String? {
    let end = body + payload.count
    switch WebSocketOpcode(rawValue: header.opcode) {
    case .close where payload.count >= 2:
      let code = Int(payload[0]) << 8 | Int(payload[1])
      add(.code, body..<(body + 2), "code \(code)")
      add(.payload, (body + 2)..<end, "reason \(Self.quoted(payload[2...]))")
      return payload.count > 2 ? "code \(code) \(Self.quoted(payload[2...]))" : "code \(code)"
    case .binary:
      messageOffset = header.fin ? nil : payload.count
      if header.rsv1 {
        messageOffset = nil
        add(.payload, body..<end, "compressed payload")
        return "compressed"
      }
      return readMessage(payload, at: body, isWhole: header.fin)
    case .continuation:
      if header.fin { messageOffset = nil } else { messageOffset = messageOffset.map { $0 + payload.count } }
      add(.payload, body..<end, "fragment \(Self.quoted(payload[...]))")
      return payload.isEmpty ? nil : Self.quoted(payload[...])
    default:
      add(.payload, body..<end, Self.quoted(payload[...]))
      return payload.isEmpty ? nil : Self.quoted(payload[...])
    }
  }

  /// The frame of the protocol in a message, or in the first fragment of one.
  private mutating func readMessage(_ payload: [UInt8], at body: Int, isWhole: Bool) -> String? {
    let end = body + payload.count
    let isFrame = payload.starts(with: [0xFE, 0xEF])
    guard isFrame else {
      add(.payload, body..<end, "payload \(Self.quoted(payload[...]))")
      return payload.isEmpty ? nil : Self.quoted(payload[...])
    }
    func number(_ offset: Int) -> UInt32 {
      payload[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    add(.magic, body..<(body + 2), "magic")
    guard payload.count >= FrameCodec.prefixSize else {
      add(.rest, (body + 2)..<end, "the beginning of a frame")
      return "the beginning of a frame"
    }
    let length = number(2)
    add(.length, (body + 2)..<(body + 6), "length \(length)")
    guard hasCurrentFrames, payload.count >= 14 else {
      add(.payload, (body + 6)..<end, Self.quoted(payload[6...]))
      return "frame, length \(length)"
    }
    let identifier = number(6)
    let serial = number(10)
    add(.identifier, (body + 6)..<(body + 10), "id \(identifier)")
    add(.serial, (body + 10)..<(body + 14), serial == 0 ? "sn 0: one-way" : "sn \(serial)")
    add(.payload, (body + 14)..<end, "payload \(Self.quoted(payload[14...]))")
    let text = payload.count > 14 ? " \(Self.quoted(payload[14...]))" : ""
    return "id \(identifier), sn \(serial)\(isWhole ? text : ", first fragment")"
  }

  private static func name(of header: WebSocketFrameHeader) -> String {
    let known = WebSocketOpcode(rawValue: header.opcode).map { "\($0)" }
    return known ?? "opcode 0x\(String(header.opcode, radix: 16))"
  }

  private static func label(of header: WebSocketFrameHeader, name: String) -> String {
    var parts = [header.fin ? "FIN" : "not final", name]
    if header.rsv != 0 {
      parts.append(
        [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")].filter { header.rsv & $0.0 != 0 }.map(\.1).joined(separator: " "))
    }
    parts.append("\(header.payloadLength) bytes" + (header.isLengthMinimal ? "" : ", not in the shortest form"))
    parts.append(header.maskingKey == nil ? "not masked" : "masked")
    return parts.joined(separator: " · ")
  }

  /// Bytes as text where they are printable ASCII, else as digits.
  private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    if bytes.isEmpty { return "empty" }
    let shown = bytes.prefix(shownPayload)
    let rest = bytes.count > shown.count ? "…" : ""
    guard shown.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return shown.prefix(16).map(Self.hex).joined(separator: " ") + (bytes.count > 16 ? "…" : "")
    }
    return "“\(String(decoding: shown, as: UTF8.self))\(rest)”"
  }

  /// A byte as two digits.
  static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count == 1 ? "0" + digits : digits
  }
}
