/// How long this program itself has waited for a processor: what it does late, or sees late, because of that is nothing that the
/// peer did late.
package final class OwnDelay: Sendable {
  /// How often is looked.
  private static let interval = Duration.milliseconds(500)

  private let wait = ProcessorWait()

  /// Begins to count now.
  package init() { wait.begin() }

  /// Looks now and then, until its task is cancelled, so that the time since any moment can be told.
  package func watch() async {
    while !Task.isCancelled {
      wait.sampleOwnProcess()
      try? await Task.sleep(for: Self.interval)
    }
  }

  /// How much of the time since a moment was waited; zero where the system does not tell.
  package func waited(since start: ContinuousClock.Instant) -> Duration {
    wait.sampleOwnProcess()
    return wait.waited(since: start)
  }
}
