import PacketCapture

/// Packets that are fragments of datagrams, until the one that completes them shows which connection they are of.
struct WaitingFragments<Packet> {
  private var waiting: [(datagrams: [DatagramParts], packet: Packet)] = []

  var count: Int { waiting.count }
  var packets: some Sequence<Packet> { waiting.lazy.map(\.packet) }

  /// Adds a packet.
  ///
  /// - Parameter datagrams: What it is a fragment of, from the outermost of its tunnels on: where it completes one, the next too.
  mutating func append(_ packet: Packet, of datagrams: [DatagramParts]) { waiting.append((datagrams, packet)) }

  mutating func removeFirst(_ count: Int) { waiting.removeFirst(count) }

  /// Takes the packets that belong to the one that completes these datagrams, in their order: its fragments, and those of the packets
  /// that the fragments came in.
  mutating func take(completedBy datagrams: [DatagramParts]) -> [Packet] {
    var names = Set(datagrams)
    var known = 0
    while known != names.count {
      known = names.count
      for each in waiting where each.datagrams.contains(where: names.contains) { names.formUnion(each.datagrams) }
    }
    var taken: [Packet] = []
    waiting.removeAll { each in
      guard each.datagrams.contains(where: names.contains) else { return false }
      taken.append(each.packet)
      return true
    }
    return taken
  }
}
