import Conformance
import Console
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ReferencePeer

/// `serve --console`: a server whose behavior can be changed while it runs, and the console that does so.
struct ConsoledServer {
  /// The server, for any behavior.
  let served: ServedConfiguration

  /// The behaviors that are scripts.
  let scripts: ServedScripts

  /// `--record`.
  let recorder: CaptureRecorder?

  /// Where the server listens.
  let address: ListenAddress

  /// Where the console listens.
  let consoleAddress: ListenAddress

  /// By which names browsers reach it besides.
  let consoleNames: [String]

  /// The files of the page.
  let files: ConsoleFiles

  /// Serves until SIGINT, SIGTERM or SIGHUP.
  ///
  /// - Parameters:
  ///   - behavior: What the server does at first.
  ///   - ready: Is told the URLs of the server and of the page when both can be reached.
  /// - Returns: Whether all was as the script expects that was named; what was not is written to standard error.
  func run(behavior: String, ready: (_ server: String, _ page: String) -> Void) async throws -> Bool {
    let taps = try ConsoleServer.Taps()
    var served = served
    served.base.observer = TrafficObservers(all: (recorder.map { [$0] } ?? []) + [taps.feed])
    let server: Server
    do { server = try await Server.listen(served.base) } catch {
      throw SetupFault("cannot listen on \(address): \(PeerFault.reason(of: error))")
    }
    let mock = SwitchedServer(server: server, served: served, scripts: scripts, taps: taps)
    let compresses = served.base.options.compression != nil
    do {
      try mock.select(behavior, compress: compresses)
      let console: ConsoleServer
      do {
        console = try await ConsoleServer.start(
          .init(host: consoleAddress.host, port: consoleAddress.port, names: consoleNames, files: files), taps: taps,
          mock: mock, behavior: behavior, compress: compresses)
      } catch {
        throw SetupFault("the console cannot listen on \(consoleAddress): \(PeerFault.reason(of: error))")
      }
      ready(server.url, console.url)
      await TerminationSignal.wait()
      await console.shutDown()
    } catch {
      await server.shutDown()
      throw error
    }
    await server.shutDown()
    return await mock.end()
  }
}

/// A server that newcomers find with the behavior that was selected last; those that are there keep theirs.
private final class SwitchedServer: ConsoleMock {
  let server: Server
  let served: ServedConfiguration
  let scripts: ServedScripts
  let taps: ConsoleServer.Taps

  /// The servers of scripts that were selected, by name.
  private let mocks = NIOLockedValueBox<[String: (script: MockServerScript, server: MockServer)]>([:])

  init(server: Server, served: ServedConfiguration, scripts: ServedScripts, taps: ConsoleServer.Taps) {
    self.server = server
    self.served = served
    self.scripts = scripts
    self.taps = taps
  }

  var url: String { server.url }

  var hub: Hub { server.hub }

  var behaviors: [ConsoleBehavior] {
    let known = ["reference", "websocket-echo", "blackhole", "original", "chaos"]
    return known.map { ConsoleBehavior(name: $0, title: "", group: "behaviors") }
      + (scripts.file.map { [ConsoleBehavior(name: ServedScripts.fileName, title: $0, group: "behaviors")] } ?? [])
      + Mutant.wire.map { ConsoleBehavior(name: "mutant:\($0.name)", title: $0.fault, group: "faults on the wire") }
      + Mutant.servers.map { ConsoleBehavior(name: "mutant:\($0.name)", title: $0.fault, group: "mutants") }
  }

  func select(_ name: String, compress: Bool) throws {
    if let path = try scripts.path(of: name) {
      let mock = try mock(name, path)
      return server.handOver { mock.take($0) }
    }
    guard let behavior = ServedBehavior(argument: name) else { throw SetupFault("there is no behavior \(name)") }
    var served = served
    let options = served.base.options.compression
    served.base.options.compression = compress ? options ?? CompressionOptions() : nil
    var configuration = served.configuration(for: behavior)
    configuration.callbacks = taps.connections.observing(configuration.callbacks, behavior: name)
    server.serve(configuration)
  }

  private func mock(_ name: String, _ path: String) throws -> MockServer {
    if let known = mocks.withLockedValue({ $0[name]?.server }) { return known }
    guard case .fixed(let revision) = scripts.revision else {
      throw SetupFault("a script speaks one revision: name it with --revision")
    }
    let script = try ScriptedServer.load(path)
    let logger = served.base.logger
    let observer = served.base.observer
    // Far from the numbers of the other connections, which the recorders know as well.
    let offset = UInt64(mocks.withLockedValue { $0.count } + 1) << 40
    let mock = MockServer.mounted(script, seed: scripts.seed, revision: revision) { connection, entry in
      ScriptLog.log(entry, of: connection, to: logger)
      observer?.record(entry, of: offset + UInt64(connection))
    }
    mocks.withLockedValue { $0[name] = (script, mock) }
    return mock
  }

  /// Ends the servers of scripts.
  ///
  /// - Returns: Whether all was as the script expects that `--script` names.
  func end() async -> Bool {
    var isGood = true
    for (name, mock) in mocks.withLockedValue({ $0 }) {
      await mock.server.shutdown()
      guard name == ServedScripts.fileName else { continue }
      let faults = mock.server.account.faults
      mock.script.report(faults)
      isGood = faults.isEmpty
    }
    return isGood
  }
}

/// The behaviors that are scripts.
struct ServedScripts: Sendable {
  /// What the console calls the script of `--script`.
  static let fileName = "script"

  /// For chances and generated bytes, where a script names no seed.
  let seed: UInt64

  /// The revision that they speak.
  let revision: RevisionPolicy

  /// `--script`.
  let file: String?

  /// The file of a behavior; nil: it is no script.
  func path(of name: String) throws -> String? {
    name == Self.fileName && file != nil ? file : try ServedBehavior(argument: name)?.script
  }
}
