/// What the beginning of an HTTP/2 connection says about WebSocket within it (RFC 8441). Nothing of it is decoded.
///
/// A client may open WebSocket only where the server's SETTINGS permit it, and names it in the pseudo-header `:protocol`. That is in no
/// static table, so its first use on a connection stands in a literal of HPACK, which needs no state to be found.
final class HTTP2Glance {
  /// Whether both sides are known to speak HTTP/2; before that a server has begun as one that does.
  var isSure = false
  /// Whether the server permits WebSocket; nil: its SETTINGS have not been seen.
  private(set) var isPermitted: Bool?
  /// Whether the client has asked for WebSocket.
  private(set) var isOpened = false

  private struct Side {
    var bytes: [UInt8] = []
    var offset = 0
  }

  private var client = Side()
  private var server = Side()

  /// Bytes of a side that are looked at.
  private static let limit = 1 << 14
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Whether nothing more is to be learned.
  var isDecided: Bool {
    isOpened || isPermitted == false || client.bytes.count >= Self.limit || server.bytes.count >= Self.limit
  }

  /// What is to be said of the connection.
  var text: String {
    let remedy = "which is not decoded; capture where it is HTTP/1.1"
    if isOpened { return "the connection speaks HTTP/2, and opens WebSocket within it (RFC 8441), \(remedy)" }
    switch isPermitted {
    case false?: return "the connection speaks HTTP/2, whose server does not permit WebSocket within it (RFC 8441)"
    case true?: return "the connection speaks HTTP/2, whose server permits WebSocket within it (RFC 8441), \(remedy)"
    case nil:
      return
        "the connection speaks HTTP/2, and WebSocket within it (RFC 8441) is not decoded; capture where it is HTTP/1.1"
    }
  }

  /// Takes the next bytes of a side.
  func take(_ bytes: RawSpan, isFromClient: Bool) {
    if isFromClient { Self.append(bytes, to: &client) } else { Self.append(bytes, to: &server) }
    if isFromClient, client.offset == 0, client.bytes.starts(with: Self.preface) { client.offset = Self.preface.count }
    while let frame = Self.nextFrame(of: &client) {
      // HEADERS and CONTINUATION.
      if frame.type == 1 || frame.type == 9, Self.namesWebSocket(client.bytes[frame.content]) { isOpened = true }
    }
    while let frame = Self.nextFrame(of: &server) {
      guard frame.type == 4, frame.flags & 1 == 0 else { continue }
      isPermitted = Self.permitsWebSocket(server.bytes[frame.content], before: isPermitted ?? false)
    }
  }

  private static func append(_ bytes: RawSpan, to side: inout Side) {
    let room = max(0, limit - side.bytes.count)
    side.bytes += bytes.extracting(first: min(room, bytes.byteCount)).withUnsafeBytes { Array($0) }
  }

  /// The next whole frame of a side (RFC 9113 §4.1).
  private static func nextFrame(of side: inout Side) -> (type: UInt8, flags: UInt8, content: Range<Int>)? {
    let start = side.offset
    guard side.bytes.count - start >= 9 else { return nil }
    let length = Int(side.bytes[start]) << 16 | Int(side.bytes[start + 1]) << 8 | Int(side.bytes[start + 2])
    guard side.bytes.count - start - 9 >= length else { return nil }
    side.offset = start + 9 + length
    return (side.bytes[start + 3], side.bytes[start + 4], start + 9..<side.offset)
  }

  /// SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3): six bytes a setting, the first two its number.
  private static func permitsWebSocket(_ settings: ArraySlice<UInt8>, before: Bool) -> Bool {
    var result = before
    var offset = settings.startIndex
    while offset + 6 <= settings.endIndex {
      if settings[offset] == 0, settings[offset + 1] == 8 { result = settings[offset + 5] == 1 }
      offset += 6
    }
    return result
  }

  /// `:protocol` and `websocket` as literals with a new name (RFC 7541 §6.2), plain or in the Huffman code, each with its length.
  private static let names: [[UInt8]] = [
    [9] + Array(":protocol".utf8), [0x87, 0xB9, 0x5D, 0x87, 0x49, 0xC8, 0x7A, 0x3F],
  ]
  private static let values: [[UInt8]] = [
    [9] + Array("websocket".utf8), [0x87, 0xF0, 0x58, 0xD0, 0x72, 0x75, 0x2A, 0x7F],
  ]

  private static func namesWebSocket(_ fields: ArraySlice<UInt8>) -> Bool {
    fields.indices.contains { start in
      names.contains { name in
        fields[start...].starts(with: name)
          && values.contains { fields[start...].dropFirst(name.count).starts(with: $0) }
      }
    }
  }
}
