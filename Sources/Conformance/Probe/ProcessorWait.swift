import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers

/// How long the processes of a group, and this one that watches them, have waited for a processor while they could have run, by
/// Linux's account (`/proc/PID/task/TID/schedstat`). What a busy machine keeps from a program is not what the program takes.
final class ProcessorWait: Sendable {
  private struct Sample {
    let time: ContinuousClock.Instant
    let waited: Duration
  }

  /// How many samples are kept; older ones are thinned out.
  private static let maximum = 600

  private let samples = NIOLockedValueBox<[Sample]>([])

  /// Nothing is known yet.
  init() {}

  /// Takes note that the group is started.
  func begin() {
    let own = Self.waited(getpid())
    samples.withLockedValue { $0 = [Sample(time: .now, waited: own)] }
  }

  /// Takes note of how long a process group has waited so far.
  func sample(_ group: pid_t) {
    guard let waited = Self.total(of: group) else { return }
    let sample = Sample(time: .now, waited: waited)
    samples.withLockedValue { samples in
      if samples.count >= Self.maximum {
        samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      }
      // Processes that have ended are no longer counted.
      samples.append(Sample(time: sample.time, waited: max(sample.waited, samples.last?.waited ?? .zero)))
    }
  }

  /// How much of the time since a moment was waited, as far as it is known; never more than has passed.
  func waited(since start: ContinuousClock.Instant) -> Duration {
    samples.withLockedValue { samples in
      guard let last = samples.last, last.time > start else { return .zero }
      // What was waited between two samples is taken for spread evenly.
      let before = samples.last { $0.time <= start }
      guard let first = before ?? samples.first else { return .zero }
      guard let next = samples.first(where: { $0.time > start }) else { return .zero }
      let step = next.time - first.time
      let part = step > .zero ? max(0, (start - first.time) / step) : 0
      let atStart = first.waited + (next.waited - first.waited) * part
      return min(last.time - start, max(.zero, last.waited - atStart))
    }
  }

  private static func total(of group: pid_t) -> Duration? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let members = names.compactMap { pid_t($0) }.filter { getpgid($0) == group }
    guard !members.isEmpty else { return nil }
    return members.reduce(waited(getpid())) { $0 + waited($1) }
  }

  private static func waited(_ process: pid_t) -> Duration {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    // Threads that wait side by side: the one that waited longest tells what the program lost.
    return threads.compactMap { thread in
      guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(process)/task/\(thread)/schedstat")) else {
        return nil
      }
      let numbers = String(decoding: data, as: UTF8.self).split(separator: " ").compactMap { Int64($0) }
      return numbers.count > 1 ? Duration.nanoseconds(numbers[1]) : nil
    }.max() ?? .zero
  }
}
