import NIOCore

/// How long to wait: a peer may be slow, and a machine busy.
extension CaseExecution {
  /// Waits until something can be found in a connection's state, or nothing more can come, or the time is up.
  ///
  /// - Parameter isSilence: Whether nothing is to come. What this program itself is late with changes nothing about that, and a peer may
  ///   have a limit for how long it hears nothing.
  func wait<Value: Sendable>(
    on connection: ScriptConnection, until deadline: ContinuousClock.Instant, isSilence: Bool = false,
    _ find: @Sendable (inout ScriptConnection.State) -> Value?
  ) async -> Value? {
    let start = ContinuousClock.now
    var isCaughtUp = deadline <= start
    while !Task.isCancelled {
      let version = connection.changed.version
      let (found, isEnded) = connection.withState { state -> (Value?, Bool) in (find(&state), state.isEnded) }
      if let found { return found }
      if isEnded { return nil }
      if let next = extended(deadline, from: start, isSilence: isSilence) {
        await connection.changed.wait(after: version, until: next)
      } else if !isCaughtUp {
        // What has come in time may not be read yet: a turn of the event loop reads it.
        isCaughtUp = true
        for _ in 0..<2 { try? await connection.channel.eventLoop.submit {}.get() }
      } else {
        return nil
      }
    }
    return nil
  }

  /// The moment until which to wait for what has a deadline, counted in the time in which neither the peer nor this program waited for
  /// a processor; nil: it is over.
  func extended(
    _ deadline: ContinuousClock.Instant, from start: ContinuousClock.Instant, isSilence: Bool = false
  ) -> ContinuousClock.Instant? {
    let now = ContinuousClock.now
    if now < deadline { return deadline }
    let lost = isSilence ? settings.starved?(start) ?? .zero : lost(since: start)
    let latest = deadline + min(lost, Self.longestProgress)
    return now < latest ? min(latest, now + Self.starvationInterval) : nil
  }

  /// How often is looked whether somebody still waits for a processor.
  private static let starvationInterval = Duration.milliseconds(250)

  /// How much of the time since a moment a busy machine kept from the peer and from this program, as far as that can be seen: the one
  /// waits for what the other does, so that it adds up.
  func lost(since start: ContinuousClock.Instant) -> Duration {
    let lost = (settings.starved?(start) ?? .zero) + (settings.delayed?(start) ?? .zero)
    return min(lost, ContinuousClock.now - start)
  }

  /// How much longer than usual a step waits for a peer that works off what it got, slowly. The time of the case ends it sooner.
  static let longestProgress = Duration.seconds(120)

  /// Until when to wait for a peer that does something meanwhile: nothing bounds how many messages a second it takes. Nil: it
  /// has stood still for as long as a step waits.
  func nextDeadline(on connection: ScriptConnection, _ patience: Duration) -> ContinuousClock.Instant? {
    let known = settings.profile.answerIDs
    let last = connection.withState { state -> Int64? in
      guard !state.isEnded else { return nil }
      return state.items.last { $0.isFrame(of: known) }?.time
    }
    guard let last else { return nil }
    let next = transcript.start + .nanoseconds(last) + patience
    return next > .now ? next : nil
  }
}
