import Negotiation
import TLSRecords

/// Parts of records as people read them.
enum RecordText {
  static func name(_ kind: FrameKind) -> String {
    switch kind {
    case .message: "send"
    case .request: "call"
    case .response: "answer"
    case .displacement: "displace"
    case .acknowledgement: "ack"
    }
  }

  /// The time of day with microseconds, at so many seconds east of UTC, less than a day.
  static func clock(_ time: Int64?, east: Int64 = 0) -> String {
    guard let time else { return "--:--:--.------" }
    let second: Int64 = 1_000_000_000
    let day: Int64 = 86_400 * second
    let inDay = ((time % day) + day + east * second + day) % day
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let micros = String(inDay % second / 1000)
    return "\(two(inDay / (3600 * second))):\(two(inDay / (60 * second) % 60)):\(two(inDay / second % 60))."
      + String(repeating: "0", count: 6 - micros.count) + micros
  }

  /// The day in UTC as ISO 8601 has it. The algorithm is Howard Hinnant's civil_from_days.
  static func date(_ time: Int64) -> String {
    let day: Int64 = 86_400_000_000_000
    let days = time / day - (time % day < 0 ? 1 : 0)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civilMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(two(civilMonth))-\(two(dayOfYear - (153 * month + 2) / 5 + 1))"
  }

  /// The beginning of a payload: as text in quotes where it is text, else in hexadecimal.
  static func excerpt(_ payload: RawSpan, _ charset: TextCharset, columns: Int) -> String {
    guard payload.byteCount > 0, columns > 4 else { return "" }
    // A column takes four bytes at most.
    if let text = Self.text(payload, charset, atMost: columns * 4) {
      return "\"" + TerminalText.cut(TerminalText.escaped(text), to: columns - 2) + "\""
    }
    let room = max(1, (columns - 1) / 3)
    let shown = min(payload.byteCount, payload.byteCount > room ? room - 1 : room)
    let text = hexadecimal(payload.extracting(first: max(0, shown)))
    return shown < payload.byteCount ? text + " …" : text
  }

  /// A whole payload in lines: its text, or bytes in hexadecimal, sixteen a line where they fit, with their offset.
  static func whole(_ payload: RawSpan, _ charset: TextCharset, columns: Int, _ line: (String) -> Void) {
    guard let text = Self.text(payload, charset) else {
      let perLine = [16, 8].first { 7 + 3 * $0 <= columns } ?? 4
      var offset = 0
      while offset < payload.byteCount {
        let part = payload.extracting(offset..<min(offset + perLine, payload.byteCount))
        let place = String(offset, radix: 16)
        line(String(repeating: "0", count: max(0, 6 - place.count)) + place + "  " + hexadecimal(part))
        offset += perLine
      }
      return
    }
    TerminalText.fold(TerminalText.escaped(text), to: columns, line)
  }

  /// Bytes as pairs of digits.
  static func hexadecimal(_ bytes: RawSpan) -> String {
    let digits = Array("0123456789abcdef")
    var text = ""
    for index in 0..<bytes.byteCount {
      let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      if index > 0 { text += " " }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// The text of a payload, of its first bytes where there is a limit; nil where it is not text or holds control characters other than
  /// TAB, CR and LF.
  static func text(_ payload: RawSpan, _ charset: TextCharset, atMost limit: Int = .max) -> String? {
    var bytes = payload.extracting(first: min(payload.byteCount, limit)).withUnsafeBytes { Array($0) }
    let isCut = bytes.count < payload.byteCount
    // A character that was cut at the end is left out.
    for _ in 0..<4 {
      switch charset {
      case .utf8: if let text = try? Charset.utf8.decode(bytes), isReadable(text) { return text }
      case .gbk: if let text = try? Charset.gbk.decode(bytes), isReadable(text) { return text }
      case .unknown: return nil
      }
      guard isCut, !bytes.isEmpty else { return nil }
      bytes.removeLast()
    }
    return nil
  }

  private static func isReadable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\t" || $0 == "\n" || $0 == "\r" || $0.value >= 0x20 && $0.value != 0x7F }
  }
}

extension SummaryRecord {
  /// The counts for people.
  var text: String {
    [
      CountText.of(packets, "packet") + lossText, CountText.of(bytes, "byte"), CountText.of(connections, "connection"),
      CountText.of(frames, "frame"), CountText.of(calls, "call"), CountText.of(findings, "finding"),
    ].joined(separator: ", ")
  }
}

extension TLSSession {
  /// What a handshake said, for people; from outside, so to be escaped.
  var facts: [String] {
    var facts = [version.map { $0.hasPrefix("1") ? "TLS \($0)" : $0 } ?? "TLS"]
    if let cipher { facts.append(cipher) }
    if let serverName { facts.append("for \(serverName)") }
    if let applicationProtocol { facts.append(applicationProtocol) }
    return facts
  }
}
