import FoundationEssentials
import FrameCodec
import NIOConcurrencyHelpers
import NIOCore
import Negotiation
import ReferencePeer
import Specification
import StrictJSON

/// A short conversation of a client with a faulty server: calls fast, slow, short and long, one-way messages, a call of the
/// server, a burst, and an end with a call in flight.
struct MatrixConversation: Sendable {
  private struct State {
    var connections: [Connection] = []
    var ends: [UInt64: ConnectionEnd.Cause] = [:]
    var opened = 0
    var pongs = 0
    var process: ProcessUnderTest?
  }

  /// How much longer is waited on a busy machine.
  private static let longestDelay = Duration.seconds(60)

  /// How long a client may take to dial.
  private static let startTime = Duration.seconds(15)

  /// How long the calls of a client may take, in milliseconds, where there is no reason to wait longer.
  private static let shortCallTime: Int64 = 1500

  private let callTime: Int64

  private let fault: Mutant
  private let orders: [MatrixObservation.Order]
  private let waiting: MatrixObservation.Order
  private let again: MatrixObservation.Order
  private let state = NIOLockedValueBox(State())
  private let changed = ChangeSignal()
  private let witness: MutationWitness
  private let delay = OwnDelay()

  /// A conversation with a server that has a fault.
  ///
  /// - Parameter patience: How many times longer than usual the client's calls may take.
  init(_ fault: Mutant, patience: Int64 = 1) {
    self.fault = fault
    let callTime = Self.shortCallTime * patience
    self.callTime = callTime
    let changed = changed
    witness = MutationWitness { changed.bump() }
    let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    func call(_ seq: Int64, _ id: Int64, _ payload: [UInt8]) -> MatrixObservation.Order {
      MatrixObservation.Order(seq: seq, isCall: true, id: id, payload: payload, timeout: callTime)
    }
    func send(_ seq: Int64, _ id: Int64, _ payload: [UInt8]) -> MatrixObservation.Order {
      MatrixObservation.Order(seq: seq, isCall: false, id: id, payload: payload, timeout: callTime)
    }
    orders = [
      call(1, 2, Array("the first call".utf8)), call(2, 4, Array("the slow call".utf8)),
      call(3, 2, Array(String(repeating: "the third call ", count: 20).utf8)),
      send(4, 6, Array("the server's call".utf8)),
      send(5, 10, []), call(6, 2, long), call(7, 2, Array("the seventh call".utf8)),
    ]
    again = call(8, 2, Array("the call after all the others".utf8))
    waiting = MatrixObservation.Order(
      seq: 9, isCall: true, id: 99, payload: Array("the call that nobody answers".utf8), timeout: 60_000)
  }

  /// The number in an order; nil: it is none.
  static func seq(ofOrder payload: [UInt8]) -> Int64? {
    (try? JSONParser.parse(payload))?["seq"]?.intValue
  }

  // MARK: - The conversation

  /// Plays it with a client.
  ///
  /// - Parameters:
  ///   - command: The client's command, in which `{url}` stands for where to connect to.
  ///   - log: The file for what the client writes; it is removed.
  /// - Returns: What was seen; nil: the client never dialled.
  func play(_ command: [String], log: String) async throws -> MatrixObservation? {
    let server = try await Server.listen(configuration())
    let url = "ws://127.0.0.1:\(server.port)/join?uid=matrix&deviceId=\(server.port)"
    let process = ProcessUnderTest(
      command: command.map {
        $0.replacing("{url}", with: url).replacing("{port}", with: String(server.port)).replacing(
          "{uid}", with: "matrix")
      }, log: log)
    state.withLockedValue { $0.process = process }
    let watch = Task { [delay] in await delay.watch() }
    defer { watch.cancel() }
    await process.start()
    let seen = await converse(process, url)
    await process.stop(farewell: .milliseconds(300))
    await server.shutDown(deadline: .milliseconds(200))
    var result = seen
    result?.sanitizer = SanitizerReport(in: process.output(from: 0))?.line
    try? FileManager.default.removeItem(atPath: log)
    return result
  }

  private func configuration() -> ServerConfiguration {
    var configuration = Mutant.configuration(slowDelay: .milliseconds(150))
    configuration.policy.origins = nil
    configuration.trustsProxyFields = false
    configuration.options.revision = .fixed(.current)
    var mutation = fault.mutation
    mutation.witness = witness
    configuration.mutation = mutation
    configuration.observer = DialObserver { self.update { $0.opened += 1 } }
    configuration.callbacks.established = { connection in self.update { $0.connections.append(connection) } }
    configuration.callbacks.closed = { connection, end in self.update { $0.ends[connection.number] = end.cause } }
    configuration.callbacks.pongReceived = { _, _ in self.update { $0.pongs += 1 } }
    return configuration
  }

  private func converse(_ process: ProcessUnderTest, _ url: String) async -> MatrixObservation? {
    var seen = MatrixObservation()
    let hasDialled = await wait(Self.startTime) { process.end != nil || $0.opened > 0 }
    guard hasDialled, now.opened > 0 else { return nil }
    _ = await wait(.seconds(3)) { process.end != nil || !$0.connections.isEmpty }
    if let connection = now.connections.first {
      seen.isConnected = true
      await ask(connection, process, &seen)
      await leave(connection, process, url, &seen)
    } else {
      await watchDials(&seen)
    }
    seen.said = witness.said
    seen.heard = witness.heard
    seen.isShown = witness.isShown || fault.mutation.configuration != nil
    seen.isDeaf = witness.isDeaf
    seen.dials = now.opened
    seen.processEnd = process.end
    seen.lost = { [delay] in process.starved(since: $0) + delay.waited(since: $0) }
    return seen
  }

  /// The orders, all at once, and one more when they are done.
  private func ask(_ connection: Connection, _ process: ProcessUnderTest, _ seen: inout MatrixObservation) async {
    func isOver(_ state: State) -> Bool { process.end != nil || state.ends[connection.number] != nil }
    for order in orders { tell(order, connection) }
    seen.orders = orders
    let due = Duration.milliseconds(callTime) + MatrixJudge.grace + .milliseconds(100)
    _ = await wait(due) { state in isOver(state) || hasReported(orders.map(\.seq)) && hasAnsweredServer }
    guard !isOver(now) else { return }
    let before = (witness.heard.count, now.pongs)
    connection.ping(Array("matrix".utf8))
    tell(again, connection)
    seen.orders.append(again)
    _ = await wait(due) { state in isOver(state) || hasReported([again.seq]) }
    let isObservable = fault.mutation.cut == nil && fault.mutation.control == nil
    seen.isAlive = !isObservable || witness.heard.count > before.0 || now.pongs > before.1
  }

  /// The end, with a call in flight: by a displacement where the fault is about those, else by a close frame.
  private func leave(
    _ connection: Connection, _ process: ProcessUnderTest, _ url: String, _ seen: inout MatrixObservation
  ) async {
    seen.end = now.ends[connection.number]
    seen.closed = .now
    var rival: Connection?
    if seen.end == nil {
      tell(waiting, connection)
      _ = await wait(.milliseconds(300)) { _ in witness.heard.contains { $0.protocolId == waiting.id } }
      seen.closed = .now
      if fault.requirements.contains(where: { $0.rawValue.hasPrefix("hub.") }) {
        seen.isDisplaced = true
        rival = try? await newcomer(url)
      }
      if rival == nil { connection.close(code: 1001) }
    }
    await watchDials(&seen, expected: rival == nil ? 0 : 1)
    rival?.close()
  }

  /// Looks on for a second.
  private func watchDials(_ seen: inout MatrixObservation, expected: Int = 0) async {
    let before = now.opened
    _ = await wait(.seconds(1), isExact: true) { $0.opened - before - expected > MatrixJudge.stormLimit }
    seen.redials = max(0, now.opened - before - expected)
  }

  private func newcomer(_ url: String) async throws -> Connection {
    var configuration = try ClientConfiguration(url)
    configuration.attempts = 1
    return try await Client(configuration).connect()
  }

  // MARK: - Orders

  private func tell(_ order: MatrixObservation.Order, _ connection: Connection) {
    let json: JSONValue = [
      "seq": .int(order.seq), "do": .string(order.isCall ? "call" : "send"), "id": .int(order.id),
      "payload": .hex(order.payload), "timeoutMs": .int(order.timeout),
    ]
    connection.send(DriverCommand.protocolId, ByteBuffer(string: json.line), completion: nil)
  }

  private func hasReported(_ seqs: [Int64]) -> Bool {
    let reported = Set(witness.heard.compactMap { MatrixObservation.Report($0)?.seq })
    return reported.isSuperset(of: seqs)
  }

  /// Whether the client has answered the call of the server, which order 4 brings about.
  private var hasAnsweredServer: Bool {
    guard let call = witness.said.first(where: { $0.protocolId == 7 }) else { return false }
    return witness.heard.contains { $0.sn == call.sn }
  }

  // MARK: - Waiting

  private var now: State { state.withLockedValue { $0 } }

  private func update(_ change: (inout State) -> Void) {
    state.withLockedValue(change)
    changed.bump()
  }

  /// How much of the time since a moment the client or this program waited for a processor.
  private func lost(since start: ContinuousClock.Instant) -> Duration {
    min(Self.longestDelay, (now.process?.starved(since: start) ?? .zero) + delay.waited(since: start))
  }

  /// Waits until something holds; false: it did not in time.
  ///
  /// - Parameter isExact: Whether a busy machine gives it no more time than that.
  private func wait(_ time: Duration, isExact: Bool = false, _ isTrue: (State) -> Bool) async -> Bool {
    let start = ContinuousClock.now
    let deadline = start + time
    while !Task.isCancelled {
      let version = changed.version
      if isTrue(now) { return true }
      let now = ContinuousClock.now
      if now >= deadline, isExact || now >= deadline + lost(since: start) { return false }
      // The end of a process is no event.
      await changed.wait(after: version, until: min(max(deadline, now + .milliseconds(10)), now + .milliseconds(50)))
    }
    return false
  }
}

/// Counts transports.
private struct DialObserver: TrafficObserver {
  let isOpened: @Sendable () -> Void

  init(_ isOpened: @escaping @Sendable () -> Void) { self.isOpened = isOpened }

  func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?) { isOpened() }
  func received(_ bytes: ByteBuffer, connection: UInt64) {}
  func sent(_ bytes: ByteBuffer, connection: UInt64) {}
  func closed(connection: UInt64) {}
}
