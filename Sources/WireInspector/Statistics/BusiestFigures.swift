/// The figures of connections or protocolIds, as many as are kept apart. When there are too many, those with the fewest bytes are put
/// together, but for those that were used last, which may be about to grow.
struct BusiestFigures<Key: FixedWidthInteger> {
  struct Entry {
    let key: Key
    /// Of a connection.
    var record: ConnectionRecord?
    var figures: TrafficFigures
    /// When it was used last, counted in uses of all.
    var lastUse: Int
  }

  /// How many are kept apart at most.
  private static var capacity: Int { 4096 }
  /// How many keep their latencies, which take several KiB each; the figures of others have none.
  private static var withLatencies: Int { 512 }

  private var entries: [Entry] = []
  /// Where the entry of a key stands.
  private var places: [Key: Int] = [:]
  /// Places that were used lately, by the low bits of their keys: most need not be looked up. What stands there may have moved.
  private var lately = InlineArray<64, Int>(repeating: 0)
  private var latencyKeepers = 0
  private var uses = 0
  /// What those that were put together come to.
  private(set) var rest = TrafficFigures(keepsLatencies: false)
  /// How many were put together; what came again after that counts again.
  private(set) var putAside = 0

  /// Counts something for a key.
  mutating func update(_ key: Key, _ count: (inout TrafficFigures) -> Void) {
    change(key) { count(&$0.figures) }
  }

  /// Remembers whose figures they are.
  mutating func note(_ record: ConnectionRecord, for key: Key) {
    change(key) { $0.record = record }
  }

  private mutating func change(_ key: Key, _ body: (inout Entry) -> Void) {
    uses += 1
    let place = place(of: key)
    body(&entries[place])
    entries[place].lastUse = uses
  }

  private mutating func place(of key: Key) -> Int {
    let index = Int(truncatingIfNeeded: key) & 63
    let guess = lately[index]
    if guess < entries.count, entries[guess].key == key { return guess }
    let place = places[key] ?? add(key)
    lately[index] = place
    return place
  }

  /// Makes an entry and gives its place.
  private mutating func add(_ key: Key) -> Int {
    if entries.count >= Self.capacity { putTogether() }
    let keepsLatencies = latencyKeepers < Self.withLatencies
    if keepsLatencies { latencyKeepers += 1 }
    entries.append(
      Entry(key: key, record: nil, figures: TrafficFigures(keepsLatencies: keepsLatencies), lastUse: uses))
    places[key] = entries.count - 1
    return entries.count - 1
  }

  /// All that are kept apart, in the order of their keys.
  var all: [Entry] { entries.sorted { $0.key < $1.key } }

  /// Those with the most bytes, and what all others come to.
  func busiest(_ count: Int) -> (shown: [Entry], others: TrafficFigures) {
    let sorted = entries.sorted { ($0.figures.wireBytes, $1.key) > ($1.figures.wireBytes, $0.key) }
    var others = rest
    for entry in sorted.dropFirst(count) { others.add(entry.figures) }
    return (Array(sorted.prefix(count)), others)
  }

  private mutating func putTogether() {
    let newest = entries.map(\.lastUse).sorted().suffix(Self.capacity / 4).first ?? 0
    let idle = entries.filter { $0.lastUse < newest }.sorted { $0.figures.wireBytes < $1.figures.wireBytes }
    for entry in idle.prefix(entries.count - Self.capacity / 2) {
      rest.add(entry.figures)
      putAside += 1
      if entry.figures.keepsLatencies { latencyKeepers -= 1 }
      places[entry.key] = nil
    }
    entries.removeAll { places[$0.key] == nil }
    for (place, entry) in entries.enumerated() { places[entry.key] = place }
  }
}
