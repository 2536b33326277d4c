import ArgumentParser
import Conformance
import FrameCodec
import Glibc
import Logging
import NIOCore
import Negotiation
import ReferencePeer
import Specification

/// `wireproof connect`: a client by hand.
struct ConnectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Connect to a server by hand: send messages, make calls, see what comes.",
    discussion: """
      --send and --call are done first, in that order. Then lines are read, from the terminal or from standard input, until \
      it ends:

        send ID TEXT    a one-way message
        call ID TEXT    a call; its answer is shown with the time that it took
        ping [TEXT]     a WebSocket ping
        close [CODE]    a close frame, 1000 by default
        quit            the same

      Text is sent and shown in the charset of the connection. The server's calls with id 7 are answered with id 17 and \
      their payload. Without anything to do on standard input (--no-input) it ends when the calls are answered.

      Behaviors: interactive (this) · websocket-echo (sends every WebSocket message back) · driver (a client that does what \
      the server asks for in messages with id 20 and reports with id 21, as the probes of clients do; docs/client-driver.md) \
      · mutant:NAME (the driver with one fault; wireproof list mutants names them).
      """)

  @Argument(help: ArgumentHelp("ws:// or wss://, with path and query.", valueName: "url"))
  var url: String

  @Option(help: "What the client does.")
  var behavior = ConnectBehavior.interactive

  @Option(help: ArgumentHelp("Play a script instead (docs/scripts.md), and print what happened.", valueName: "file"))
  var script: String?

  @Option(help: "The seed of what is generated, with --script.")
  var seed: UInt64 = 1

  @Flag(help: "With websocket-echo: show each short message.")
  var showMessages = false

  @Option(
    parsing: .unconditionalSingleValue, help: ArgumentHelp("Send a one-way message (repeatable).", valueName: "id:text")
  )
  var send: [MessageArgument] = []

  @Option(
    parsing: .unconditionalSingleValue, help: ArgumentHelp("Make a call (repeatable).", valueName: "id:text"))
  var call: [MessageArgument] = []

  @Option(
    help: ArgumentHelp(
      "How long each wait may take: for the connection, its upgrade, and the answer of a call.", valueName: "seconds"))
  var timeout: Double = 10

  @Flag(help: "Offer permessage-deflate.")
  var compress = false

  // -1 looks like an option.
  @Option(parsing: .unconditional, help: ArgumentHelp("zlib's level, -1 to 9; implies --compress.", valueName: "level"))
  var level: Int?

  @Flag(help: "Offer context takeover and a window of the server's choice; implies --compress.")
  var contextTakeover = false

  @OptionGroup var tls: TLSArguments

  @Option(help: ArgumentHelp("A further field of the upgrade request (repeatable).", valueName: "K: V"))
  var header: [String] = []

  @Option(help: ArgumentHelp("A further query parameter, percent-encoded for you (repeatable).", valueName: "K=V"))
  var query: [String] = []

  @Option(help: ArgumentHelp("A subprotocol to offer, as ws.v3.c1 (repeatable).", valueName: "name"))
  var subprotocol: [String] = []

  @Option(help: "The wire's revision: 1.1, 1.2, 1.3.0 or 1.3.3.")
  var revision = RevisionOption.fixed(.current)

  @Option(
    help: ArgumentHelp(
      "How often to try, a second apart; what cannot pass by itself, such as a wrong path, is tried once.",
      valueName: "n"))
  var attempts = 3

  @Flag(help: "Log every frame.")
  var debug = false

  @Flag(inversion: .prefixedNo, help: "Read lines from standard input.")
  var input = true

  func validate() throws {
    guard timeout > 0, timeout <= 1e6 else {
      throw ValidationError("--timeout is more than 0, at most 1000000 seconds.")
    }
    guard script == nil || (send.isEmpty && call.isEmpty && behavior == .interactive) else {
      throw ValidationError("--script excludes --send, --call and --behavior: the script says what is done.")
    }
    guard (1...1_000_000).contains(attempts) else { throw ValidationError("--attempts is 1 to 1000000.") }
    guard level.map({ (-1...9).contains($0) }) ?? true else { throw ValidationError("--level is -1 to 9.") }
    for field in header where !field.contains(":") {
      throw ValidationError("--header \(field) has no colon; it looks like 'X-Real-Ip: 10.0.0.1'.")
    }
    for pair in query where !pair.contains("=") { throw ValidationError("--query \(pair) has no =.") }
  }

  func run() async throws {
    if let script {
      let isGood = try await reporting {
        let target = try ProbeTarget(url: url, headers: header, query: query, tls: tls)
        return try await ScriptedClient.load(script).run(against: target.target, seed: seed, timeout: timeout)
      }
      try CommandStatus([.failures: !isGood]).endUnlessGood()
      return
    }
    let session = ConnectSession(timeout: .seconds(timeout))
    if behavior.isDriven { return try await drive(session) }
    let connection: Connection
    do {
      connection = try await Client(configuration(session)).connect()
    } catch {
      throw reported(error is SetupFault ? error : SetupFault(PeerFault.connecting(error)))
    }
    session.opened(connection)
    if behavior == .websocketEcho {
      session.show("closed: \(InertText.whole("\(await connection.ended())"))")
      return
    }
    for message in send { await session.send(connection, message) }
    for message in call { await session.call(connection, message) }
    if input { await session.readLines(connection) }
    connection.close()
    session.show("closed: \(InertText.whole("\(await connection.ended())"))")
    try CommandStatus([.failures: session.hasFailed]).endUnlessGood()
  }

  /// Is driven by the server until that is gone.
  private func drive(_ session: ConnectSession) async throws {
    let client = DrivenClient(try configuration(session)) { session.show(InertText.whole($0)) }
    let end: DrivenClient.End
    do { end = try await client.run() } catch {
      throw reported(error is SetupFault ? error : SetupFault(PeerFault.connecting(error)))
    }
    switch end {
    case .stopped: break
    case .neverConnected(let failure):
      throw reported(SetupFault(PeerFault.connecting(ConnectionError.dialFailed(failure))))
    case .cannotDial: try CommandStatus([.failures: true]).endUnlessGood()
    }
  }

  private func configuration(_ session: ConnectSession) throws -> ClientConfiguration {
    let showMessages = showMessages
    var configuration = ClientConfiguration(try ConnectionURL(url).adding(query))
    configuration.attempts = attempts
    configuration.subprotocols = subprotocol
    configuration.fields = header.map(HTTPField.init(argument:))
    configuration.options.revision = revision.policy
    configuration.options.isDebugging = debug
    configuration.options.compression = CompressionOptions.chosen(
      compress: compress, level: level, contextTakeover: contextTakeover)
    configuration.tls = try tls.configuration()
    configuration.options.handshakeWait = .seconds(timeout)
    configuration.logger = LogFormat.text.logger(level: debug ? .debug : .info)
    switch behavior {
    case .interactive: configuration.callbacks = session.callbacks
    case .websocketEcho:
      configuration.messageHandler = { isText, payload, connection in
        if showMessages { session.showMessage(isText: isText, payload) }
        ServerBehavior.echo(isText, payload, connection)
      }
      configuration.options.maxFrameLength = ServerBehavior.echoLimit
      configuration.options.writeWait = nil
    case .driver: break
    case .mutant(let name): configuration.mutation = Mutant.named(name, of: .client)?.mutation
    }
    configuration.handlers = ReferenceApplication.clientHandlers()
    return configuration
  }
}

/// `ID:TEXT`.
struct MessageArgument: ExpressibleByArgument {
  let protocolId: Int64
  let text: String

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let protocolId = parts.first.flatMap({ Int64($0) }) else { return nil }
    self.init(protocolId: protocolId, text: parts.count > 1 ? String(parts[1]) : "")
  }

  init(protocolId: Int64, text: String) {
    self.protocolId = protocolId
    self.text = text
  }
}
