import Testing

@testable import ReferencePeer

/// The timer wheel against a sorted list, and at its edges.
@Suite struct TimerWheelTests {
  /// A generator whose numbers are the same in every run.
  private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  /// What a wheel does, done by looking at every timer.
  private struct Model {
    struct Timer {
      var id: Int
      var deadline: Int64
      /// The tick in which it fires.
      var tick: Int64
      var order: Int
    }

    var tick: Int64
    var timers: [Int: Timer] = [:]
    var order = 0

    static func floor(_ time: Int64) -> Int64 { time >> 20 }

    mutating func schedule(_ id: Int, at deadline: Int64) {
      order += 1
      let ceiling = Self.floor(deadline) + (deadline & 0xF_FFFF == 0 ? 0 : 1)
      timers[id] = Timer(id: id, deadline: deadline, tick: max(ceiling, tick), order: order)
    }

    mutating func advance(to now: Int64) -> [Int] {
      tick = max(tick, Self.floor(now))
      let due = timers.values.filter { $0.tick <= tick }.sorted { ($0.tick, $0.order) < ($1.tick, $1.order) }
      for timer in due { timers[timer.id] = nil }
      return due.map(\.id)
    }
  }

  private static let tick: Int64 = 1 << 20
  private static let hour: Int64 = 3_600_000_000_000

  /// Spans of time from nothing to beyond 100 hours.
  private static func span(_ numbers: inout SeededNumbers) -> Int64 {
    Int64(numbers.next() >> UInt64.random(in: 14...63, using: &numbers))
  }

  @Test(
    "Does what a sorted list does",
    arguments: [0, 1_700_000_000_000_000_000, -5_000_000_000, Int64.min, 123_456_789] as [Int64], 1...4)
  func doesWhatASortedListDoes(start: Int64, seed: UInt64) {
    var numbers = SeededNumbers(state: seed)
    var wheel = TimerWheel<Int>(startingAt: start)
    var model = Model(tick: Model.floor(start))
    var entries: [Int: TimerWheel<Int>.Entry] = [:]
    var now = start
    var due: [Int] = []
    for step in 0..<1000 {
      switch numbers.next() % 16 {
      case 0..<7:
        let deadline = now + Self.span(&numbers) - (numbers.next() % 8 == 0 && now > .min / 2 ? Self.hour : 0)
        entries[step] = wheel.schedule(step, at: deadline)
        model.schedule(step, at: deadline)
      case 7..<9:
        guard let id = model.timers.keys.min(), let entry = entries[id] else { continue }
        let deadline = now + Self.span(&numbers)
        #expect(wheel.reschedule(entry, at: deadline) == true)
        model.schedule(id, at: deadline)
      case 9..<12:
        guard let id = model.timers.keys.max(), let entry = entries[id] else { continue }
        #expect(wheel.cancel(entry) == id)
        #expect(wheel.cancel(entry) == nil)
        #expect(wheel.reschedule(entry, at: now) == false)
        model.timers[id] = nil
      default:
        let deadlines = model.timers.mapValues(\.deadline)
        now += numbers.next() % 4 == 0 ? Self.span(&numbers) : Int64(numbers.next() % 200_000_000)
        wheel.advance(to: now, into: &due)
        #expect(due == model.advance(to: now))
        for id in due {
          #expect(deadlines[id].map { $0 <= now } == true)
          #expect(entries[id].map { wheel.cancel($0) } == .some(nil))
        }
        #expect(!model.timers.values.contains { $0.deadline + Self.tick <= now })
        due.removeAll()
      }
      #expect(wheel.count == model.timers.count)
      let first = model.timers.values.min { $0.tick < $1.tick }
      #expect((wheel.nextDueTime == nil) == (first == nil))
      if let next = wheel.nextDueTime, let first { #expect(next >> 20 <= first.tick) }
    }
    let last = model.timers.values.map(\.tick).max().map { $0 << 20 } ?? now
    wheel.advance(to: last, into: &due)
    #expect(due == model.advance(to: last))
    #expect(wheel.count == 0 && wheel.nextDueTime == nil)
  }

  /// Whoever sleeps until the wheel's next due time wakes a few times for nothing at most, and is never late.
  @Test(
    "Sleeping until the next due time is enough",
    arguments: [1, Self.tick, 63 * Self.tick, 64 * Self.tick, 4096 * Self.tick + 1, Self.hour, 400 * Self.hour])
  func sleepingUntilTheNextDueTimeIsEnough(span: Int64) throws {
    let start: Int64 = 987_654_321_987
    var wheel = TimerWheel<Int>(startingAt: start)
    _ = wheel.schedule(1, at: start + span)
    var due: [Int] = []
    var wakings = 0
    var now = start
    while due.isEmpty {
      let next = try #require(wheel.nextDueTime)
      now = max(now, next)
      wakings += 1
      wheel.advance(to: now, into: &due)
      try #require(wakings <= 8)
    }
    #expect(now >= start + span && now < start + span + Self.tick)
    #expect(wheel.nextDueTime == nil)
  }

  @Test("Fires nothing before its deadline and all in the next tick")
  func firesNothingBeforeItsDeadlineAndAllInTheNextTick() {
    for offset: Int64 in [0, 1, 2, Self.tick - 1] {
      let deadline = 1000 * Self.tick + offset
      var wheel = TimerWheel<Int>(startingAt: 0)
      var due: [Int] = []
      _ = wheel.schedule(1, at: deadline)
      wheel.advance(to: deadline - 1, into: &due)
      #expect(due.isEmpty)
      wheel.advance(to: deadline, into: &due)
      #expect(due == (offset == 0 ? [1] : []))
      wheel.advance(to: 1001 * Self.tick, into: &due)
      #expect(due == [1])
    }
  }

  @Test("What is past fires at once and in order") func whatIsPastFiresAtOnceAndInOrder() {
    var wheel = TimerWheel<String>(startingAt: 10 * Self.hour)
    var due: [String] = []
    _ = wheel.schedule("past", at: 0)
    _ = wheel.schedule("beginning of time", at: .min)
    _ = wheel.schedule("now", at: 10 * Self.hour)
    _ = wheel.schedule("soon", at: 10 * Self.hour + 1)
    #expect(wheel.nextDueTime.map { $0 <= 10 * Self.hour } == true)
    wheel.advance(to: 10 * Self.hour, into: &due)
    // Ten hours are no whole number of ticks: the third one waits for the tick after them, as the fourth does.
    #expect(due == ["past", "beginning of time"])
    wheel.advance(to: 10 * Self.hour + Self.tick, into: &due)
    #expect(due == ["past", "beginning of time", "now", "soon"])
  }

  @Test("Timers of one tick fire in their order whatever way they came")
  func timersOfOneTickFireInTheirOrderWhateverWayTheyCame() {
    var wheel = TimerWheel<Int>(startingAt: 0)
    var due: [Int] = []
    let deadline = 70 * 64 * Self.tick
    _ = wheel.schedule(1, at: deadline)
    wheel.advance(to: 65 * 64 * Self.tick, into: &due)
    _ = wheel.schedule(2, at: deadline)
    wheel.advance(to: deadline - 2 * Self.tick, into: &due)
    let third = wheel.schedule(3, at: deadline)
    _ = wheel.schedule(4, at: deadline)
    #expect(wheel.reschedule(third, at: deadline - 1) == true)
    #expect(wheel.deadline(of: third) == deadline - 1)
    wheel.advance(to: deadline, into: &due)
    #expect(due == [1, 2, 4, 3])
    #expect(wheel.deadline(of: third) == nil)
  }

  @Test("The ends of time do no harm") func endsOfTime() {
    var wheel = TimerWheel<Int>(startingAt: .min)
    var due: [Int] = []
    _ = wheel.schedule(1, at: .max)
    _ = wheel.schedule(2, at: .max - Self.tick)
    _ = wheel.schedule(3, at: .min + 1)
    wheel.advance(to: 0, into: &due)
    #expect(due == [3])
    wheel.advance(to: .max, into: &due)
    // The last tick never ends: a deadline in it does not come.
    #expect(due == [3, 2])
    #expect(wheel.nextDueTime == .max)
    #expect(wheel.count == 1)
  }

  @Test("Time does not go back") func timeDoesNotGoBack() {
    var wheel = TimerWheel<Int>(startingAt: Self.hour)
    var due: [Int] = []
    _ = wheel.schedule(1, at: Self.hour + 5 * Self.tick)
    wheel.advance(to: Self.hour + 2 * Self.tick, into: &due)
    wheel.advance(to: 0, into: &due)
    _ = wheel.schedule(2, at: Self.hour)
    wheel.advance(to: 0, into: &due)
    #expect(due == [2])
    wheel.advance(to: Self.hour + 6 * Self.tick, into: &due)
    #expect(due == [2, 1])
  }

  @Test("Timers may be set while others are dealt with") func timersMayBeSetWhileOthersAreDealtWith() {
    var wheel = TimerWheel<Int>(startingAt: 0)
    var due: [Int] = []
    let first = wheel.schedule(1, at: Self.tick)
    let second = wheel.schedule(2, at: Self.tick)
    wheel.advance(to: Self.tick, into: &due)
    #expect(due == [1, 2])
    let again = wheel.schedule(1, at: Self.tick)
    #expect(wheel.cancel(first) == nil && wheel.cancel(second) == nil)
    due.removeAll()
    wheel.advance(to: Self.tick, into: &due)
    #expect(due == [1])
    #expect(wheel.cancel(again) == nil)
  }

  @Test("Owners are held until they fire or are cancelled") func ownersAreHeldUntilTheyFireOrAreCancelled() {
    final class Owner {}
    var wheel = TimerWheel<Owner>(startingAt: 0)
    var owner: Owner? = Owner()
    weak var observed = owner
    var entry = owner.map { wheel.schedule($0, at: 1) }
    owner = nil
    #expect(observed != nil)
    if let entry { wheel.cancel(entry) }
    #expect(observed == nil)

    owner = Owner()
    observed = owner
    entry = owner.map { wheel.schedule($0, at: 1) }
    owner = nil
    var due: [Owner] = []
    wheel.advance(to: Self.tick, into: &due)
    #expect(due.count == 1)
    due = []
    #expect(observed == nil)
  }

  /// An old entry stands for nothing, also when its place was given back and is used again.
  @Test("Entries outlive nothing") func entriesOutliveNothing() {
    var wheel = TimerWheel<Int>(startingAt: 0)
    let entries = (0..<5000).map { wheel.schedule($0, at: Int64($0) * Self.tick) }
    for entry in entries { wheel.cancel(entry) }
    #expect(wheel.count == 0)
    let fresh = (0..<10).map { wheel.schedule(-1 - $0, at: Self.hour) }
    #expect(!entries.contains { wheel.deadline(of: $0) != nil })
    #expect(fresh.map { wheel.cancel($0) } == (0..<10).map { -1 - $0 })
  }
}
