/// Whether a server serves: waits for that, starts it where it is ours, and brings it back when it was lost.
struct ServerService {
  /// How often a server that does not serve is looked at again.
  private static let interval = Duration.milliseconds(100)

  /// How long a server that takes connections may take until it serves them.
  private static let patience = Duration.seconds(5)

  private let engine: ScriptEngine
  private let target: ScriptTarget
  private let process: ProcessUnderTest?
  private let startTimeout: Duration
  private let returnTimeout: Duration

  /// The service of the server of a run.
  init(_ runner: ProbeRunner, _ engine: ScriptEngine, _ target: ScriptTarget) {
    self.engine = engine
    self.target = target
    process = runner.peer.server
    startTimeout = runner.startTimeout
    returnTimeout = runner.returnTimeout
  }

  /// Starts the server where it is ours.
  ///
  /// - Returns: Why it does not serve; nil: it does.
  func begin() async -> String? {
    if let process {
      await process.start()
      return await lack(within: startTimeout).map {
        "the server that was started does not serve: \($0)" + Self.output(process)
      }
    }
    return await engine.lackOfService(of: target).map {
      "the server at \(target.host):\(target.port) does not serve: \($0)"
    }
  }

  /// Brings a lost server back: starts it again where it is ours, else waits for it.
  ///
  /// - Parameter during: When it was lost, to be told.
  /// - Returns: Why it does not serve, nil: it does; and what is to be told.
  func restore(during: String) async -> (lack: String?, notice: String?) {
    if let process {
      let way = process.end.map { "ended (\($0))" } ?? "did not serve any more"
      await process.stop()
      await process.start()
      let lack = await lack(within: startTimeout).map { $0 + Self.output(process) }
      return (lack, "the server \(way)\(during); it was started again")
    }
    let lack = await lack(within: returnTimeout)
    return (lack, lack == nil ? "the server did not serve\(during), and does again" : nil)
  }

  /// Why the server does not serve within a time; nil: it does. Ends at once when it is ours and has ended, and soon when it
  /// takes connections and does not serve them.
  private func lack(within timeout: Duration) async -> String? {
    var deadline = ContinuousClock.now + timeout
    var isListening = false
    while true {
      if let end = process?.end { return "it ended (\(end))" }
      guard let lack = await engine.lackOfService(of: target) else { return nil }
      if !isListening, !lack.hasPrefix(CaseExecution.notOpened) {
        isListening = true
        deadline = min(deadline, .now + Self.patience)
      }
      if ContinuousClock.now >= deadline || Task.isCancelled { return lack }
      try? await Task.sleep(for: Self.interval)
    }
  }

  private static func output(_ process: ProcessUnderTest) -> String {
    let lines = String(decoding: process.output(from: 0).suffix(500), as: UTF8.self).split(whereSeparator: \.isNewline)
    let text = lines.joined(separator: " / ")
    return text.isEmpty ? "" : "; its output ends with: \(text)"
  }
}
