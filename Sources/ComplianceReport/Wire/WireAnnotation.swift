import FrameCodec
import WebSocketCodec

/// One direction of a connection, told apart into fields: the HTTP head, WebSocket frames, and the frames of the protocol
/// in them. Nothing is judged; what follows no rule is left as one stretch.
struct WireAnnotation: Sendable {
  /// How many fields are made of one direction at most.
  private static let maximumFields = 4_000

  /// How many bytes of a payload are read for its label.
  private static let shownPayload = 48

  /// How many bytes of a payload are looked at: what stands in a frame's head, and a displacement.
  private static let readPayload = 512

  /// How many bytes an HTTP head may have.
  private static let maximumHead = 1 << 17

  /// The fields, in order, without gaps up to where the limit, or a lack of bytes, ends them.
  private(set) var fields: [WireField] = []

  /// One line for each WebSocket frame or HTTP head, with the offset where it begins.
  private(set) var summaries: [(offset: Int, text: String)] = []

  /// The bytes.
  let bytes: SparseBytes

  /// The offset behind the last field. What comes after it could not be told apart.
  private(set) var end = 0

  private let hasCurrentFrames: Bool

  /// Tells bytes apart.
  ///
  /// - Parameters:
  ///   - bytes: What was sent in one direction, from the beginning of the connection.
  ///   - hasCurrentFrames: Whether messages have the frame of revision 1.3.3; those of older ones are told apart up to
  ///     their length only.
  init(_ bytes: SparseBytes, hasCurrentFrames: Bool) {
    self.bytes = bytes
    self.hasCurrentFrames = hasCurrentFrames
    let count = bytes.lostAt ?? bytes.count
    var position = 0
    if let first = bytes.known(from: 0, limit: 1).first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
      position = readHTTP(to: count)
    }
    while position < count, fields.count < Self.maximumFields, let next = readFrame(at: position, to: count) {
      position = next
    }
    end = position
  }

  private mutating func add(_ kind: WireField.Kind, _ range: Range<Int>, _ label: String) {
    if !range.isEmpty { fields.append(WireField(kind: kind, range: range, label: label)) }
  }

  /// The head of a request or an answer; all bytes when its end is not there, or it is no 101.
  private mutating func readHTTP(to count: Int) -> Int {
    let known = bytes.known(from: 0, limit: Self.maximumHead)
    let end = known.firstRange(of: Array("\r\n\r\n".utf8)).map { $0.upperBound - known.startIndex } ?? count
    let line = String(decoding: known.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
    summaries.append((0, line))
    let isAnswer = line.hasPrefix("HTTP/")
    if isAnswer, !line.contains(" 101") {
      add(.http, 0..<count, "HTTP answer")
      return count
    }
    add(.http, 0..<end, isAnswer ? "HTTP answer" : "HTTP request")
    return end
  }

  /// The WebSocket frame at a place; gives the offset behind it, or behind what there is of it; nil where its header is not
  /// known.
  private mutating func readFrame(at start: Int, to count: Int) -> Int? {
    let known = Array(bytes.known(from: start, limit: min(14, count - start)))
    guard !known.isEmpty else { return nil }
    guard case .header(let header) = WebSocketFrameHeader.parse(known.span.bytes, at: 0) else {
      guard start + known.count == count else { return nil }
      add(.rest, start..<count, "the beginning of a header")
      return count
    }
    let body = start + header.size
    let available = Int(min(header.payloadLength, UInt64(max(0, count - body))))
    let isMasked = header.maskingKey != nil
    let name = Self.name(of: header)
    add(.header, start..<(body - (isMasked ? 4 : 0)), Self.label(of: header, name: name))
    if isMasked { add(.mask, (body - 4)..<body, "masking key") }
    var payload = Array(bytes.known(from: body, limit: min(available, Self.readPayload)))
    if let key = header.maskingKey { Masking.apply(key, to: &payload, from: 0) }
    var summary = "\(name), \(header.payloadLength) bytes"
    if let detail = readPayload(payload, in: body..<(body + available), header: header) { summary += ": \(detail)" }
    if UInt64(available) < header.payloadLength { summary += " (\(available) of them there)" }
    summaries.append((start, summary))
    return body + available
  }

  /// The fields of a payload, of which the first bytes are there; gives a few words about it.
  private mutating func readPayload(_ payload: [UInt8], in range: Range<Int>, header: WebSocketFrameHeader) -> String? {
    let (body, end) = (range.lowerBound, range.upperBound)
    let whole = Self.quoted(payload[...], of: range.count)
    switch WebSocketOpcode(rawValue: header.opcode) {
    case .close where payload.count >= 2:
      let code = Int(payload[0]) << 8 | Int(payload[1])
      add(.code, body..<(body + 2), "code \(code)")
      let reason = Self.quoted(payload[2...], of: range.count - 2)
      add(.payload, (body + 2)..<end, "reason \(reason)")
      return payload.count > 2 ? "code \(code) \(reason)" : "code \(code)"
    case .binary where header.rsv1:
      add(.payload, range, "compressed payload")
      return "compressed"
    case .binary: return readMessage(payload, in: range, isWhole: header.fin)
    case .continuation:
      add(.payload, range, "fragment \(whole)")
      return range.isEmpty ? nil : whole
    default:
      add(.payload, range, whole)
      return range.isEmpty ? nil : whole
    }
  }

  /// The frame of the protocol in a message, or in the first fragment of one.
  private mutating func readMessage(_ payload: [UInt8], in range: Range<Int>, isWhole: Bool) -> String? {
    let (body, end) = (range.lowerBound, range.upperBound)
    let isFrame = payload.starts(with: [0xFE, 0xEF])
    guard isFrame else {
      let text = Self.quoted(payload[...], of: range.count)
      add(.payload, range, "payload \(text)")
      return range.isEmpty ? nil : text
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
      add(.payload, (body + 6)..<end, Self.quoted(payload[6...], of: range.count - 6))
      return "frame, length \(length)"
    }
    let identifier = number(6)
    let serial = number(10)
    add(.identifier, (body + 6)..<(body + 10), "id \(identifier)")
    add(.serial, (body + 10)..<(body + 14), serial == 0 ? "sn 0: one-way" : "sn \(serial)")
    if Int64(identifier) == Revision.current.displacementProtocolId, isWhole, payload.count == range.count,
      let text = Self.displacement(payload[14...])
    {
      add(.payload, (body + 14)..<end, text)
      return text
    }
    let text = Self.quoted(payload[14...], of: range.count - 14)
    add(.payload, (body + 14)..<end, "payload \(text)")
    return "id \(identifier), sn \(serial)\(isWhole ? range.count > 14 ? " " + text : "" : ", first fragment")"
  }

  /// What a displacement says: whose place was taken by whom.
  private static func displacement(_ payload: ArraySlice<UInt8>) -> String? {
    let bytes = Array(payload)
    guard let message = try? Displacement(decoding: bytes.span.bytes) else { return nil }
    func address(_ bytes: [UInt8]) -> String {
      bytes.isEmpty ? "nobody named" : String(decoding: bytes.prefix(shownPayload), as: UTF8.self)
    }
    return "displacement: \(address(message.oldAddress)) → \(address(message.newAddress))"
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
  ///
  /// - Parameters:
  ///   - bytes: The first of them.
  ///   - count: How many there are.
  private static func quoted(_ bytes: ArraySlice<UInt8>, of count: Int) -> String {
    if count <= 0 { return "empty" }
    if bytes.isEmpty { return "\(count) bytes that were not kept" }
    let shown = bytes.prefix(shownPayload)
    let rest = count > shown.count ? "…" : ""
    guard shown.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return shown.prefix(16).map(Self.hex).joined(separator: " ") + (count > 16 ? "…" : "")
    }
    return "“\(String(decoding: shown, as: UTF8.self))\(rest)”"
  }

  /// A byte as two digits.
  static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count == 1 ? "0" + digits : digits
  }
}
