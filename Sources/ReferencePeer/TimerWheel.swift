/// The timers of one event loop: a hierarchical timer wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels",
/// 1987) that does no I/O and has no clock. Times are nanoseconds on whatever clock the caller uses, over all of Int64.
///
/// Scheduling, moving and cancelling take constant time, whatever the number of timers. Time is divided into ticks of 2^20 ns
/// (1.05 ms). A timer fires in the first tick that begins at or after its deadline: never early, late by less than a tick
/// plus what the caller is late. A timer whose deadline has passed fires the next time that time advances. Timers of one tick
/// fire in the order in which they were scheduled.
///
/// Level 0 has a slot for each of 64 ticks, level 1 one for each of 64 times 64 ticks, and so on. A timer waits in the level
/// of the highest six-bit digit in which its tick differs from the current one, in the slot of that digit. When time reaches
/// the first tick of a slot above level 0, its timers move down. Eight levels hold every tick of 64-bit time, so that there
/// is no horizon, and slots of a level never wrap: the timers of the lowest level that is not empty all come before those of
/// the levels above it.
struct TimerWheel<Owner> {
  /// A timer that was scheduled. It stays valid until the timer fires or is cancelled; afterwards it stands for nothing.
  struct Entry: Hashable, Sendable {
    fileprivate var node: Int32
    fileprivate var serial: UInt32
  }

  /// The binary logarithm of the nanoseconds of a tick.
  static var tickShift: Int64 { 20 }

  /// The nanoseconds of a tick.
  static var tickLength: Int64 { 1 << tickShift }

  private struct Node {
    var owner: Owner?
    /// The tick in which it fires.
    var tick: UInt64 = 0
    var deadline: Int64 = 0
    /// The neighbours in the slot's ring; of a free node, `next` is the next free one.
    var next: Int32 = TimerWheel.none
    var previous: Int32 = TimerWheel.none
    /// Tells this use of the node from earlier ones.
    var serial: UInt32 = 0
    /// `level * 64 + digit`.
    var slot: UInt16 = 0
  }

  private static var none: Int32 { -1 }
  private static var levelCount: Int { 8 }
  /// Nodes that are kept when no timer is left.
  private static var keptNodes: Int { 1024 }

  /// The current tick: all earlier ones are over.
  private var tick: UInt64
  private var nodes: [Node] = []
  private var free = none
  private var serial: UInt32 = 0
  /// The first timer of each slot.
  private var heads = [Int32](repeating: none, count: levelCount * 64)
  /// For each level, which slots have timers.
  private var occupied = [UInt64](repeating: 0, count: levelCount)

  /// The number of timers that wait.
  private(set) var count = 0

  /// Makes a wheel without timers at a time in nanoseconds.
  init(startingAt now: Int64) {
    tick = Self.tick(of: now)
  }

  /// When to call ``advance(to:into:)`` next; nil when there are no timers.
  ///
  /// The beginning of the tick of the next timer, or earlier, because timers have to move down level by level: at most seven
  /// times, however far away a timer is.
  var nextDueTime: Int64? {
    guard let next = nextOccupied() else { return nil }
    return Self.start(of: next.tick)
  }

  /// When a timer is due, in nanoseconds, as it was scheduled; nil if it has fired or been cancelled.
  func deadline(of entry: Entry) -> Int64? {
    isWaiting(entry) ? nodes[Int(entry.node)].deadline : nil
  }

  /// Adds a timer. The wheel holds `owner` until the timer fires or is cancelled. A deadline in the last tick of 64-bit time,
  /// as `Int64.max` is, never comes.
  mutating func schedule(_ owner: Owner, at deadline: Int64) -> Entry {
    let index: Int32
    if free != Self.none {
      index = free
      free = nodes[Int(index)].next
    } else {
      index = Int32(nodes.count)
      nodes.append(Node())
    }
    serial &+= 1
    nodes[Int(index)].owner = owner
    nodes[Int(index)].serial = serial
    set(index, to: deadline)
    link(index)
    count += 1
    return Entry(node: index, serial: serial)
  }

  /// Moves a timer to another deadline. False if it has fired or been cancelled.
  @discardableResult
  mutating func reschedule(_ entry: Entry, at deadline: Int64) -> Bool {
    guard isWaiting(entry) else { return false }
    unlink(entry.node)
    set(entry.node, to: deadline)
    link(entry.node)
    return true
  }

  /// Takes out a timer and gives back its owner; nil if it has fired or been cancelled.
  @discardableResult
  mutating func cancel(_ entry: Entry) -> Owner? {
    guard isWaiting(entry) else { return nil }
    unlink(entry.node)
    let owner = release(entry.node)
    shrinkIfEmpty()
    return owner
  }

  /// Lets time pass, and appends the owners of the timers that are due to `due`, earliest first.
  ///
  /// Their entries are void from here on, also those that the caller has not come to yet: whoever cancels one of them while
  /// dealing with another gets nil, and has to expect that it is still dealt with. Timers that are scheduled meanwhile fire
  /// in a later call. A time before that of an earlier call changes nothing, but timers that are due fire.
  mutating func advance(to now: Int64, into due: inout [Owner]) {
    let target = max(Self.tick(of: now), tick)
    while let next = nextOccupied(), next.tick <= target {
      tick = next.tick
      if next.level == 0 { fire(slot: next.slot, into: &due) } else { moveDown(slot: next.slot) }
    }
    tick = target
    shrinkIfEmpty()
  }

  // MARK: - Time

  /// Ticks are counted from the earliest time there is, so that they are not negative.
  private static func tick(of time: Int64) -> UInt64 {
    UInt64(bitPattern: time ^ .min) >> UInt64(tickShift)
  }

  /// The first tick that begins at or after a time.
  private static func tick(notBefore time: Int64) -> UInt64 {
    let floor = tick(of: time)
    return time & (tickLength - 1) == 0 ? floor : floor + 1
  }

  /// The time at which a tick begins; the end of time for the one after the last.
  private static func start(of tick: UInt64) -> Int64 {
    let limit: UInt64 = 1 << (64 - UInt64(tickShift))
    return tick < limit ? Int64(bitPattern: tick << UInt64(tickShift)) ^ .min : .max
  }

  /// The slot whose time comes first, and the tick at which it does.
  private func nextOccupied() -> (level: Int, slot: Int, tick: UInt64)? {
    for level in 0..<Self.levelCount where occupied[level] != 0 {
      let digit = occupied[level].trailingZeroBitCount
      let shift = UInt64(6 * level)
      let above = (tick >> (shift + 6)) << 6
      return (level, level << 6 | digit, (above | UInt64(digit)) << shift)
    }
    return nil
  }

  // MARK: - Slots

  private mutating func set(_ index: Int32, to deadline: Int64) {
    nodes[Int(index)].deadline = deadline
    nodes[Int(index)].tick = max(Self.tick(notBefore: deadline), tick)
  }

  /// Puts a node at the end of the ring of the slot in which its tick belongs.
  private mutating func link(_ index: Int32) {
    let place = Int(index)
    let expiry = nodes[place].tick
    let level = (63 - ((expiry ^ tick) | 63).leadingZeroBitCount) / 6
    let digit = Int(truncatingIfNeeded: expiry >> UInt64(6 * level)) & 63
    let slot = level << 6 | digit
    nodes[place].slot = UInt16(slot)
    let head = heads[slot]
    if head == Self.none {
      heads[slot] = index
      occupied[level] |= 1 << UInt64(digit)
      nodes[place].next = index
      nodes[place].previous = index
    } else {
      let last = nodes[Int(head)].previous
      nodes[place].next = head
      nodes[place].previous = last
      nodes[Int(last)].next = index
      nodes[Int(head)].previous = index
    }
  }

  private mutating func unlink(_ index: Int32) {
    let slot = Int(nodes[Int(index)].slot)
    let next = nodes[Int(index)].next
    if next == index {
      clear(slot: slot)
      return
    }
    let previous = nodes[Int(index)].previous
    nodes[Int(previous)].next = next
    nodes[Int(next)].previous = previous
    if heads[slot] == index { heads[slot] = next }
  }

  private mutating func clear(slot: Int) {
    heads[slot] = Self.none
    occupied[slot >> 6] &= ~(1 << UInt64(slot & 63))
  }

  /// Gives the owners in a slot of level 0, whose tick is the current one.
  private mutating func fire(slot: Int, into due: inout [Owner]) {
    var index = heads[slot]
    let first = index
    clear(slot: slot)
    repeat {
      let next = nodes[Int(index)].next
      if let owner = release(index) { due.append(owner) }
      index = next
    } while index != first
  }

  /// Puts the timers in a slot, whose first tick is the current one, into the levels below.
  private mutating func moveDown(slot: Int) {
    var index = heads[slot]
    let first = index
    clear(slot: slot)
    repeat {
      let next = nodes[Int(index)].next
      link(index)
      index = next
    } while index != first
  }

  // MARK: - Nodes

  private func isWaiting(_ entry: Entry) -> Bool {
    let place = Int(entry.node)
    return place < nodes.count && nodes[place].serial == entry.serial && nodes[place].owner != nil
  }

  /// Gives a node that is in no ring to the free list.
  private mutating func release(_ index: Int32) -> Owner? {
    let owner = nodes[Int(index)].owner.take()
    nodes[Int(index)].next = free
    free = index
    count -= 1
    return owner
  }

  /// Gives memory back that was needed for many timers, when none is left.
  private mutating func shrinkIfEmpty() {
    guard count == 0, nodes.count > Self.keptNodes else { return }
    nodes = []
    free = Self.none
  }
}
