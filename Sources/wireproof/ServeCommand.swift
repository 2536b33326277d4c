import ArgumentParser
import Conformance
import Console
import FrameCodec
import GoldenVectors
import Logging
import Negotiation
import ReferencePeer
import Specification
import SystemFiles

/// `wireproof serve`: a server to test clients against.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run a mock server: the reference application, or another behavior.",
    discussion: """
      Prints one line, "listening on ws://…", when it is ready, and ends on SIGINT or SIGTERM after its connections are \
      closed. It listens on loopback unless --listen says otherwise. With --script the exit code is 1 if something was not as \
      the script expects.

      Behaviors: reference (id 2 is echoed with id 3, 4 the same slowly with 5, 6 makes the server call with 7 and report \
      with 8, 10 sends 100 messages with 11, 12 signals a puller that sends 9) · websocket-echo (any message comes \
      back) · blackhole (reads everything, writes nothing) · original (with the faults and the framing of the original) · \
      chaos (the reference application, which loses, delays, repeats and spoils some of what it sends, by --seed) · mutant:NAME (with one fault; wireproof mutate --list names them).
      """)

  @Option(help: ArgumentHelp("Where to listen; port 0 picks one.", valueName: "host:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: 8003)

  @Option(help: ArgumentHelp("The path to serve; others get 404.", valueName: "path"))
  var path = "/join"

  @Option(help: "What the server does.")
  var behavior = ServedBehavior.known(.reference)

  @Option(
    help: ArgumentHelp("Do what a script says instead (docs/scripts.md, Mock servers).", valueName: "file"))
  var script: String?

  @Option(
    help: ArgumentHelp("Write what clients do at the script's server, a JSON object a line.", valueName: "file"))
  var transcript: String?

  @Option(help: "The seed of chances and of what is generated, with --script and chaos.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How long the slow call takes.", valueName: "seconds"))
  var slowDelay: Double = 2

  @Flag(help: "Accept permessage-deflate.")
  var compress = false

  // -1 looks like an option.
  @Option(parsing: .unconditional, help: ArgumentHelp("zlib's level, -1 to 9; implies --compress.", valueName: "level"))
  var level: Int?

  @Flag(help: "Let compressed messages refer back to earlier ones; implies --compress.")
  var contextTakeover = false

  @OptionGroup var tls: ServerTLSArguments

  @Option(help: ArgumentHelp("Negotiate the version: the lowest and the highest, as 1-3.", valueName: "a-b"))
  var versions: VersionRangeArgument?

  @Option(help: ArgumentHelp("Negotiate the charset: 0 (UTF-8), 1 (GBK) or 0,1.", valueName: "list"))
  var charsets: CharsetList?

  @Option(help: ArgumentHelp("The largest frame length to take.", valueName: "bytes"))
  var maxFrameLength: UInt32?

  @Option(help: ArgumentHelp("How long a client may be silent.", valueName: "seconds"))
  var readWait: Double = 60

  @Option(help: ArgumentHelp("How long a client may not read; pings go 2.5 times as often.", valueName: "seconds"))
  var writeWait: Double = 60

  @Option(help: ArgumentHelp("How many shards the hub has.", valueName: "n"))
  var shards = 16

  @Option(help: "The wire's revision: auto (by each client's first frame), 1.1, 1.2, 1.3.0 or 1.3.3.")
  var revision = RevisionOption.fixed(.current)

  @Option(name: .customLong("origin"), help: ArgumentHelp("Let in this Origin only (repeatable).", valueName: "origin"))
  var origins: [String] = []

  @Flag(help: "Believe X-Real-Ip and X-Forwarded-For.")
  var trustProxy = false

  @Option(
    help: ArgumentHelp("Write what crosses the sockets to a capture, inside of TLS too.", valueName: "file.pcapng"))
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Serve a page that shows the protocol live and drives the server (docs/console.md); a loopback address.",
      valueName: "host:port"))
  var console: ListenAddress?

  @Option(
    name: .customLong("console-name"),
    help: ArgumentHelp(
      "Let browsers reach the console by this name too, from other machines where it listens there (repeatable).",
      valueName: "host"))
  var consoleNames: [String] = []

  @Option(help: "How to log to standard error.")
  var logFormat = LogFormat.text

  @Flag(help: "Log warnings and errors only.")
  var quiet = false

  @Flag(help: "Log every frame, and put an id into pings.")
  var debug = false

  @Option(help: ArgumentHelp("Print figures every so often.", valueName: "seconds"))
  var statsInterval: Double?

  @Option(help: ArgumentHelp("Write the ready line to this file descriptor too.", valueName: "fd"))
  var readyFd: Int32?

  /// How much is logged.
  private var logLevel: Logger.Level { debug ? .debug : quiet ? .warning : .info }

  func validate() throws {
    guard !quiet || !debug else { throw ValidationError("--quiet and --debug exclude each other.") }
    if let readyFd { try ReadyLine.check(readyFd) }
    guard level.map({ (-1...9).contains($0) }) ?? true else { throw ValidationError("--level is -1 to 9.") }
    guard script == nil || behavior == .known(.reference) else {
      throw ValidationError("--script and --behavior exclude each other: a script is the behavior.")
    }
    guard transcript == nil || script != nil else { throw ValidationError("--transcript goes with --script.") }
    guard consoleNames.isEmpty || console != nil else { throw ValidationError("--console-name goes with --console.") }
    guard console.map({ $0.isLoopback || !consoleNames.isEmpty }) ?? true else {
      throw ValidationError(
        "--console shows all traffic and drives the server: it listens on loopback only, unless --console-name says by which "
          + "name others reach it. From another machine, ssh -L 8080:127.0.0.1:8080 is safer.")
    }
    guard console == nil || transcript == nil else {
      throw ValidationError("--console and --transcript exclude each other.")
    }
    guard path.hasPrefix("/") else { throw ValidationError("--path begins with a slash.") }
    guard shards > 0, shards <= 1 << 16 else { throw ValidationError("--shards is 1 to 65536.") }
    for (name, value) in [("slow-delay", slowDelay), ("read-wait", readWait), ("write-wait", writeWait)] {
      guard value >= 0, value <= 1e6 else { throw ValidationError("--\(name) is 0 to 1000000 seconds.") }
    }
    guard statsInterval.map({ $0 >= 0.1 && $0 <= 1e6 }) ?? true else {
      throw ValidationError("--stats-interval is 0.1 to 1000000 seconds.")
    }
  }

  func run() async throws {
    let statistics = statsInterval.map { _ in TrafficStatistics.starting() }
    let recording = try record.map { path in
      try reporting { try Recording.start(path, logger: logFormat.logger(level: logLevel)) }
    }
    if let console {
      try await run(with: console, statistics: statistics, recording: recording)
      return
    }
    if let script = try script ?? behavior.script {
      let isGood = try await reporting {
        try await scripted(script).run(
          logger: logFormat.logger(level: logLevel), recorder: recording?.recorder, readyDescriptor: readyFd)
      }
      try reporting { try recording?.finish() }
      // A script that behaviors stand for has no expectations of its own.
      if self.script != nil, !isGood { throw CommandStatus.failures.exit }
      return
    }
    var configuration = try served.configuration(for: behavior)
    configuration.statistics = statistics
    configuration.observer = recording?.recorder
    let server: Server
    do { server = try await Server.listen(configuration) } catch {
      throw reported(SetupFault("cannot listen on \(listen): \(PeerFault.reason(of: error))"))
    }
    ReadyLine.print("listening on \(server.url)", alsoTo: readyFd, logger: configuration.logger)
    if let statistics, let statsInterval { StatisticsPrinter.start(statistics, every: statsInterval, logFormat) }
    await TerminationSignal.wait()
    await server.shutDown()
    try reporting { try recording?.finish() }
  }

  private func scripted(_ script: String) throws -> ScriptedServer {
    guard case .fixed(let revision) = revision.policy else {
      throw SetupFault("--revision auto and --script do not go together: name the revision that the script speaks")
    }
    return ScriptedServer(
      script: try ScriptedServer.load(script), address: listen, path: path, revision: revision, seed: seed,
      tls: try tls.configuration(), transcript: try transcript.map { try ScriptTranscript($0) })
  }

  /// The server as all options but `--behavior` say.
  private var served: ServedConfiguration {
    get throws {
      ServedConfiguration(base: try configuration(), slowDelay: .seconds(slowDelay), maxFrameLength: maxFrameLength)
    }
  }

  /// Serves with a console until SIGINT, SIGTERM or SIGHUP.
  private func run(with console: ListenAddress, statistics: TrafficStatistics?, recording: Recording?) async throws {
    var served = try served
    served.base.statistics = statistics
    let scripts = ServedScripts(seed: seed, revision: revision.policy, file: script)
    let files = try reporting { try ConsoleFiles(DataDirectory.locate(.ofProcess(explicit: nil))) }
    let logger = served.base.logger
    let isGood = try await reporting {
      try await ConsoledServer(
        served: served, scripts: scripts, recorder: recording?.recorder, address: listen, consoleAddress: console,
        consoleNames: consoleNames, files: files
      ).run(behavior: script == nil ? behavior.defaultValueDescription : ServedScripts.fileName) { server, page in
        ReadyLine.print("listening on \(server)", alsoTo: readyFd, logger: logger)
        ReadyLine.print("console on \(page)", alsoTo: nil, logger: logger)
        if let statistics, let statsInterval { StatisticsPrinter.start(statistics, every: statsInterval, logFormat) }
      }
    }
    try reporting { try recording?.finish() }
    if !isGood { throw CommandStatus.failures.exit }
  }

  private func configuration() throws -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.host = listen.host
    configuration.port = listen.port
    configuration.policy.path = path
    configuration.policy.origins = origins.isEmpty ? nil : origins
    configuration.policy.negotiation = NegotiationPolicy(versions: versions?.range, charsets: charsets?.codes)
    configuration.trustsProxyFields = trustProxy
    configuration.shards = shards
    configuration.options.revision = revision.policy
    configuration.options.readWait = .seconds(readWait)
    configuration.options.writeWait = .seconds(writeWait)
    configuration.options.isDebugging = debug
    configuration.options.compression = CompressionOptions.chosen(
      compress: compress, level: level, contextTakeover: contextTakeover)
    configuration.tls = try reporting { try tls.configuration() }
    configuration.logger = logFormat.logger(level: logLevel)
    configuration.callbacks = .logging(to: configuration.logger)
    return configuration
  }
}
