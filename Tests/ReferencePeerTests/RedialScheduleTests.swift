import ReferencePeer
import Testing

/// When a client dials again, and when not.
@Suite struct RedialScheduleTests {
  /// Gives the largest number always, so that delays are the longest possible.
  private struct Largest: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
  }

  /// Gives the smallest number that drawing from a range does not reject (zero would be, for ever), so that delays are zero.
  private struct Smallest: RandomNumberGenerator {
    mutating func next() -> UInt64 { 1 }
  }

  private func longestDelays(_ schedule: inout RedialSchedule, _ outcomes: [RedialSchedule.Outcome]) -> [Int64] {
    var largest = Largest()
    return outcomes.map { outcome in
      guard case .dial(let delay) = schedule.next(after: outcome, using: &largest) else { return -1 }
      let (seconds, attoseconds) = delay.components
      return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
  }

  @Test("Longest delays grow to the maximum") func longestDelaysGrowToTheMaximum() {
    var schedule = RedialSchedule(initialDelay: .milliseconds(500), maximumDelay: .seconds(5))
    let outcomes = [RedialSchedule.Outcome](repeating: .failed, count: 6)
    #expect(longestDelays(&schedule, outcomes) == [500, 1000, 2000, 4000, 5000, 5000])
    #expect(schedule.failures == 6)
  }

  @Test("Delays are spread from zero") func delaysAreSpreadFromZero() {
    var schedule = RedialSchedule()
    var smallest = Smallest()
    for _ in 0..<10 { #expect(schedule.next(after: .failed, using: &smallest) == .dial(after: .zero)) }
    schedule.reset()
    for _ in 0..<1000 {
      guard case .dial(let delay) = schedule.next(after: .failed) else { continue }
      #expect(delay >= .zero && delay <= .seconds(30))
    }
  }

  @Test("Success begins anew") func successBeginsAnew() {
    var schedule = RedialSchedule(
      initialDelay: .milliseconds(100), maximumDelay: .seconds(60), multiplier: 3, steadyTime: .seconds(2))
    let outcomes: [RedialSchedule.Outcome] = [
      .failed, .failed, .lost(after: .seconds(2)), .failed, .lost(after: .milliseconds(1999)), .failed,
    ]
    #expect(longestDelays(&schedule, outcomes) == [100, 300, 100, 300, 900, 2700])
  }

  @Test(
    "Never again after a displacement",
    arguments: [RedialSchedule.Outcome.failed, .lost(after: .seconds(3600)), .displaced, .ended])
  func neverAgainAfterADisplacement(later: RedialSchedule.Outcome) {
    var schedule = RedialSchedule()
    _ = schedule.next(after: .lost(after: .seconds(100)))
    #expect(schedule.next(after: .displaced) == .stop(.displaced))
    #expect(schedule.next(after: later) == .stop(.displaced))
    #expect(schedule.stopReason == .displaced)
    schedule.reset()
    guard case .dial = schedule.next(after: .failed) else { Issue.record("does not dial after a reset"); return }
  }

  @Test("Never again after its own end") func neverAgainAfterItsOwnEnd() {
    var schedule = RedialSchedule()
    #expect(schedule.next(after: .ended) == .stop(.ended))
    #expect(schedule.next(after: .failed) == .stop(.ended))
  }

  @Test("Failures in a row are counted") func failuresInARowAreCounted() {
    var schedule = RedialSchedule(maximumFailures: 3)
    let outcomes: [RedialSchedule.Outcome] = [.failed, .failed, .lost(after: .seconds(9)), .failed, .failed, .failed]
    let decisions = outcomes.map { schedule.next(after: $0) == .stop(.attemptsExhausted) }
    #expect(decisions == [false, false, false, false, true, true])
    var single = RedialSchedule(maximumFailures: 1)
    #expect(single.next(after: .failed) == .stop(.attemptsExhausted))
  }

  @Test("Nonsense is moved to the nearest sense") func nonsenseIsMovedToTheNearestSense() {
    let negative = RedialSchedule(
      initialDelay: .seconds(-1), maximumDelay: .seconds(-2), multiplier: .nan, maximumFailures: -4,
      steadyTime: .seconds(-1))
    #expect(
      negative
        == RedialSchedule(
          initialDelay: .zero, maximumDelay: .zero, multiplier: 1, maximumFailures: 1, steadyTime: .zero))
    var huge = RedialSchedule(
      initialDelay: .seconds(Int64.max), maximumDelay: .seconds(Int64.max), multiplier: .infinity)
    let millisecondsOf64Bits = Int64.max / 1_000_000
    #expect(longestDelays(&huge, [.failed, .failed]) == [millisecondsOf64Bits, millisecondsOf64Bits])
    var zero = RedialSchedule(initialDelay: .zero, maximumDelay: .seconds(1), multiplier: .infinity)
    #expect(longestDelays(&zero, [.failed, .failed]) == [0, 0])
  }
}
