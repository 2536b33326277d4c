import Specification

extension CaseExecution {
  /// How often we look whether the server has let go of what it held.
  private static let interval = Duration.milliseconds(100)

  /// Remembers what the server holds of the machine, or waits until it holds no more than so much beyond that. Where that cannot
  /// be seen nothing is shown, and nothing fails.
  func checkResources(_ spec: ResourceSpec, _ step: ScriptStep, _ branch: StepBranch) async throws {
    guard case .bound(let memory, let peak, let threads, let files) = spec else {
      marked = settings.resources?()
      return
    }
    guard let before = marked, let bounds = try bounds(memory, peak, threads, files, before, branch) else {
      transcript.record(.note("what the server holds cannot be seen here"))
      return
    }
    let deadline = try deadline(step, default: "5s|20rtt", branch)
    let start = ContinuousClock.now
    while let now = settings.resources?() {
      let excess = bounds.compactMap { bound -> String? in
        let held = bound.held(now)
        return held > bound.limit ? "\(bound.name) went from \(bound.before) to \(held)" : nil
      }
      guard !excess.isEmpty else { return show(step.duty.all) }
      guard extended(deadline, from: start) != nil, !Task.isCancelled else {
        let expected = bounds.map { "\($0.name) of at most \($0.limit)" }.joined(separator: ", ")
        throw unmet(step, branch, expected: expected, actual: excess.joined(separator: "; "))
      }
      try? await Task.sleep(for: Self.interval)
    }
  }

  /// One thing that is bounded.
  private struct Bound: Sendable {
    let name: String
    let before: Int
    let limit: Int
    let held: @Sendable (ProcessResources) -> Int
  }

  /// The bounds; nil: an earlier peak hides what would be seen.
  private func bounds(
    _ memory: ScriptTemplate?, _ peak: ScriptTemplate?, _ threads: ScriptTemplate?, _ files: ScriptTemplate?,
    _ before: ProcessResources, _ branch: StepBranch
  ) throws -> [Bound]? {
    let scope = scope(branch)
    var bounds: [Bound] = []
    func add(
      _ template: ScriptTemplate?, _ name: String, from base: Int,
      _ held: @escaping @Sendable (ProcessResources) -> Int
    ) throws {
      guard let template else { return }
      let more = Int(min(max(0, try template.integer(in: scope)), 1 << 40))
      bounds.append(Bound(name: name, before: base, limit: base + more, held: held))
    }
    try add(memory, "resident memory in KiB", from: before.residentKiB) { $0.residentKiB }
    try add(peak, "highest resident memory in KiB", from: before.residentKiB) { $0.peakKiB }
    try add(threads, "threads", from: before.threads) { $0.threads }
    try add(files, "open files", from: before.files) { $0.files }
    return bounds.allSatisfy { $0.held(before) <= $0.limit } ? bounds : nil
  }
}

extension ScriptStep {
  /// Whether it is about what the server holds of the machine.
  var isAboutResources: Bool {
    if case .resources = verb { true } else { false }
  }
}
