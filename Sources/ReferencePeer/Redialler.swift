import Logging

/// Keeps a client connected: dials again whenever the connection is lost, with growing pauses, for ever, and stops after a
/// displacement (requirement `hub.displacement.redial`).
public final class Redialler: Sendable {
  private let client: Client
  private let schedule: RedialSchedule

  /// Redials with a client, whose configuration says how one attempt is made; `attempts` of it counts as one failure.
  public init(_ client: Client, schedule: RedialSchedule = RedialSchedule()) {
    self.client = client
    self.schedule = schedule
  }

  /// Connects, and again and again, until the connection is displaced or closed by this side, or the task is cancelled.
  ///
  /// - Parameter connected: is handed each new connection.
  /// - Returns: why it stopped.
  public func run(_ connected: @Sendable (Connection) -> Void) async throws -> RedialSchedule.StopReason {
    var schedule = schedule
    let clock = ContinuousClock()
    while true {
      let outcome: RedialSchedule.Outcome
      do {
        let connection = try await client.connect()
        let start = clock.now
        connected(connection)
        let end = await withTaskCancellationHandler {
          await connection.ended()
        } onCancel: {
          connection.close()
        }
        try Task.checkCancellation()
        switch end.cause {
        case .closed, .kicked: outcome = .ended
        case .displaced: outcome = .displaced
        default: outcome = .lost(after: clock.now - start)
        }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        client.configuration.logger.info("dialling failed", metadata: ["reason": "\(error)"])
        outcome = .failed
      }
      switch schedule.next(after: outcome) {
      case .stop(let reason): return reason
      case .dial(let delay):
        client.configuration.logger.info("dialling again", metadata: ["after": "\(delay)"])
        try await Task.sleep(for: delay)
      }
    }
  }
}
