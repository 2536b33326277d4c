import Specification

/// The records of a page as data: arrays of JSON, a line each, in script elements that nothing runs.
///
/// Each array begins with its ``Kind``, the connection, the nanoseconds since the first record that has a time, the first packet, and how
/// many packets behind that the last one is; each may be null. Payloads are cut, so that a page has a size that browsers open.
struct HTMLIsland {
  /// What an array is about: its first element.
  enum Kind: Int64 {
    case frame, control, call, finding, connection, message, clock, summary
  }

  /// How large a page may become.
  struct Limits {
    /// Bytes of records; of what comes then, only the number is written.
    var records = 128 << 20
    /// Bytes by which findings and connections may go beyond that.
    var reserve = 16 << 20
    /// Bytes of a payload that are written, as long as there is an allowance.
    var payload = 2048
    /// The allowance: bytes of all payloads as they are written.
    var payloads = 16 << 20
    /// Bytes of a payload that are written afterwards.
    var shortPayload = 64
  }

  /// A new element begins after so many bytes: what a reader takes in one go.
  private static let pieceBytes = 1 << 19

  private static let digits = Array("0123456789abcdef".utf8)

  private let output: OutputBuffer
  private let clock: ShownClock
  private let limits: Limits
  private var row: [UInt8] = []
  private var isWanted = true
  private var written = 0
  private var writtenPayloads = 0
  /// Bytes of the element that is open, nil without one.
  private var piece: Int?
  private var origin: Int64?
  private var east: Int64?

  /// Records that had no place.
  private(set) var leftOut = 0

  init(output: OutputBuffer, clock: ShownClock, limits: Limits) {
    self.output = output
    self.clock = clock
    self.limits = limits
  }

  // MARK: A record

  mutating func begin(_ kind: Kind, _ place: RecordPlace) {
    switch kind {
    case .frame, .control, .call, .message: isWanted = written < limits.records
    case .finding, .connection: isWanted = written < limits.records + limits.reserve
    case .clock, .summary: isWanted = true
    }
    guard isWanted else {
      leftOut += 1
      return
    }
    if let time = place.time { setClock(at: time) }
    open(kind)
    number(place.connection.map(Int64.init))
    time(place.time)
    number(place.packets.map { Int64($0.lowerBound) })
    number(place.packets.map { Int64($0.upperBound - $0.lowerBound) })
  }

  mutating func end() {
    guard isWanted else { return }
    row.append(UInt8(ascii: "]"))
    if let used = piece, used > Self.pieceBytes { finish() }
    output.text(piece == nil ? "<script type=\"application/json\">[\n" : ",\n")
    row.withUnsafeBufferPointer { output.bytes($0) }
    piece = (piece ?? 0) + row.count
    written += row.count
  }

  /// Ends the data.
  mutating func finish() {
    guard piece != nil else { return }
    output.text("\n]</script>\n")
    piece = nil
  }

  // MARK: Its fields

  mutating func number(_ value: Int64?) {
    guard isWanted else { return }
    row.append(UInt8(ascii: ","))
    if let value { row += String(value).utf8 } else { row += "null".utf8 }
  }

  /// A time, as nanoseconds since the first one.
  mutating func time(_ value: Int64?) {
    number(value.map { $0.subtractingReportingOverflow(origin ?? 0).partialValue })
  }

  /// Who sent it: 0 the client, 1 the server.
  mutating func role(_ value: PeerRole?) { number(value.map { $0 == .client ? 0 : 1 }) }

  /// A text of any origin.
  mutating func text(_ value: String?) {
    guard isWanted else { return }
    guard let value else { return number(nil) }
    row.append(UInt8(ascii: ","))
    string(TerminalText.escaped(value))
  }

  /// Names with what they stand for.
  mutating func pairs(_ values: [(String, String)]) {
    guard isWanted else { return }
    row += ",[".utf8
    for (index, pair) in values.enumerated() {
      if index > 0 { row.append(UInt8(ascii: ",")) }
      string(TerminalText.escaped(pair.0))
      row.append(UInt8(ascii: ","))
      string(TerminalText.escaped(pair.1))
    }
    row.append(UInt8(ascii: "]"))
  }

  /// The beginning of a payload, in two fields: how it is written (1: as text, otherwise in hexadecimal; 2: it is cut), and the text.
  ///
  /// - Parameter isCut: Whether the payload itself is only a beginning.
  mutating func payload(_ payload: RawSpan, _ charset: TextCharset, isCut: Bool = false) {
    guard isWanted else { return }
    let limit = writtenPayloads < limits.payloads ? limits.payload : limits.shortPayload
    let before = row.count
    if let text = RecordText.text(payload, charset, atMost: limit) {
      number((isCut || payload.byteCount > limit ? 2 : 0) + 1)
      row.append(UInt8(ascii: ","))
      string(TerminalText.escaped(text))
    } else {
      // Two digits a byte.
      number(isCut || payload.byteCount > limit / 2 ? 2 : 0)
      row += ",\"".utf8
      for index in 0..<min(payload.byteCount, limit / 2) {
        let byte = payload.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        row.append(Self.digits[Int(byte >> 4)])
        row.append(Self.digits[Int(byte & 15)])
      }
      row.append(UInt8(ascii: "\""))
    }
    writtenPayloads += row.count - before
  }

  // MARK: Parts

  private mutating func open(_ kind: Kind) {
    row.removeAll(keepingCapacity: true)
    row.append(UInt8(ascii: "["))
    row += String(kind.rawValue).utf8
  }

  /// A string of JSON that is inert in a script element, of a text without unseen characters: nothing begins with `<` there, so that no
  /// tag and no comment does.
  private mutating func string(_ text: String) {
    row.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        row.append(UInt8(ascii: "\\"))
        row.append(byte)
      case UInt8(ascii: "<"): row += "\\u003c".utf8
      default: row.append(byte)
      }
    }
    row.append(UInt8(ascii: "\""))
  }

  /// Says what times count from, and how far the clock is east of UTC from here on: it changes within a capture where summer time
  /// begins or ends.
  private mutating func setClock(at time: Int64) {
    let now = clock.east(time)
    guard origin == nil || now != east else { return }
    let origin = origin ?? time
    self.origin = origin
    east = now
    open(.clock)
    // As text: browsers' numbers are not exact to the nanosecond.
    row += ",\"\(origin)\",\(now)".utf8
    end()
  }
}
