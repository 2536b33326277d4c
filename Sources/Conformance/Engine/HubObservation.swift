import FrameCodec
import Specification

extension ScriptEngine {
  /// How many identities are tried: a hub that works now and then is one.
  private static let triedIdentities = 3

  /// Whether connections of one identity are served side by side, which shows that a server has no hub. Where anything else
  /// comes of them, a displacement, an end, a refusal, an answer that does not come, there may be one that has to be judged.
  ///
  /// - Parameter patience: How long a displacement is waited for, as scripts write durations.
  package func servesSideBySide(_ target: ScriptTarget, patience: String = "5s|20rtt") async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      for number in 1...Self.triedIdentities {
        group.addTask {
          let execution = CaseExecution(
            settings: settings, caseID: "engine.hub-\(number)", revision: .current, level: .must, target: target,
            listener: nil)
          defer { execution.endConnections() }
          return await execution.servesSideBySide(patience, execution.branch([:]))
        }
      }
      for await servesBoth in group where !servesBoth {
        group.cancelAll()
        return false
      }
      return true
    }
  }
}

extension CaseExecution {
  /// Whether a second connection with the identity of a first one leaves that alone.
  fileprivate func servesSideBySide(_ patience: String, _ start: StepBranch) async -> Bool {
    do {
      let step = ScriptStep.engine("hub")
      var spec = ConnectSpec()
      spec.uid = ScriptTemplate(literal: uid, at: .start)
      var branches: [StepBranch] = []
      for name in ["old", "new"] {
        var branch = start
        spec.name = ScriptTemplate(literal: name, at: .start)
        try await open(spec, step: step, &branch)
        branch.connection = name
        try await exchange(step: step, &branch)
        branches.append(branch)
      }
      guard let old = connection(named: "old") else { return false }
      let revision = revision
      let displaced = await wait(on: old, until: try deadline(step, default: patience, start)) { state -> Bool? in
        let isTold = state.items.untaken.contains { _, item in
          item.isFailure || item.isFrame(of: [revision.displacementProtocolId])
        }
        return isTold ? true : nil
      }
      if displaced != nil || Task.isCancelled { return false }
      for var branch in branches { try await exchange(step: step, &branch) }
      return true
    } catch {
      return false
    }
  }
}
