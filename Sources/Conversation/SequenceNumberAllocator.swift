public import Specification

/// Gives out the serial numbers of one side's calls.
///
/// A client's numbers are even and start at 2, a server's are odd and start at 3; both step by 2. The numbers are 32 bits:
/// after 0xFFFFFFFE a client goes on with 2, after 0xFFFFFFFF a server with 3, so that 0 (one-way) and 1 never come up. A
/// number whose call is still waiting is skipped.
public struct SequenceNumberAllocator: Hashable, Sendable {
  /// The side whose parity the numbers have.
  public let role: PeerRole

  /// The number to try next; always of the own parity, never 0 or 1.
  public private(set) var next: UInt32

  /// Starts at `next`, or at the side's first number. A number of the other parity is moved up to the next of the own.
  public init(role: PeerRole, next: UInt32? = nil) {
    self.role = role
    let first = Self.first(of: role)
    var start = max(next ?? first, 2)
    if start % 2 != first % 2 { start = start == .max ? first : start + 1 }
    self.next = start
  }

  /// The number of a side's first call: 2 for a client, 3 for a server.
  public static func first(of role: PeerRole) -> UInt32 {
    switch role {
    case .client: 2
    case .server: 3
    }
  }

  /// Whether `sn` has the parity of this side's calls. 0 is no serial number of a call and has none.
  public func isOwn(_ sn: UInt32) -> Bool {
    sn != 0 && sn % 2 == Self.first(of: role) % 2
  }

  /// The next number that no waiting call has, or nil when every number is taken.
  mutating func allocate(skipping pending: borrowing PendingCalls) -> UInt32? {
    // The numbers of one parity, without 0 and 1. Fewer calls waiting than numbers: the loop ends.
    guard pending.count < Int(UInt32.max / 2) else { return nil }
    while pending.isPending(next) { step() }
    let sn = next
    step()
    return sn
  }

  private mutating func step() {
    next = next >= UInt32.max - 1 ? Self.first(of: role) : next + 2
  }
}
