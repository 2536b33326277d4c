import WireproofPeer

/// Stays connected until somebody else takes this connection's place.
func stayConnected(
  _ client: Client, schedule: RedialSchedule = RedialSchedule(), log: @escaping @Sendable (String) -> Void
) async throws -> RedialSchedule.StopReason {
  // snippet: redial
  let redialler = Redialler(client, schedule: schedule)
  let reason = try await redialler.run { connection in
    log("connected, number \(connection.number)")
  }
  // end
  return reason
}
