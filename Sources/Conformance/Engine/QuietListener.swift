import FrameCodec
import Specification

/// A connection to a server on which nothing is asked for, for as long as a run lasts: what comes there comes unasked. A server
/// may greet its clients, or send heartbeats, and no rule speaks against it.
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
    guard let connection = execution.connection(named: branch.connection) else { return nil }
    let unasked = settings.unasked
    let known = settings.profile.knownIDs
    let task = Task {
      while !Task.isCancelled {
        let version = connection.changed.version
        let (ids, isEnded) = connection.withState { state -> (Set<Int64>, Bool) in
          var ids: Set<Int64> = []
          for index in state.items.startIndex..<state.items.endIndex where !state.items[index].isTaken {
            if case .frame(let frame) = state.items[index].content { ids.insert(frame.id) }
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
    if let wait = try? execution.duration(nil, default: Self.greeting, branch) { try? await Task.sleep(for: wait) }
    return QuietListener(execution, task)
  }
}
