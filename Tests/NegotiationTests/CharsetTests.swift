import FoundationEssentials
import Negotiation
import Testing

/// The index of GBK as the file has it.
enum GBKIndexFile {
  /// Code points by pair.
  static let points: [Int: UInt32] = {
    let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    guard let data = FileManager.default.contents(atPath: "/\(path)/vectors/gbk-index.txt") else { return [:] }
    var points: [Int: UInt32] = [:]
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      if words.count == 2, let pair = Int(words[0], radix: 16), let point = UInt32(words[1], radix: 16) {
        points[pair] = point
      }
    }
    return points
  }()
}

@Suite("Charsets")
struct CharsetTests {
  static func fault(_ charset: Charset, _ bytes: [UInt8]) -> Int? {
    do throws(CharsetError) {
      _ = try charset.decode(bytes)
      return nil
    } catch {
      return error.code == .malformed ? error.offset : -1
    }
  }

  @Test("The index file is there whole")
  func indexFile() {
    #expect(GBKIndexFile.points.count == 21_873)
  }

  @Test("All 65,536 pairs of bytes decode as the index says")
  func allPairs() throws {
    let points = GBKIndexFile.points
    var wrong: [Int] = []
    for pair in 0..<0x10000 {
      let lead = UInt8(pair >> 8)
      let trail = UInt8(pair & 255)
      let single: (UInt8) -> UInt32? = { $0 < 0x80 ? UInt32($0) : $0 == 0x80 ? 0x20AC : nil }
      let expected: [UInt32]? =
        if let first = single(lead) { single(trail).map { [first, $0] } } else { points[pair].map { [$0] } }
      let decoded = try? Charset.gbk.decode([lead, trail]).unicodeScalars.map(\.value)
      if decoded != expected { wrong.append(pair) }
      let offset: Int? = expected == nil ? (single(lead) == nil ? 0 : 1) : nil
      if Self.fault(.gbk, [lead, trail]) != offset { wrong.append(pair) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("All scalar values of the BMP encode as the index says, the lowest pair first")
  func allScalars() throws {
    var lowest: [UInt32: Int] = [:]
    for (pair, point) in GBKIndexFile.points { lowest[point] = min(pair, lowest[point] ?? pair) }
    var wrong: [UInt32] = []
    for value in UInt32(0)..<0x10000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected: [UInt8]? =
        switch value {
        case 0..<0x80: [UInt8(value)]
        case 0x20AC: [0x80]
        default: lowest[value].map { [UInt8($0 >> 8), UInt8($0 & 255)] }
        }
      if (try? Charset.gbk.encode(String(Character(scalar)))) != expected { wrong.append(value) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("What GBK lacks is named, with the number of scalar values before it")
  func unencodable() throws {
    let error = try #require(throws: CharsetError.self) { try Charset.gbk.encode("你e\u{301}😀") }
    #expect(error.code == .unencodable)
    #expect(error.offset == 2)
    #expect(error.scalar == "\u{301}")
    #expect(error.reason == "gbk has no U+0301, the character at offset 2")
  }

  @Test(
    "Where GBK breaks",
    arguments: [
      ([0xFF], 0), ([0x41, 0xFF], 1), ([0x81], 0), ([0xC4, 0xE3, 0xBA], 2), ([0x81, 0x39], 0), ([0x81, 0x7F], 0),
      ([0x81, 0xFF], 0), ([0xA1, 0x40], 0), ([0x81, 0x30, 0x81, 0x30], 0), ([0x80, 0x80, 0xFE, 0xFE], 2),
    ])
  func gbkFaults(bytes: [UInt8], offset: Int) {
    #expect(Self.fault(.gbk, bytes) == offset)
  }

  @Test("Every scalar value survives UTF-8")
  func allUTF8() throws {
    var text = String.UnicodeScalarView()
    for value in stride(from: UInt32(0), to: 0x110000, by: 7) {
      if let scalar = Unicode.Scalar(value) { text.append(scalar) }
    }
    let bytes = try Charset.utf8.encode(String(text))
    #expect(try Charset.utf8.decode(bytes).unicodeScalars.elementsEqual(text))
  }

  @Test(
    "Every sequence of three bytes is judged as the standard library judges it, behind each lead",
    arguments: 0x80...0xFF)
  func threeBytes(lead: Int) {
    var wrong: [[UInt8]] = []
    for second in stride(from: 0, to: 256, by: 3) {
      for third in [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE4, 0xFF] {
        let bytes = [UInt8(lead), UInt8(second), UInt8(third), 0x80]
        for count in 1...4 {
          let part = Array(bytes.prefix(count))
          if (Self.fault(.utf8, part) == nil) != (String(validating: part, as: UTF8.self) != nil) { wrong.append(part) }
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(
    "Where UTF-8 breaks",
    arguments: [
      ([0x80], 0), ([0x61, 0xBF], 1), ([0xC3], 0), ([0xC3, 0x41], 0), ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0),
      ([0xE0, 0x9F, 0xBF], 0), ([0xED, 0xA0, 0x80], 0), ([0xEF, 0xBB, 0xBF, 0xE4, 0xBD], 3),
      ([0xF0, 0x8F, 0xBF, 0xBF], 0),
      ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
      ([0xE4, 0xBD, 0xA0, 0xE5, 0xA5], 3), ([0xE4, 0xBD, 0xA0, 0xA0], 3),
    ])
  func utf8Faults(bytes: [UInt8], offset: Int) {
    #expect(Self.fault(.utf8, bytes) == offset)
  }

  @Test("A byte order mark stays")
  func byteOrderMark() throws {
    #expect(try Charset.utf8.decode([0xEF, 0xBB, 0xBF, 0x41]).unicodeScalars.elementsEqual(["\u{FEFF}", "A"]))
  }
}
