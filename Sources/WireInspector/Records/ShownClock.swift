import Glibc

/// The clock by which times of day are shown.
package struct ShownClock: Sendable, Equatable {
  private enum Zone: Equatable {
    /// Seconds east of UTC.
    case fixed(Int64)
    /// What the C library knows of the zone of this process.
    case process
  }

  /// What it is called, for a heading. Letters, digits and `+-_/:` only.
  package let name: String
  private let zone: Zone

  /// The clock that is used where nobody asked for another.
  package static let utc = ShownClock(name: "UTC", zone: .fixed(0))

  private init(name: String, zone: Zone) {
    self.name = name
    self.zone = zone
  }

  /// Takes the name of a time zone. One of the zone database becomes the zone of this process (the variable `TZ`), so there should be
  /// one of these, made before anything else asks for the local time.
  ///
  /// - Parameter text: `utc`, `local`, an offset as `+08:00` or `-0330`, or a name of the system's zone database as `Asia/Shanghai`.
  /// - Throws: When it is none of these.
  package init(_ text: String) throws(InspectionError) {
    switch text.lowercased() {
    case "utc", "z":
      self = .utc
      return
    case "local":
      tzset()
      self.init(name: "local", zone: .process)
      return
    default: break
    }
    if let seconds = Self.offset(text) {
      self.init(name: text, zone: .fixed(seconds))
      return
    }
    guard Self.isKnown(text) else {
      throw InspectionError(
        message:
          "there is no time zone \"\(text)\" in \(Self.folder); name one as Asia/Shanghai, an offset as +08:00, local or utc"
      )
    }
    setenv("TZ", ":" + text, 1)
    tzset()
    self.init(name: text, zone: .process)
  }

  /// The time of day with microseconds.
  ///
  /// - Parameter time: Nanoseconds since 1970-01-01T00:00:00Z; nil is shown as dashes.
  func timeOfDay(_ time: Int64?) -> String { RecordText.clock(time, east: time.map(east) ?? 0) }

  /// The day as ISO 8601 has it.
  ///
  /// - Parameter time: Nanoseconds since 1970-01-01T00:00:00Z.
  func date(_ time: Int64) -> String {
    let (local, overflow) = time.addingReportingOverflow(east(time) * 1_000_000_000)
    return RecordText.date(overflow ? time : local)
  }

  /// Seconds east of UTC at a time.
  ///
  /// - Parameter time: Nanoseconds since 1970-01-01T00:00:00Z.
  func east(_ time: Int64) -> Int64 {
    switch zone {
    case .fixed(let seconds): return seconds
    case .process:
      var parts = tm()
      // A time before 1970 belongs to the second that began before it.
      var second = time_t(time / 1_000_000_000 - (time % 1_000_000_000 < 0 ? 1 : 0))
      return localtime_r(&second, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
    }
  }

  /// The seconds of an offset: a sign, two digits for hours, and two for minutes or none, with a colon or without; less than a day.
  private static func offset(_ text: String) -> Int64? {
    var digits = Array(text.utf8)
    guard let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    digits.removeFirst()
    if digits.count == 5, digits[2] == UInt8(ascii: ":") { digits.remove(at: 2) }
    guard digits.count == 2 || digits.count == 4, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let values = digits.map { Int64($0) - 0x30 }
    let hours = values[0] * 10 + values[1]
    let minutes = values.count == 4 ? values[2] * 10 + values[3] : 0
    guard hours < 24, minutes < 60 else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  /// Where the system's zone database is.
  private static var folder: String {
    getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
  }

  /// Whether the zone database has a zone with this name. The C library would take an unknown one for UTC and say nothing.
  private static func isKnown(_ name: String) -> Bool {
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), 0x30...0x39: true
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/"): true
      default: false
      }
    }
    guard isName, !name.isEmpty, name.first != "/" else { return false }
    let descriptor = open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var beginning = [UInt8](repeating: 0, count: 4)
    guard read(descriptor, &beginning, 4) == 4 else { return false }
    // RFC 8536 §3.1: how such a file begins.
    return beginning == Array("TZif".utf8)
  }
}
