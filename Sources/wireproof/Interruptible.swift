/// Work that a user may end early and still get what was found until then.
enum Interruptible {
  /// Does the work. The first SIGINT, SIGTERM or SIGHUP cancels it, so that it ends with what it has; the second ends the process.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let work = Task { try await body() }
    let watch = Task {
      await TerminationSignal.wait()
      work.cancel()
    }
    defer { watch.cancel() }
    return try await work.value
  }
}
