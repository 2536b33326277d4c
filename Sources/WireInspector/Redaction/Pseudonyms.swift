import Glibc
package import PacketCapture
import SystemCrypto

/// Pseudonyms for what a capture says about people and machines: the same for the same thing wherever it stands, and of its shape, so that what
/// belongs together still shows.
///
/// They come from a keyed digest (HMAC-SHA-256). Who has not the key, which is new for each run, cannot try out what a pseudonym stands for.
package final class Pseudonyms {
  /// Words and addresses that are kept apart from each other at most; of more, two may get one pseudonym.
  private static let tableLimit = 1 << 18
  /// How often a pseudonym is looked for that nothing else has.
  private static let attempts = 64

  /// The key in the two blocks of HMAC (RFC 2104).
  private let innerKey: [UInt8]
  private let outerKey: [UInt8]
  private var words: [String: String] = [:]
  private var wordsInUse: Set<String> = []
  private var addresses: [InternetAddress: InternetAddress] = [:]
  private var addressesInUse: Set<InternetAddress> = []

  /// Pseudonyms by a key that nobody knows.
  package convenience init() {
    var random = SystemRandomNumberGenerator()
    self.init(key: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }

  /// Pseudonyms by a key of at most 64 bytes.
  package init(key: [UInt8]) {
    let block = key.prefix(64) + [UInt8](repeating: 0, count: max(0, 64 - key.count))
    innerKey = block.map { $0 ^ 0x36 }
    outerKey = block.map { $0 ^ 0x5C }
  }

  private func digest(_ purpose: String, _ bytes: [UInt8]) -> [UInt8] {
    SHA256.digest(of: outerKey + SHA256.digest(of: innerKey + Array(purpose.utf8) + [0] + bytes))
  }

  /// As many bytes as wanted that depend on what is given.
  private func stream(_ purpose: String, _ bytes: [UInt8], count: Int) -> [UInt8] {
    var result: [UInt8] = []
    var part = 0
    while result.count < count {
      result += digest("\(purpose) \(part)", bytes)
      part += 1
    }
    return Array(result.prefix(count))
  }

  // MARK: Payloads

  /// What stands for the bytes of a payload: as many, the same for the same. Text gives text, and anything else something that is none.
  package func payload(_ bytes: [UInt8], isText: Bool) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    let digest = digest("payload", bytes)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 64)
    if isText {
      let digits = Array("0123456789abcdef".utf8)
      let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      while result.count < bytes.count { result += text }
    } else {
      // No UTF-8 and no GBK begins so.
      result.append(0xFF)
      while result.count < bytes.count { result += digest }
    }
    result.removeLast(result.count - bytes.count)
    return result
  }

  // MARK: Words

  /// What stands for a word: digits for digits, letters for letters, `-`, `.`, `_`, `:` and `@` as they are.
  package func word(_ text: String) -> String {
    guard !text.isEmpty else { return "" }
    if let known = words[text] { return known }
    var found: String?
    for attempt in 0..<Self.attempts where found == nil {
      let candidate = shaped(text, attempt)
      if candidate != text, !wordsInUse.contains(candidate), words[candidate] == nil { found = candidate }
    }
    // There are more of so short words than pseudonyms.
    let pseudonym =
      found ?? shaped(text, 0) + digest("long", Array(text.utf8)).prefix(6).map { String($0, radix: 36) }.joined()
    if words.count < Self.tableLimit {
      words[text] = pseudonym
      wordsInUse.insert(pseudonym)
    }
    return pseudonym
  }

  private func shaped(_ text: String, _ attempt: Int) -> String {
    let bytes = Array(text.utf8)
    let noise = stream("word \(attempt)", bytes, count: bytes.count)
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      let value = Int(noise[index])
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        // A number stays one of as many digits.
        let isFirst = index == 0 && bytes.count > 1
        result.append(UInt8(ascii: "0") + UInt8(isFirst ? 1 + value % 9 : value % 10))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.append(UInt8(ascii: "A") + UInt8(value % 26))
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"):
        result.append(byte)
      default: result.append(UInt8(ascii: "a") + UInt8(value % 26))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Words of protocols and of everyday close reasons, which name nobody.
  private static let common: Set<String> = [
    "a", "an", "and", "application", "at", "are", "bad", "be", "big", "bits", "by", "bye", "client", "close", "closed",
    "code", "connection",
    "control", "data", "error", "failed", "fin", "for", "format", "frame", "from", "going", "away", "in", "internal",
    "invalid", "is",
    "json", "kicked", "large", "length", "limit", "mask", "message", "no", "normal", "not", "of", "ok", "on", "opcode",
    "or", "payload",
    "policy", "protocol", "reason", "request", "reserved", "restart", "rsv1", "server", "set", "shutdown", "slow",
    "switching", "protocols",
    "text", "the", "timeout", "to", "too", "unexpected", "unknown", "upgrade", "upgraderequired", "utf", "utf8",
    "utf-8", "violation",
    "websocket", "with", "forbidden", "unauthorized", "found", "method", "allowed", "unavailable", "service", "gateway",
    "acceptable",
    "required", "gzip", "deflate", "cache", "keep-alive", "html", "plain", "problem", "charset",
  ]

  /// A text with pseudonyms for its words, but for those of protocols; addresses in it get theirs.
  package func text(_ text: String) -> String {
    var result = ""
    var token = ""
    func end() {
      result += replaced(token)
      token = ""
    }
    for scalar in text.unicodeScalars {
      let isWord =
        !scalar.isASCII || scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
        || ["-", ".", "_", ":", "@", "[", "]"].contains(Character(scalar))
      if isWord {
        token.unicodeScalars.append(scalar)
      } else {
        end()
        result.unicodeScalars.append(scalar)
      }
    }
    end()
    return result
  }

  private func replaced(_ token: String) -> String {
    if let address = addressText(token) { return address }
    if Self.common.contains(token.lowercased()) { return token }
    // Marks of a sentence around a word are none of it.
    let marks: Set<Character> = [".", ":", "[", "]"]
    let head = token.prefix { marks.contains($0) }
    let rest = token.dropFirst(head.count)
    let core = rest.reversed().drop { marks.contains($0) }.count
    let body = String(rest.prefix(core))
    let isKept = body.isEmpty || Self.common.contains(body.lowercased())
    return head + (isKept ? body : addressText(body) ?? word(body)) + rest.dropFirst(core)
  }

  /// A text as long as the given one, in bytes, with pseudonyms in it.
  package func fitted(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    let result = Array(self.text(text).utf8.prefix(count))
    return result + [UInt8](repeating: UInt8(ascii: "x"), count: count - result.count)
  }

  /// Whether a name says no more than what it names: letters, and `v` with a number, as in `/join` and `/v2`.
  static func isPlain(_ text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    let isLetter = { (byte: UInt8) in (0x41...0x5A).contains(byte & 0xDF) }
    if bytes.first == UInt8(ascii: "v"), (2...4).contains(bytes.count),
      bytes.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
    {
      return true
    }
    return bytes.count <= 24 && bytes.allSatisfy { isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }

  // MARK: Addresses

  /// One end of a connection, at the address that stands for its own; ports stay.
  package func endpoint(_ endpoint: Endpoint) -> Endpoint {
    Endpoint(address: address(endpoint.address), port: endpoint.port)
  }

  /// What stands for an address: one whose text is as long.
  package func address(_ address: InternetAddress) -> InternetAddress {
    if let known = addresses[address] { return known }
    if address.isVersion6, address.high == 0, address.low >> 32 == 0xFFFF {
      // The text of one that holds an IPv4 address shows that one.
      let inner = self.address(InternetAddress(version4: UInt32(truncatingIfNeeded: address.low)))
      return InternetAddress(high: 0, low: 0xFFFF << 32 | inner.low)
    }
    var candidate = address
    for attempt in 0..<Self.attempts {
      candidate = address.isVersion6 ? shaped6(address, attempt) : shaped4(address, attempt)
      if candidate != address, !addressesInUse.contains(candidate), addresses[candidate] == nil { break }
    }
    if addresses.count < Self.tableLimit {
      addresses[address] = candidate
      addressesInUse.insert(candidate)
    }
    return candidate
  }

  private func shaped4(_ address: InternetAddress, _ attempt: Int) -> InternetAddress {
    let noise = digest("address \(attempt)", Array("\(address)".utf8))
    var value: UInt32 = 0
    for index in 0..<4 {
      let octet = UInt8(truncatingIfNeeded: address.low >> UInt64(24 - 8 * index))
      let random = Int(noise[2 * index]) << 8 | Int(noise[2 * index + 1])
      var picked =
        switch octet {
        case 0...9: 1 + random % 9
        case 10...99: 10 + random % 90
        // The first byte names no multicast group.
        default: 100 + random % (index == 0 ? 124 : 156)
        }
      if index == 0, picked == 127 { picked = 128 }
      value = value << 8 | UInt32(picked)
    }
    return InternetAddress(version4: value)
  }

  private func shaped6(_ address: InternetAddress, _ attempt: Int) -> InternetAddress {
    let noise = digest("address \(attempt)", Array("\(address)".utf8))
    var halves: [UInt64] = [0, 0]
    for index in 0..<8 {
      let half = index < 4 ? address.high : address.low
      let group = UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
      let random = UInt16(noise[2 * index]) << 8 | UInt16(noise[2 * index + 1])
      var picked: UInt16 = 0
      if group != 0 {
        let digits = (16 - group.leadingZeroBitCount + 3) / 4
        let lowest: UInt16 = digits == 1 ? 1 : 1 << UInt16(4 * (digits - 1))
        let highest: UInt16 = digits == 4 ? (index == 0 ? 0x3FFF : 0xFFFE) : (1 << UInt16(4 * digits)) - 1
        let floor: UInt16 = digits == 4 && index == 0 ? 0x2000 : lowest
        picked = floor + random % (highest - floor + 1)
      }
      halves[index / 4] = halves[index / 4] << 16 | UInt64(picked)
    }
    return InternetAddress(high: halves[0], low: halves[1])
  }

  /// A text that is an address, with or without a port, with the pseudonym in it; nil if it is none.
  package func addressText(_ text: String) -> String? {
    if let address = InternetAddress(text: text) { return self.address(address).description }
    guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else {
      guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
      return InternetAddress(text: String(text.dropFirst().dropLast())).map { "[\(address($0))]" }
    }
    let host = text[..<colon]
    let port = text[colon...]
    if host.hasPrefix("["), host.hasSuffix("]") {
      return InternetAddress(text: String(host.dropFirst().dropLast())).map { "[\(address($0))]\(port)" }
    }
    guard let address = InternetAddress(text: String(host)), !address.isVersion6 else { return nil }
    return "\(self.address(address))\(port)"
  }
}

extension InternetAddress {
  /// The address that a text is; nil if it is none.
  init?(text: String) {
    guard (3...45).contains(text.utf8.count) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    func value(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(version4: UInt32(value(0..<4)))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(high: value(0..<8), low: value(8..<16))
    } else {
      return nil
    }
  }

  /// Its bytes as they stand in a packet.
  var networkBytes: [UInt8] {
    var bytes: [UInt8] = []
    for half in isVersion6 ? [high, low] : [low << 32] {
      for shift in stride(from: UInt64(56), through: isVersion6 ? 0 : 32, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: half >> shift))
      }
    }
    return bytes
  }
}
