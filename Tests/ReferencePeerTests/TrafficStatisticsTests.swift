import Synchronization
import Testing

@testable import ReferencePeer

/// What is counted, what a snapshot says, and that counting loops and reading threads do not lose anything.
@Suite struct TrafficStatisticsTests {
  @Test("Nothing was counted yet") func nothingYet() {
    let statistics = TrafficStatistics(startingAt: 100)
    let snapshot = statistics.snapshot(at: 350)
    #expect(snapshot.total == TrafficTotals() && snapshot.sinceLast == TrafficTotals())
    #expect(snapshot.elapsedNanoseconds == 250)
    #expect(snapshot.latency == nil && snapshot.totalLatency == nil)
  }

  @Test("Snapshots add the loops and subtract what was known") func snapshotsAddTheLoopsAndSubtractWhatWasKnown() {
    let statistics = TrafficStatistics(startingAt: 0)
    let first = statistics.makeCounters()
    let second = statistics.makeCounters()
    first.opened()
    first.opened()
    second.opened()
    first.closed()
    first.receivedFrame()
    second.receivedFrame(4)
    second.sentFrame(2)
    first.sentFrame()
    first.received(bytes: 100)
    second.sent(bytes: 7)
    second.answeredCall(latency: 1000)

    let one = statistics.snapshot(at: 10)
    #expect(
      one.total
        == TrafficTotals(
          connectionsOpened: 3, connectionsClosed: 1, framesIn: 5, framesOut: 3, bytesIn: 100, bytesOut: 7,
          callsAnswered: 1))
    #expect(one.sinceLast == one.total)
    #expect(one.openConnections == 2)

    first.closed()
    second.closed()
    first.received(bytes: 11)
    let two = statistics.snapshot(at: 30)
    #expect(two.sinceLast == TrafficTotals(connectionsClosed: 2, bytesIn: 11))
    #expect(two.total.bytesIn == 111 && two.openConnections == 0 && two.sinceLast.openConnections == 0)
    #expect(two.elapsedNanoseconds == 20)
    #expect(two.latency == nil && two.totalLatency?.count == 1)
  }

  @Test("Percentiles of an interval and of all") func percentilesOfAnIntervalAndOfAll() throws {
    let statistics = TrafficStatistics(startingAt: 0)
    let loops = (0..<4).map { _ in statistics.makeCounters() }
    // 1 to 1000 µs, spread over the loops.
    for microseconds in 1...1000 { loops[microseconds % 4].answeredCall(latency: Int64(microseconds) * 1000) }
    let first = try #require(statistics.snapshot(at: 1).latency)
    #expect(first.count == 1000)
    #expect(isWithinOnePercent(first.median, 500_000))
    #expect(isWithinOnePercent(first.percentile99, 990_000))
    #expect(isWithinOnePercent(first.maximum, 1_000_000))

    for _ in 0..<3000 { loops[0].answeredCall(latency: 50) }
    let second = statistics.snapshot(at: 2)
    #expect(second.latency == LatencySummary(count: 3000, median: 50, percentile99: 50, maximum: 50))
    let total = try #require(second.totalLatency)
    #expect(total.count == 4000 && total.median == 50)
    #expect(isWithinOnePercent(total.percentile99, 960_000))
  }

  @Test("Impossible latencies are cut and still counted") func impossibleLatenciesAreCutAndStillCounted() throws {
    let statistics = TrafficStatistics(startingAt: 0)
    let loop = statistics.makeCounters()
    for latency in [Int64.min, -1, 0, .max, 4_000_000_000_000] { loop.answeredCall(latency: latency) }
    let latency = try #require(statistics.snapshot(at: 0).latency)
    #expect(latency.count == 5 && latency.median == 0)
    #expect(latency.maximum == 3_600_000_000_000)
  }

  @Test("Negative counts and times that go back do no harm") func negativeCountsAndTimesThatGoBackDoNoHarm() {
    let statistics = TrafficStatistics(startingAt: 50)
    let loop = statistics.makeCounters()
    loop.received(bytes: -5)
    #expect(statistics.snapshot(at: 20).elapsedNanoseconds == 0)
    let snapshot = statistics.snapshot(at: 60)
    #expect(snapshot.elapsedNanoseconds == 10 && snapshot.total.bytesIn == 0)
    #expect(TrafficStatistics(startingAt: .min).snapshot(at: .max).elapsedNanoseconds == 0)
  }

  private final class Running: Sendable {
    let loops = Atomic<Int>(3)
  }

  /// Loops that count while snapshots are taken: the intervals add up to exactly what was counted.
  @Test("Nothing is lost or counted twice") func nothingIsLostOrCountedTwice() async {
    let statistics = TrafficStatistics(startingAt: 0)
    let rounds = 20_000
    let running = Running()
    let sums = await withTaskGroup(of: TrafficTotals?.self) { group in
      for _ in 0..<3 {
        let loop = statistics.makeCounters()
        group.addTask {
          for round in 0..<rounds {
            loop.opened()
            loop.receivedFrame()
            loop.received(bytes: 3)
            loop.answeredCall(latency: Int64(round))
            loop.closed()
          }
          running.loops.subtract(1, ordering: .releasing)
          return nil
        }
      }
      group.addTask {
        var sum = TrafficTotals()
        var calls: UInt64 = 0
        var isLast = false
        repeat {
          isLast = running.loops.load(ordering: .acquiring) == 0
          let snapshot = statistics.snapshot(at: 0)
          sum.add(snapshot.sinceLast)
          calls += snapshot.latency?.count ?? 0
          if snapshot.openConnections > 3 { return nil }
          await Task.yield()
        } while !isLast
        return calls == sum.callsAnswered ? sum : nil
      }
      var sums: [TrafficTotals] = []
      for await sum in group { if let sum { sums.append(sum) } }
      return sums
    }
    let count = UInt64(3 * rounds)
    #expect(
      sums == [
        TrafficTotals(
          connectionsOpened: count, connectionsClosed: count, framesIn: count, bytesIn: 3 * count, callsAnswered: count)
      ])
    #expect(statistics.snapshot(at: 0).totalLatency?.count == count)
  }

  private func isWithinOnePercent(_ value: UInt64, _ expected: UInt64) -> Bool {
    (expected - expected / 100...expected + expected / 100).contains(value)
  }
}
