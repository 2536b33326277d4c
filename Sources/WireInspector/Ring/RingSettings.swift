/// How far the surroundings of an incident reach: packets of its connection, or time.
package enum RingSpan: Sendable, Equatable {
  case packets(Int)
  /// Nanoseconds.
  case time(Int64)

  private static let units: [(suffix: String, nanoseconds: Int64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000),
  ]

  /// The longest time: a day.
  private static let longest: Int64 = 86_400_000_000_000

  /// Takes `200` (packets), or a time as `500ms`, `2s`, `1.5s` or `1min`, of a day at most; nil for anything else.
  package init?(_ text: String) {
    if let count = Int(text) {
      guard (0...1_000_000).contains(count) else { return nil }
      self = .packets(count)
      return
    }
    // "min" before "s" and "ms" cannot be taken for one another: none ends like another but "ms", which comes first.
    guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
      let value = Double(text.dropLast(unit.suffix.count)), value >= 0,
      value * Double(unit.nanoseconds) <= Double(Self.longest)
    else { return nil }
    self = .time(Int64((value * Double(unit.nanoseconds)).rounded()))
  }
}

/// What is kept of the packets around violations and slow calls: `inspect --ring`.
package struct RingSettings: Sendable {
  /// The folder of the files.
  package var folder: String
  /// What is kept of the connection from before the incident, and of what comes after it.
  package var before = RingSpan.packets(100)
  package var after = RingSpan.packets(50)
  /// A call that takes longer is an incident. Nanoseconds.
  package var slow: Int64 = 1_000_000_000
  /// Bytes of all files, and how many there are, at most.
  package var bytes = 256 << 20
  package var files = 100
  /// Bytes of packets in memory at most: those held back, and those of incidents that are not over.
  package var memory = 64 << 20

  package init(folder: String) { self.folder = folder }

  /// Bytes of one file at most. A quarter of the room, so that there is always more than one incident.
  var fileBytes: Int { min(bytes, memory) / 4 }
  /// Bytes of packets that are held back because something may happen.
  var historyBytes: Int { memory / 2 }
  /// Bytes of the beginnings of connections.
  var openingBytes: Int { memory / 4 }
}
