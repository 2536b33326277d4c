import Conversation
import NIOConcurrencyHelpers
import NIOCore
package import ReferencePeer
import StrictJSON

/// Our client under a peer's command: does what one-way messages with id 20 ask for, and reports with id 21.
///
/// It is the client of the reference application besides, which answers calls with id 7. It dials again when its connection is
/// lost, a bounded number of times with growing pauses, and never after a displacement. What could not be reported because the
/// connection had ended is reported first on the next one: how else would a peer learn what became of the calls that waited.
package final class DrivenClient: Sendable {
  /// Why it has ended.
  package enum End: Hashable, Sendable {
    /// It was told to close, another client displaced it, or the server is gone.
    case stopped(RedialSchedule.StopReason)
    /// It never had a connection, for this reason.
    case neverConnected(DialFailure)
    /// Having had one, it could not dial again, and never will.
    case cannotDial(DialFailure)
  }

  /// How many reports wait at most for a connection; the oldest go first.
  static let heldReportLimit = 1 << 16

  private struct State {
    /// Reports that no connection has taken.
    var held: [String] = []
    /// The number of the command to connect again, while that is being done.
    var reconnecting: Int64?
    /// Whether there was a connection.
    var hasConnected = false
  }

  private let configuration: ClientConfiguration
  private let schedule: RedialSchedule
  private let state = NIOLockedValueBox(State())
  private let log: @Sendable (String) -> Void

  /// When the client dials again after it has lost a connection: up to six times in a row, within about ten seconds.
  package static let redialSchedule = RedialSchedule(
    initialDelay: .milliseconds(200), maximumDelay: .seconds(3), multiplier: 2, maximumFailures: 6,
    steadyTime: .seconds(1))

  /// A client that is not yet connected.
  ///
  /// - Parameters:
  ///   - configuration: Where to and how; its handlers are replaced, one attempt is made at a time.
  ///   - schedule: When to dial again.
  ///   - log: Is told in a line what happens to connections.
  package init(
    _ configuration: ClientConfiguration, schedule: RedialSchedule = DrivenClient.redialSchedule,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.schedule = schedule
    self.log = log
  }

  /// Connects and does what it is told, until it is to end.
  ///
  /// - Throws: `CancellationError`, or where TLS cannot be set up.
  package func run() async throws -> End {
    let client = try Client(driven())
    let clock = ContinuousClock()
    var schedule = schedule
    while true {
      let outcome: RedialSchedule.Outcome
      do {
        let connection = try await client.connect()
        let start = clock.now
        log("connected")
        let end = await withTaskCancellationHandler {
          await connection.ended()
        } onCancel: {
          connection.close()
        }
        try Task.checkCancellation()
        log("closed: \(end)")
        if state.withLockedValue({ $0.reconnecting != nil }) {
          schedule = self.schedule
          continue
        }
        switch end.cause {
        case .closed, .kicked: outcome = .ended
        case .displaced: outcome = .displaced
        default: outcome = .lost(after: clock.now - start)
        }
      } catch ConnectionError.dialFailed(let failure) {
        log("cannot connect: \(failure.reason)")
        let hasConnected = state.withLockedValue { $0.hasConnected }
        guard !failure.isLasting else { return hasConnected ? .cannotDial(failure) : .neverConnected(failure) }
        outcome = .failed
      }
      var decision = schedule.next(after: outcome)
      if let change = configuration.mutation?.redial { decision = change(outcome, decision) }
      switch decision {
      case .stop(let reason): return .stopped(reason)
      case .dial(let delay): try await Task.sleep(for: delay)
      }
    }
  }

  private func driven() -> ClientConfiguration {
    var configuration = configuration
    configuration.attempts = 1
    // A peer that asks for a thousand calls in one read gets a thousand.
    configuration.options.sendQueueLimit = max(configuration.options.sendQueueLimit, 1 << 16)
    configuration.handlers = ReferenceApplication.clientHandlers()
    configuration.handlers.on(DriverCommand.protocolId) { message, connection in
      if message.sn == 0 { self.take(Array(message.payload.readableBytesView), connection) }
    }
    let established = configuration.callbacks.established
    configuration.callbacks.established = { connection in
      established?(connection)
      self.greet(connection)
    }
    return configuration
  }

  /// Reports on a new connection what the last one could not take, and that it is there if it was asked for.
  private func greet(_ connection: Connection) {
    let (held, reconnected) = state.withLockedValue { state in
      defer { (state.held, state.reconnecting, state.hasConnected) = ([], nil, true) }
      return (state.held, state.reconnecting)
    }
    for line in held { send(line, connection) }
    if let reconnected { send(DriverReport(seq: reconnected, outcome: .done).line, connection) }
  }

  // MARK: - Commands

  private func take(_ payload: [UInt8], _ connection: Connection) {
    guard let json = try? JSONParser.parse(payload) else {
      return report(0, .failed(DriverCommand.Fault.malformed.rawValue), connection)
    }
    do throws(DriverCommand.Fault) {
      carryOut(try DriverCommand(json), connection)
    } catch {
      report(DriverCommand.number(in: json), .failed(error.rawValue), connection)
    }
  }

  private func carryOut(_ command: DriverCommand, _ connection: Connection) {
    switch command.action {
    case .call, .send:
      guard let payload = payload(of: command, connection) else { return }
      if command.action == .call {
        call(command, payload, connection)
      } else {
        send(command, payload, connection)
      }
    case .ping:
      guard let payload = payload(of: command, connection) else { return }
      connection.ping(Array(payload.readableBytesView))
      report(command.seq, .done, connection)
    case .close:
      report(command.seq, .done, connection)
      connection.close(code: command.code)
    case .reconnect:
      state.withLockedValue { $0.reconnecting = command.seq }
      connection.close(code: command.code)
    }
  }

  private func payload(of command: DriverCommand, _ connection: Connection) -> ByteBuffer? {
    switch command.payload {
    case .bytes(let bytes): return ByteBuffer(bytes: bytes)
    case .text(let text):
      if let payload = try? connection.payload(text: text) { return payload }
      report(command.seq, .failed("charset"), connection)
      return nil
    }
  }

  private func call(_ command: DriverCommand, _ payload: ByteBuffer, _ connection: Connection) {
    if let sn = command.sn { connection.continueNumbering(from: sn) }
    let isText = if case .text = command.payload { true } else { false }
    let clock = ContinuousClock()
    let start = clock.now
    connection.call(command.id, payload, timeout: .milliseconds(command.timeout)) { result in
      let outcome: DriverReport.Outcome
      switch result {
      case .success(let answer):
        outcome = .answered(
          id: answer.protocolId, sn: answer.sn, payload: Array(answer.payload.readableBytesView),
          text: isText ? try? connection.text(of: answer.payload) : nil)
      case .failure(let error): outcome = .failed(DriverReport.word(for: error))
      }
      let elapsed = Int64((clock.now - start) / .milliseconds(1))
      self.send(DriverReport(seq: command.seq, outcome: outcome, elapsed: elapsed).line, connection)
    }
  }

  private func send(_ command: DriverCommand, _ payload: ByteBuffer, _ connection: Connection) {
    connection.send(command.id, payload) { result in
      switch result {
      case .success: self.report(command.seq, .done, connection)
      case .failure(let error): self.report(command.seq, .failed(DriverReport.word(for: error)), connection)
      }
    }
  }

  // MARK: - Reports

  private func report(_ seq: Int64, _ outcome: DriverReport.Outcome, _ connection: Connection) {
    send(DriverReport(seq: seq, outcome: outcome).line, connection)
  }

  private func send(_ line: String, _ connection: Connection) {
    connection.send(DriverCommand.reportId, ByteBuffer(string: line)) { result in
      guard case .failure = result else { return }
      self.state.withLockedValue { state in
        if state.held.count >= Self.heldReportLimit { state.held.removeFirst() }
        state.held.append(line)
      }
    }
  }
}
