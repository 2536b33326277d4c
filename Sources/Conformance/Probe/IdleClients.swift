/// A client that was started, and where it connects to.
struct RunningClient: Sendable {
  /// Its process.
  let process: ProcessUnderTest

  /// Where it connects to.
  let listener: ScriptListener

  /// Tells the listener when the process has ended.
  let watch: Task<Void, Never>
}

/// Clients whose next connection waits to be accepted, between two cases.
actor IdleClients {
  private var clients: [RunningClient] = []
  private var isClosed = false

  /// One that still runs; nil: there is none.
  func take() -> RunningClient? {
    while let client = clients.popLast() {
      if client.process.end == nil { return client }
      client.watch.cancel()
      client.listener.close()
    }
    return nil
  }

  /// Keeps one for the next case.
  ///
  /// - Returns: Whether it is kept; it is not once the run has ended.
  func put(_ client: RunningClient) -> Bool {
    guard !isClosed else { return false }
    clients.append(client)
    return true
  }

  /// Keeps none any more.
  ///
  /// - Returns: Those that were kept.
  func close() -> [RunningClient] {
    isClosed = true
    defer { clients = [] }
    return clients
  }
}
