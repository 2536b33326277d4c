import Glibc
import PacketCapture

/// The line or block by which a proxy tells a server whose connection it forwards: the PROXY protocol, versions 1 and 2
/// (haproxy's proxy-protocol.txt).
struct ProxyHeader {
  /// The client's end as the proxy saw it, `host:port`; nil where the proxy speaks for itself or does not know.
  var client: String?
  /// Its bytes.
  var size: Int

  /// What the first bytes of a stream are.
  enum Reading {
    /// It can be a header; more bytes are needed.
    case needsMore
    /// It is none.
    case absent
    case header(ProxyHeader)
    /// It begins as a header and is wrong. The size is nil where its end is not known.
    case broken(String, size: Int?)
  }

  /// A line of version 1 has so many bytes at most.
  private static let lineLimit = 107
  private static let word = Array("PROXY ".utf8)
  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  /// Whether a first byte can be a header's.
  static func canBegin(_ byte: UInt8) -> Bool { byte == word[0] || byte == signature[0] }

  /// Reads what has come of a stream so far.
  static func read(_ bytes: [UInt8]) -> Reading {
    for start in [word, signature] where bytes.first == start[0] {
      let count = min(bytes.count, start.count)
      guard bytes[..<count].elementsEqual(start[..<count]) else { return .absent }
      guard bytes.count >= start.count else { return .needsMore }
      return start.count == word.count ? readLine(bytes) : readBlock(bytes)
    }
    return bytes.isEmpty ? .needsMore : .absent
  }

  // MARK: Version 1

  private static func readLine(_ bytes: [UInt8]) -> Reading {
    guard let end = bytes.prefix(lineLimit).firstIndex(of: 0x0A) else {
      return bytes.count < lineLimit
        ? .needsMore : .broken("its line does not end within \(lineLimit) bytes", size: nil)
    }
    let size = end + 1
    guard bytes[end - 1] == 0x0D else { return .broken("its line ends without CR", size: size) }
    let parts = bytes[word.count..<end - 1].split(separator: 0x20, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    switch parts.first {
    // What follows UNKNOWN has no meaning.
    case "UNKNOWN": return .header(ProxyHeader(client: nil, size: size))
    case "TCP4", "TCP6":
      guard parts.count == 5 else {
        return .broken("it has \(parts.count - 1) fields for two addresses and two ports", size: size)
      }
      let isVersion6 = parts[0] == "TCP6"
      guard let source = address(parts[1], isVersion6), address(parts[2], isVersion6) != nil,
        let port = UInt16(parts[3]), UInt16(parts[4]) != nil
      else { return .broken("an address or a port of it cannot be read", size: size) }
      return .header(ProxyHeader(client: Endpoint(address: source, port: port).description, size: size))
    default: return .broken("it names neither TCP4 nor TCP6 nor UNKNOWN", size: size)
    }
  }

  private static func address(_ text: String, _ isVersion6: Bool) -> InternetAddress? {
    var raw = [UInt8](repeating: 0, count: 16)
    guard inet_pton(isVersion6 ? AF_INET6 : AF_INET, text, &raw) == 1 else { return nil }
    return address(raw[...], isVersion6)
  }

  private static func address(_ raw: ArraySlice<UInt8>, _ isVersion6: Bool) -> InternetAddress {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    if isVersion6 { return InternetAddress(high: number(raw.prefix(8)), low: number(raw.dropFirst(8).prefix(8))) }
    return InternetAddress(version4: UInt32(truncatingIfNeeded: number(raw.prefix(4))))
  }

  // MARK: Version 2

  private static func readBlock(_ bytes: [UInt8]) -> Reading {
    let fixed = signature.count + 4
    guard bytes.count >= fixed else { return .needsMore }
    let size = fixed + Int(bytes[14]) << 8 + Int(bytes[15])
    guard bytes.count >= size else { return .needsMore }
    guard bytes[12] >> 4 == 2, bytes[12] & 0x0F <= 1 else {
      return .broken("its version or command is \(bytes[12]), which has no meaning", size: size)
    }
    let isLocal = bytes[12] & 0x0F == 0
    let (length, isVersion6): (Int, Bool?) =
      switch bytes[13] >> 4 {
      case 1: (12, false)
      case 2: (36, true)
      case 3: (216, nil)
      default: (0, nil)
      }
    // A proxy that speaks for itself may leave the addresses out.
    guard size >= fixed + length else {
      return isLocal
        ? .header(ProxyHeader(client: nil, size: size)) : .broken("it is too short for its addresses", size: size)
    }
    // What a proxy says that speaks for itself, or of no known family, is to be skipped whatever it is.
    if !isLocal, length > 0, let fault = fault(ofFields: fixed + length, bytes, size) {
      return .broken(fault, size: size)
    }
    guard !isLocal, let isVersion6 else { return .header(ProxyHeader(client: nil, size: size)) }
    let width = isVersion6 ? 16 : 4
    let place = fixed + 2 * width
    let source = Endpoint(
      address: address(bytes[fixed..<fixed + width], isVersion6),
      port: UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]))
    return .header(ProxyHeader(client: source.description, size: size))
  }

  /// What is wrong with the fields behind the addresses: type, length, value each.
  private static func fault(ofFields start: Int, _ bytes: [UInt8], _ size: Int) -> String? {
    var offset = start
    while offset < size {
      guard offset + 3 <= size else { return "its last field is cut" }
      let length = Int(bytes[offset + 1]) << 8 + Int(bytes[offset + 2])
      guard offset + 3 + length <= size else { return "its last field is cut" }
      if bytes[offset] == 0x03, length == 4 {
        let stated = bytes[offset + 3..<offset + 7].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var zeroed = Array(bytes[..<size])
        zeroed.replaceSubrange(offset + 3..<offset + 7, with: [0, 0, 0, 0])
        if checksum(zeroed) != stated { return "its checksum is wrong" }
      }
      offset += 3 + length
    }
    return nil
  }

  /// CRC-32C (RFC 9260 appendix A).
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return ~value
  }
}
