/// The calls of this side that wait for an answer, found by serial number, and their deadlines in order.
///
/// A call is found in O(1), made, answered, cancelled or timed out in O(log n). Storage is reused: a connection whose number
/// of waiting calls does not grow allocates nothing.
struct PendingCalls: Sendable {
  /// The waiting calls, each in a slot of its own; the slots in `freeSlots` hold nothing.
  private var slots: [CallID] = []
  private var freeSlots: [Int] = []
  private var slotsBySn: [UInt32: Int] = [:]
  private var deadlines = DeadlineHeap()

  /// How many calls wait.
  var count: Int { slotsBySn.count }

  /// The earliest deadline, in nanoseconds.
  var nextDeadline: Int64? { deadlines.first?.deadline }

  /// Whether a call with this serial number waits.
  func isPending(_ sn: UInt32) -> Bool { slotsBySn[sn] != nil }

  /// Adds a call whose serial number no waiting call has.
  mutating func insert(_ call: CallID, deadline: Int64?) {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      slots[slot] = call
    } else {
      slot = slots.count
      slots.append(call)
    }
    slotsBySn[call.sn] = slot
    if let deadline {
      deadlines.insert(DeadlineHeap.Entry(deadline: deadline, order: call.order, slot: slot))
    }
  }

  /// Takes out the call that waits under this serial number.
  mutating func remove(sn: UInt32) -> CallID? {
    guard let slot = slotsBySn.removeValue(forKey: sn) else { return nil }
    return release(slot)
  }

  /// Takes out this very call; false when it no longer waits, also when another call has its serial number by now.
  mutating func remove(_ call: CallID) -> Bool {
    guard let slot = slotsBySn[call.sn], slots[slot] == call else { return false }
    slotsBySn[call.sn] = nil
    _ = release(slot)
    return true
  }

  /// Takes out the call whose deadline is the earliest, if that is due at `now`.
  mutating func removeFirst(dueAt now: Int64) -> CallID? {
    guard let first = deadlines.first, first.deadline <= now else { return nil }
    slotsBySn[slots[first.slot].sn] = nil
    return release(first.slot)
  }

  /// Takes out every call, in the order in which they were made.
  mutating func removeAll() -> [CallID] {
    guard count > 0 else { return [] }
    let calls = slotsBySn.values.map { slots[$0] }.sorted()
    slots.removeAll()
    freeSlots.removeAll()
    slotsBySn.removeAll()
    deadlines.removeAll()
    return calls
  }

  private mutating func release(_ slot: Int) -> CallID {
    deadlines.remove(slot: slot)
    freeSlots.append(slot)
    return slots[slot]
  }
}
