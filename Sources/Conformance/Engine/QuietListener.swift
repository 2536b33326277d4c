import FrameCodec
import Specification

/// A connection to a server for as long as a run lasts, on which nothing is asked for but one call and one echo at its beginning:
/// what else comes there comes unasked. A server may greet its clients, send heartbeats, or have something to say to whoever
/// has called it, and no rule speaks against it.
final class QuietListener: Sendable {
  private let execution: CaseExecution
  private let task: Task<Void, Never>

  fileprivate init(_ execution: CaseExecution, _ task: Task<Void, Never>) {
    self.execution = execution
    self.task = task
  }

  /// Ends the connection.
  func stop() {
    task.cancel()
    execution.endConnections()
  }
}

extension ScriptEngine {
  /// How long a greeting is waited for.
  private static let greeting = "100ms|5rtt"

  /// Begins to listen for what a server sends unasked; it goes into the settings. What greets every connection is known when
  /// this returns.
  ///
  /// - Returns: The connection; nil: the server did not grant one.
  func listen(to target: ScriptTarget) async -> QuietListener? {
    let execution = CaseExecution(
      settings: settings, caseID: "engine.quiet", revision: .current, level: .must, target: target, listener: nil,
      transcript: CaseTranscript(isKept: false))
    var branch = execution.branch([:])
    do { try await execution.open(ConnectSpec(), step: .engine("connect"), &branch) } catch {
      execution.endConnections()
      return nil
    }
    return await listen(on: execution, branch, asks: true)
  }

  /// Begins to listen for what a client sends unasked that connects to the listener; see ``listen(to:)``.
  ///
  /// - Returns: The connection; nil: none came.
  func listen(on listener: ScriptListener) async -> QuietListener? {
    let execution = CaseExecution(
      settings: settings, caseID: "engine.quiet", revision: .current, level: .must, target: nil, listener: listener,
      transcript: CaseTranscript(isKept: false))
    var branch = execution.branch([:])
    do { try await execution.accept(AcceptSpec(), step: .engine("accept"), &branch) } catch {
      execution.endConnections()
      return nil
    }
    return await listen(on: execution, branch, asks: false)
  }

  private func listen(on execution: CaseExecution, _ branch: StepBranch, asks: Bool) async -> QuietListener? {
    guard let connection = execution.connection(named: branch.connection) else { return nil }
    let own = connection.role == .client ? UInt32(1) : 0
    let unasked = settings.unasked
    let known = settings.profile.knownIDs
    let task = Task {
      while !Task.isCancelled {
        let version = connection.changed.version
        let (ids, isEnded) = connection.withState { state -> (Set<Int64>, Bool) in
          var ids: Set<Int64> = []
          for index in state.items.startIndex..<state.items.endIndex where !state.items[index].isTaken {
            // A number of this side belongs to an answer: one with a wrong id is a fault, and not let pass.
            if case .frame(let frame) = state.items[index].content, (frame.sn ?? 0) % 2 == own || (frame.sn ?? 0) == 0 {
              ids.insert(frame.id)
            }
            state.items.setTaken(index, true)
          }
          state.items.forgetTaken()
          return (ids, state.isEnded)
        }
        for id in ids.subtracting(known).sorted() { unasked.insert(id) }
        if isEnded { return }
        await connection.changed.wait(after: version, until: .now + .seconds(3600))
      }
    }
    if let wait = try? execution.duration(nil, default: Self.greeting, branch) {
      try? await Task.sleep(for: wait)
      if asks, await execution.ask(branch) { try? await Task.sleep(for: wait) }
    }
    return QuietListener(execution, task)
  }
}

extension CaseExecution {
  /// Makes the call and sends the one-way message that the profile has an echo for, without a look at what comes of them.
  ///
  /// - Returns: Whether something was sent.
  fileprivate func ask(_ branch: StepBranch) async -> Bool {
    let step = ScriptStep.engine("send")
    let exchanges = [(settings.profile.echo?.request, 2), (settings.profile.oneWay?.request, 0)]
    let specs = exchanges.compactMap { request, sn -> SendSpec? in
      guard let request else { return nil }
      var frame = FrameSpec()
      frame.id = ScriptTemplate(literal: String(request), at: step.place)
      frame.sn = ScriptTemplate(literal: String(sn), at: step.place)
      frame.payload = .template(ScriptTemplate(literal: freshPayload(), at: step.place))
      return SendSpec(content: .frame(frame), place: step.place)
    }
    guard !specs.isEmpty else { return false }
    return (try? await send(specs, step, branch)) != nil
  }
}
