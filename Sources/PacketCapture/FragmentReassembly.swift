/// Puts fragmented IP datagrams together, in any order of arrival, within bounds.
struct FragmentReassembly {
  /// Datagrams that are incomplete at the same time at most; the oldest is given up for a new one.
  static let maximumDatagrams = 64
  /// Fragments of one datagram at most.
  static let maximumFragments = 1024
  /// Datagrams that lack fragments are given up after this many packets of any kind.
  static let patience = 4096
  /// An IP datagram cannot be longer.
  private static let maximumLength = 65_535

  private struct Key: Hashable {
    var source: InternetAddress
    var destination: InternetAddress
    var identification: UInt32
    var transport: UInt8
  }

  private struct Fragment {
    var offset: Int
    var bytes: [UInt8]
    var end: Int { offset + bytes.count }
  }

  private struct Datagram {
    var key: Key
    var firstPacket: Int
    var header: InternetPacket
    var length: Int?
    /// Sorted, without overlap.
    var fragments: [Fragment] = []
    var count: Int { fragments.reduce(0) { $0 + $1.bytes.count } }
  }

  private var datagrams: [Datagram] = []
  /// Datagrams that were completed last: their duplicates are not the start of new ones.
  private var completed: [Key] = []
  private var nextCompleted = 0
  private(set) var findings: [PacketFinding] = []

  /// Whether nothing waits.
  var isIdle: Bool { datagrams.isEmpty && findings.isEmpty }

  /// Adds a fragment. When it completes its datagram, gives the data and a header that describes them.
  mutating func add(_ packet: InternetPacket, _ bytes: RawSpan, number: Int) -> (InternetPacket, [UInt8])? {
    let key = Key(
      source: packet.source, destination: packet.destination, identification: packet.identification,
      transport: packet.transport)
    guard packet.fragmentOffset + packet.data.count <= Self.maximumLength else {
      findings.append(PacketFinding(.badLength, count: packet.data.count))
      return nil
    }
    let index: Int
    // A linear search: there are 64 at most, usually none. IPv6 names the transport in the first fragment only for sure.
    if let known = datagrams.firstIndex(where: { $0.key == key }) {
      index = known
    } else {
      if completed.contains(key) { return nil }
      // Tunnels over UDP are rarer than other traffic over it, which must not cost segments.
      if datagrams.count == Self.maximumDatagrams {
        giveUp(at: datagrams.firstIndex { $0.key.transport == Tunnel.userDatagram } ?? 0)
      }
      datagrams.append(Datagram(key: key, firstPacket: number, header: packet))
      index = datagrams.count - 1
    }
    let overlap = Self.insert(packet, bytes, into: &datagrams[index])
    if overlap > 0 { findings.append(PacketFinding(.fragmentOverlap, count: overlap)) }
    guard let length = datagrams[index].length, datagrams[index].fragments.count <= Self.maximumFragments else {
      if datagrams[index].fragments.count > Self.maximumFragments { giveUp(at: index) }
      return nil
    }
    guard let first = datagrams[index].fragments.first, first.offset == 0, isWhole(datagrams[index], length) else {
      return nil
    }
    let datagram = datagrams.remove(at: index)
    remember(key)
    var data: [UInt8] = []
    data.reserveCapacity(length)
    for fragment in datagram.fragments { data += fragment.bytes }
    data.removeLast(max(0, data.count - length))
    var header = datagram.header
    header.data = 0..<data.count
    header.wireLength = data.count
    header.fragmentOffset = 0
    header.hasMoreFragments = false
    return (header, data)
  }

  /// Gives up datagrams that have waited too long; all with `number` at its maximum.
  mutating func expire(before number: Int) {
    while let first = datagrams.first, number - first.firstPacket > Self.patience { giveUp(at: 0) }
  }

  /// Takes the findings out.
  mutating func takeFindings() -> [PacketFinding] {
    defer { findings.removeAll() }
    return findings
  }

  /// Adds what is new of a fragment, and gives the number of bytes that were there already (0 for the very same fragment again).
  private static func insert(_ packet: InternetPacket, _ bytes: RawSpan, into datagram: inout Datagram) -> Int {
    var start = packet.fragmentOffset
    let end = start + packet.data.count
    // A cut fragment cannot complete anything: what it lacks stays missing.
    if !packet.hasMoreFragments, datagram.length == nil { datagram.length = start + packet.wireLength }
    if packet.fragmentOffset == 0 {
      datagram.header = packet
    }
    var overlap = 0
    var pieces: [Fragment] = []
    for known in datagram.fragments where known.end > start && known.offset < end {
      if known.offset > start {
        pieces.append(Fragment(offset: start, bytes: copy(packet, bytes, start..<known.offset)))
      }
      overlap += min(known.end, end) - max(known.offset, start)
      start = max(start, known.end)
    }
    if start < end { pieces.append(Fragment(offset: start, bytes: copy(packet, bytes, start..<end))) }
    // The very same fragment again is a duplicate, not an overlap.
    let isDuplicate =
      pieces.isEmpty
      && datagram.fragments.contains {
        $0.offset == packet.fragmentOffset && $0.end == end
      }
    datagram.fragments += pieces
    datagram.fragments.sort { $0.offset < $1.offset }
    return isDuplicate ? 0 : overlap
  }

  private static func copy(_ packet: InternetPacket, _ bytes: RawSpan, _ range: Range<Int>) -> [UInt8] {
    let shift = packet.data.lowerBound - packet.fragmentOffset
    return bytes.copied(range.lowerBound + shift..<range.upperBound + shift)
  }

  private func isWhole(_ datagram: Datagram, _ length: Int) -> Bool {
    var reached = 0
    for fragment in datagram.fragments {
      guard fragment.offset == reached else { return false }
      reached = fragment.end
      if reached >= length { return true }
    }
    return reached >= length
  }

  private mutating func remember(_ key: Key) {
    if completed.count < 16 {
      completed.append(key)
    } else {
      completed[nextCompleted] = key
      nextCompleted = (nextCompleted + 1) % completed.count
    }
  }

  private mutating func giveUp(at index: Int) {
    if datagrams[index].key.transport != Tunnel.userDatagram {
      findings.append(PacketFinding(.fragmentLost, count: datagrams[index].count))
    }
    datagrams.remove(at: index)
  }
}
