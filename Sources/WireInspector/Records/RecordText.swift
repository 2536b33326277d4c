import Negotiation

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

  /// A whole payload in lines: its text, or sixteen bytes in hexadecimal a line with their offset.
  static func whole(_ payload: RawSpan, _ charset: TextCharset, columns: Int, _ line: (String) -> Void) {
    guard let text = Self.text(payload, charset) else {
      var offset = 0
      while offset < payload.byteCount {
        let part = payload.extracting(offset..<min(offset + 16, payload.byteCount))
        let place = String(offset, radix: 16)
        line(String(repeating: "0", count: max(0, 6 - place.count)) + place + "  " + hexadecimal(part))
        offset += 16
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
