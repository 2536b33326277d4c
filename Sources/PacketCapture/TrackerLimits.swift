/// What following packets may hold in memory, and how long it waits. Reaching a limit is a finding.
package struct TrackerLimits: Sendable {
  /// TCP connections followed at the same time.
  package var connections = 131_072
  /// Bytes of one direction that wait for a missing segment.
  package var heldBytes = 4 << 20
  /// Segments of one direction that wait for a missing segment.
  package var heldSegments = 8192
  /// Bytes of all connections that wait.
  package var totalHeldBytes = 16 << 20
  /// Delivered bytes, of all connections, that late copies are compared with.
  package var recentBytes = 2 << 20
  /// Packets of a connection to wait for bytes that the other end has acknowledged.
  package var patiencePackets = 64
  /// Nanoseconds to wait for bytes that the other end has acknowledged.
  package var patienceTime: Int64 = 1_000_000_000
  /// Segments without a SYN before them that wait for an earlier one.
  package var gatheredSegments = 6
  /// Nanoseconds that segments without a SYN before them wait.
  package var gatheringTime: Int64 = 200_000_000
  /// A segment further than this from the next byte belongs to something else.
  package var maximumJump = 64 << 20
  /// Packets and nanoseconds that a closed connection is remembered for late copies.
  package var lingerPackets = 4096
  package var lingerTime: Int64 = 5_000_000_000

  /// Nanoseconds after a reset in which bytes that were on their way may still come.
  package var resetTime: Int64 = 500_000_000
  package var resetPackets = 512

  package init() {}
}
