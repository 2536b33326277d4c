import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers

/// How long the processes of a group have waited for a processor while they could have run, or for a disk: what a busy machine
/// keeps from a program is not what the program takes.
///
/// Linux counts what a thread has run and has waited (`/proc/PID/task/TID/schedstat`), the latter only once it runs again; a thread
/// that is seen ready to run has waited for all of the time that its group has not run.
final class ProcessorWait: Sendable {
  private struct Sample {
    let time: ContinuousClock.Instant

    /// What was run and waited since the group was started.
    let run: Duration
    let delayed: Duration

    /// How much of the time was lost.
    let lost: Duration
  }

  /// What a group is seen to do.
  private struct Activity {
    var run = Duration.zero
    var delayed = Duration.zero
    var isReady = false
  }

  /// How many samples are kept; older ones are thinned out.
  private static let maximum = 600

  /// How soon after another one a sample of this process is taken.
  private static let shortest = Duration.milliseconds(20)

  private let samples = NIOLockedValueBox<[Sample]>([])

  /// Nothing is known yet.
  init() {}

  /// Takes note that the group is started.
  func begin() {
    samples.withLockedValue { $0 = [Sample(time: .now, run: .zero, delayed: .zero, lost: .zero)] }
  }

  /// Takes note of what a process group has run and waited so far.
  func sample(_ group: pid_t) { note(Self.activity(of: group)) }

  /// Takes note of what this process itself has run and waited so far, unless that was done just now.
  func sampleOwnProcess() {
    let last = samples.withLockedValue { $0.last?.time }
    guard last.map({ $0 + Self.shortest < .now }) ?? false else { return }
    note(Self.ownActivity)
  }

  private func note(_ activity: Activity) {
    samples.withLockedValue { samples in
      guard let last = samples.last else { return }
      if samples.count >= Self.maximum {
        samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      }
      let now = ContinuousClock.now
      let passed = now - last.time
      // Processes that have ended are no longer counted.
      let run = max(.zero, activity.run - last.run)
      let delayed = max(.zero, activity.delayed - last.delayed)
      let lost = min(passed, activity.isReady ? max(delayed, passed - run) : delayed)
      samples.append(
        Sample(
          time: now, run: activity.run, delayed: activity.delayed, lost: last.lost + max(.zero, lost)))
    }
  }

  /// How much of the time since a moment was lost, as far as it is known; never more than has passed.
  func waited(since start: ContinuousClock.Instant) -> Duration {
    samples.withLockedValue { samples in
      guard let last = samples.last, last.time > start, let next = samples.first(where: { $0.time > start }) else {
        return .zero
      }
      // What was lost between two samples is taken for spread evenly.
      guard let first = samples.last(where: { $0.time <= start }) else { return last.lost - next.lost }
      let part = (start - first.time) / (next.time - first.time)
      return min(last.time - start, last.lost - first.lost - (next.lost - first.lost) * part)
    }
  }

  /// What this process does. An event loop hands the work of a case to another thread and takes it back, so that what the two that
  /// waited longest have waited adds up; the others work side by side with them. Those that are seen ready tell nothing: who looks is
  /// always one of them.
  private static var ownActivity: Activity {
    let folder = "/proc/self/task"
    var activity = Activity()
    var longest = (first: Duration.zero, second: Duration.zero)
    for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let numbers = text("\(folder)/\(thread)/schedstat").split(separator: " ").compactMap { Int64($0) }
      guard numbers.count > 1 else { continue }
      activity.run += .nanoseconds(numbers[0])
      let delayed = Duration.nanoseconds(numbers[1])
      longest = delayed > longest.first ? (delayed, longest.first) : (longest.first, max(delayed, longest.second))
    }
    activity.delayed = longest.first + longest.second
    return activity
  }

  private static func activity(of group: pid_t) -> Activity {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    var activity = Activity()
    for process in names.compactMap({ pid_t($0) }) where getpgid(process) == group {
      let folder = "/proc/\(process)/task"
      var longest = Duration.zero
      for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        let numbers = text("\(folder)/\(thread)/schedstat").split(separator: " ").compactMap { Int64($0) }
        if numbers.count > 1 {
          activity.run += .nanoseconds(numbers[0])
          longest = max(longest, .nanoseconds(numbers[1]))
        }
        // The state stands behind the name in parentheses, which may hold anything.
        let state = text("\(folder)/\(thread)/stat").split(separator: ")").last?.first { $0 != " " }
        if state == "R" || state == "D" { activity.isReady = true }
      }
      // Threads wait side by side: the one that waited longest tells what the program lost.
      activity.delayed += longest
    }
    return activity
  }

  private static func text(_ path: String) -> String {
    (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
