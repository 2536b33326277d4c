/// What a ClientHello or ServerHello says, as far as it matters here (RFC 8446 §4.1, RFC 5246 §7.4.1).
struct Hello {
  /// The random by which a server asks for another ClientHello (RFC 8446 §4.1.3).
  private static let retryRandom: [UInt8] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11,
    0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
  ]

  var version: UInt16
  var random: [UInt8]
  var session: [UInt8]
  /// The suite that a server chose; 0 of a client.
  var suite: UInt16 = 0
  /// The name that a client wants to reach.
  var serverName: String?
  /// The one application protocol that a server chose, or those that a client speaks.
  var protocols: [String] = []
  /// The ticket of a session of TLS 1.2 that a client wants to resume.
  var ticket: [UInt8] = []
  var offersEarlyData = false
  /// Whether codes are computed over what is encrypted (RFC 7366).
  var encryptsFirst = false

  /// Whether a server asks for another ClientHello.
  var isRetryRequest: Bool { random == Self.retryRandom }

  /// Reads the body of a message; nil if it is none.
  init?(_ body: ArraySlice<UInt8>, isClient: Bool) {
    var reader = ByteReader(body)
    guard let version = reader.number(2), let random = reader.take(32), let session = reader.vector(1) else {
      return nil
    }
    self.version = UInt16(version)
    self.random = Array(random)
    self.session = Array(session)
    if isClient {
      guard reader.vector(2) != nil, reader.vector(1) != nil else { return nil }
    } else {
      guard let suite = reader.number(2), reader.number(1) != nil else { return nil }
      self.suite = UInt16(suite)
    }
    guard var extensions = reader.vector(2).map(ByteReader.init) else { return }
    while let type = extensions.number(2), let content = extensions.vector(2) {
      take(type, ByteReader(content), isClient: isClient)
    }
  }

  private mutating func take(_ type: Int, _ content: ByteReader, isClient: Bool) {
    var content = content
    switch type {
    case 0:
      guard var names = content.vector(2).map(ByteReader.init), names.number(1) == 0, let name = names.vector(2) else {
        return
      }
      serverName = String(decoding: name.prefix(255), as: UTF8.self)
    case 16:
      guard var names = content.vector(2).map(ByteReader.init) else { return }
      while protocols.count < 16, let name = names.vector(1) { protocols.append(String(decoding: name, as: UTF8.self)) }
    case 22: encryptsFirst = true
    case 35: ticket = Array(content.rest)
    case 42: offersEarlyData = true
    case 43 where !isClient: version = content.number(2).map { UInt16($0) } ?? version
    default: break
    }
  }
}

/// Goes through bytes whose parts say their lengths.
struct ByteReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next bytes; nil where there are fewer.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// A number of so many bytes, the highest first.
  mutating func number(_ count: Int) -> Int? { take(count)?.reduce(0) { $0 << 8 | Int($1) } }

  /// Bytes whose length comes first, as a number of so many bytes.
  mutating func vector(_ lengthBytes: Int) -> ArraySlice<UInt8>? {
    let before = rest
    if let count = number(lengthBytes), let bytes = take(count) { return bytes }
    rest = before
    return nil
  }
}
