import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
package import NIOCore
import Negotiation
import Specification

/// A client that is probed: its command is started anew for each case, and connects to a port that only
/// this case listens on. One that can be told to connect again is kept for the next case, where the profile says so.
package struct ClientUnderTest: Sendable {
  /// What a run learns about the client.
  private struct Known {
    var ignoresFarewell = false
    var tells: [String] = []
    var told: Set<String> = []
  }

  /// How often we look whether it has ended.
  private static let interval = Duration.milliseconds(10)

  /// How many connections may wait that no step takes: more are a flood.
  private static let maximumConnections = 200

  /// How long a client that ignores SIGTERM gets, once that is known.
  private static let shortFarewell = Duration.milliseconds(50)

  /// Signals by which the system ends a program that does what it must not.
  private static let crashes: Set<Int32> = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

  /// The command and its arguments, in which `{url}`, `{port}` and `{uid}` stand for those of a case.
  package let command: [String]

  /// `ws` or `wss`.
  package let scheme: String

  /// The path of the URL.
  package let path: String

  /// Further parameters of the URL.
  package let query: [(name: String, value: String)]

  /// Adds TLS below the script; nil: none.
  private let secure: (@Sendable (any Channel) -> EventLoopFuture<Void>)?

  /// The folder for the output of running clients.
  private let folder: String

  /// Clients that connect again, for the next case.
  private let idle = IdleClients()

  /// Numbers the orders to all of them: what an earlier case has left open is never taken for one of a later case.
  private let orders = OrderNumbers()

  private let known = NIOLockedValueBox(Known())

  /// One more client, of which nothing is asked.
  private let quiet = NIOLockedValueBox<Task<(RunningClient, QuietListener?)?, Never>?>(nil)

  /// A client.
  ///
  /// - Parameters:
  ///   - command: The command and its arguments; one of them has to name `{url}` or `{port}`.
  ///   - path: The path of the URL.
  ///   - query: Further parameters of the URL, not escaped.
  ///   - secure: Adds TLS below the script; nil: none.
  ///   - folder: For the output of running clients; it is made.
  package init(
    command: [String], path: String = "/join", query: [(name: String, value: String)] = [],
    secure: (@Sendable (any Channel) -> EventLoopFuture<Void>)? = nil, folder: String
  ) {
    self.command = command
    scheme = secure == nil ? "ws" : "wss"
    self.path = path
    self.query = query
    self.secure = secure
    self.folder = folder
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// What is to be told of it in one line each, once.
  func takeNotices() -> [String] {
    known.withLockedValue { known in
      defer { known.tells = [] }
      return known.tells
    }
  }

  private func tell(_ line: String) {
    known.withLockedValue { if $0.told.insert(line).inserted { $0.tells.append(line) } }
  }

  /// The URL that a client is given.
  func url(port: Int, uid: String, profile: PeerProfile) -> String {
    var pairs = [(name: profile.query["uid"] ?? "uid", value: uid)]
    pairs += [(name: profile.query["deviceId"] ?? "deviceId", value: "probe")]
    let text = (pairs + query).map { pair in
      [pair.name, pair.value].map { String(decoding: PercentEncoding.encode(Array($0.utf8)), as: UTF8.self) }
        .joined(separator: "=")
    }
    return "\(scheme)://127.0.0.1:\(port)\(path)?\(text.joined(separator: "&"))"
  }

  /// Plays a case with the client, started anew, or with one that a case before has left connecting again.
  ///
  /// - Returns: What the case came to, and what the client wrote meanwhile.
  func play(_ script: ScriptCase, _ engine: ScriptEngine) async -> (outcome: CaseOutcome, output: [UInt8]) {
    var engine = engine
    let running: RunningClient
    if let kept = await idle.take() {
      running = kept
    } else if let new = await start(script, engine) {
      running = new
    } else {
      return (.notRun(.couldNotRun, "no port is free to listen on"), [])
    }
    let process = running.process
    let listener = running.listener
    let written = process.outputSize
    engine.settings.resources = { process.resources }
    engine.settings.starved = { process.starved(since: $0) }
    engine.settings.orders = orders
    let keeps = engine.settings.profile.client.reconnects
    var outcome = await engine.run(script, on: listener, reconnects: keeps)
    let waiting = listener.waiting
    // Nothing is left of them when the client has been stopped.
    let open = listener.open
    let unaccepted = listener.unaccepted
    if keeps, outcome.verdict == .pass, waiting == 1, process.end == nil, await idle.put(running) {
      return (outcome, process.output(from: written))
    }
    if outcome.verdict == .fail || outcome.verdict == .errored { _ = await process.endSoon(within: .milliseconds(200)) }
    let own = process.end
    await stop(running)
    let output = process.output(from: written)
    if unaccepted > Self.maximumConnections {
      outcome.flood = "the client opened more than \(Self.maximumConnections) connections that nothing asked for"
      outcome.verdict = .couldNotRun
      outcome.judged = Judgements()
      outcome.reason = outcome.flood
    } else if open > 0, !keeps, !engine.settings.profile.client.redials, outcome.verdict == .pass {
      tell(
        "the client opens connections that nothing asked for: they are not answered; redials: true in the profile says that it does"
      )
    }
    judge(&outcome, end: own ?? process.end, hasEnded: own != nil, output: output)
    try? FileManager.default.removeItem(atPath: process.log)
    return (outcome, output)
  }

  /// Starts the client once more, and listens until ``stopAll()`` for what it sends while nothing is asked of it.
  func beginListening(_ engine: ScriptEngine, _ script: ScriptCase) {
    let task = Task { () -> (RunningClient, QuietListener?)? in
      guard let running = await start(script, engine) else { return nil }
      var engine = engine
      engine.settings.starved = { running.process.starved(since: $0) }
      return (running, await engine.listen(on: running.listener))
    }
    quiet.withLockedValue { $0 = task }
  }

  /// Returns when it listens, or cannot.
  func listens() async { _ = await quiet.withLockedValue { $0 }?.value }

  /// Starts the client; nil where no port is free.
  private func start(_ script: ScriptCase, _ engine: ScriptEngine) async -> RunningClient? {
    guard let listener = try? await ScriptListener.listen(secure: secure) else { return nil }
    let uid = engine.uid(of: script)
    let url = url(port: listener.port, uid: uid, profile: engine.settings.profile)
    let filled = command.map {
      $0.replacing("{url}", with: url).replacing("{port}", with: String(listener.port)).replacing("{uid}", with: uid)
    }
    let process = ProcessUnderTest(command: filled, log: "\(folder)/\(listener.port).log")
    await process.start()
    let watch = Task {
      while !Task.isCancelled {
        if let end = process.end { return listener.peerEnded(end) }
        try? await Task.sleep(for: Self.interval)
      }
    }
    return RunningClient(process: process, listener: listener, watch: watch)
  }

  private func stop(_ running: RunningClient) async {
    running.watch.cancel()
    let isStubborn = known.withLockedValue { $0.ignoresFarewell }
    await running.process.stop(farewell: isStubborn ? Self.shortFarewell : ProcessUnderTest.farewell)
    running.listener.close()
    guard running.process.hasIgnoredFarewell else { return }
    known.withLockedValue { $0.ignoresFarewell = true }
    tell("the client goes on when it is told to end (SIGTERM), and was killed")
  }

  /// Ends the clients that were left connecting again.
  package func stopAll() async {
    let quiet = quiet.withLockedValue { quiet -> Task<(RunningClient, QuietListener?)?, Never>? in
      defer { quiet = nil }
      return quiet
    }
    quiet?.cancel()
    if let (running, listener) = await quiet?.value {
      listener?.stop()
      await stop(running)
      try? FileManager.default.removeItem(atPath: running.process.log)
    }
    for running in await idle.close() {
      await stop(running)
      try? FileManager.default.removeItem(atPath: running.process.log)
    }
  }

  /// What the end of the process, and what it wrote, say about it, whatever the case is about.
  private func judge(_ outcome: inout CaseOutcome, end: String?, hasEnded: Bool, output: [UInt8]) {
    if let report = SanitizerReport(in: output) {
      outcome.reason = "\(report.line)" + (outcome.reason.map { " (and: \($0))" } ?? "")
      outcome.expected = "no report of a sanitizer"
      outcome.actual = report.line
      if outcome.verdict != .errored { outcome.verdict = .fail }
    }
    guard let end, let signal = ProcessUnderTest.signal(of: end), Self.crashes.contains(signal) else { return }
    let when = hasEnded ? "while the case ran" : "when it was told to end"
    outcome.verdict = .errored
    outcome.judged.add(.fail, [DutyResolver.others])
    outcome.reason = "the client crashed (\(end)) \(when)" + (outcome.reason.map { ": \($0)" } ?? "")
  }
}
