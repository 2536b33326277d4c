import Glibc
import NIOConcurrencyHelpers
import Specification
import StrictJSON
import Subprocess

/// How a process ended, and the last that it wrote on standard error.
struct ProcessEnd: Sendable {
  /// `exit code 1`, `signal 11`.
  let status: String

  /// The end of what it wrote on standard error, escaped.
  let diagnostics: String
}

/// Runs an implementation under test as a child process in a process group of its own.
struct AdapterProcess: Sendable {
  /// The command line, for `/bin/sh -c`.
  let command: String

  /// How long a line may wait for its answer.
  let timeout: Duration

  /// How long the answer to `hello` may take: some implementations need a while to start.
  let startTimeout: Duration

  /// How long a process may take to end by itself after `stop`.
  private static let farewell = Duration.seconds(2)

  typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  /// Starts the process, runs the body with a connection to it, and kills whatever is left of its group.
  func run<Value: Sendable>(
    _ body: (inout AdapterConnection) async -> Value
  ) async throws -> (value: Value, end: ProcessEnd) {
    var options = PlatformOptions()
    options.processGroupID = 0
    let diagnostics = DiagnosticsTail()
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", command], platformOptions: options, input: .inputWriter, output: .sequence,
      error: .sequence
    ) { running in
      await withTaskCancellationHandler {
        let drain = Task { await diagnostics.drain(running.standardError) }
        var connection = AdapterConnection(running, timeout: timeout, startTimeout: startTimeout)
        let value = await body(&connection)
        await connection.end(within: Self.farewell)
        await drain.value
        return value
      } onCancel: {
        try? running.send(signal: .kill, toProcessGroup: true)
      }
    }
    return (
      result.closureResult, ProcessEnd(status: Self.describe(result.terminationStatus), diagnostics: diagnostics.text)
    )
  }

  private static func describe(_ status: TerminationStatus) -> String {
    switch status {
    // A shell that waited for the command gives its signal as 128 more.
    case .exited(let code) where (129...192).contains(code): "signal \(code - 128)"
    case .exited(let code): "exit code \(code)"
    case .signaled(let signal): "signal \(signal)"
    }
  }
}

/// Keeps the last bytes that a process wrote on standard error.
private final class DiagnosticsTail: Sendable {
  private static let kept = 4_096
  private let tail = NIOLockedValueBox<[UInt8]>([])

  func drain(_ output: SubprocessOutputSequence) async {
    var iterator = output.makeAsyncIterator()
    while let buffer = try? await iterator.next() {
      let bytes = buffer.withUnsafeBytes { Array($0) }
      tail.withLockedValue { tail in
        tail += bytes
        if tail.count > Self.kept { tail.removeFirst(tail.count - Self.kept) }
      }
    }
  }

  var text: String { tail.withLockedValue { InertText.ascii($0, limit: Self.kept) } }
}

/// The lines to and from one running adapter.
struct AdapterConnection {
  /// The longest line that is taken.
  private static let longestLine = 16 << 20

  private let running: AdapterProcess.Running
  private let timeout: Duration
  private let startTimeout: Duration
  private var output: SubprocessOutputSequence.Iterator
  private var buffered: [UInt8] = []
  private var searched = 0
  private var sequence: Int64 = 0
  private var hasEnded = false

  /// An adapter that is gone is seen as a failed write; the signal that comes with it would end this process.
  private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  init(_ running: AdapterProcess.Running, timeout: Duration, startTimeout: Duration) {
    Self.ignoresBrokenPipes
    self.running = running
    self.timeout = timeout
    self.startTimeout = max(timeout, startTimeout)
    output = running.standardOutput.makeAsyncIterator()
  }

  /// Writes the line that `make` gives for the next sequence number, and waits for the answer to it.
  mutating func exchange(_ make: (Int64) -> JSONValue) async -> Reply {
    sequence += 1
    let request = make(sequence)
    let alarm = Alarm(sequence == 1 ? startTimeout : timeout, kills: running)
    let line = await send(request) ? await nextLine() : nil
    if await alarm.stop() {
      hasEnded = true
      return .timedOut
    }
    guard let line else {
      hasEnded = true
      return .ended
    }
    let reply = AdapterLine.parse(line, sequence: sequence)
    // Who does not keep to the protocol is not waited for.
    if case .malformed = reply { hasEnded = true }
    return reply
  }

  /// Says `stop` and waits a while for the process to end; then kills its group, also when it ended: a child of its own may
  /// be left.
  mutating func end(within farewell: Duration) async {
    if !hasEnded {
      let alarm = Alarm(farewell, kills: running)
      _ = await send(AdapterLine.stop)
      try? await running.standardInputWriter.finish()
      while await nextLine() != nil {}
      _ = await alarm.stop()
    }
    try? running.send(signal: .kill, toProcessGroup: true)
  }

  private func send(_ value: JSONValue) async -> Bool {
    let line = Array((value.line + "\n").utf8)
    var sent = 0
    while sent < line.count {
      guard let count = try? await running.standardInputWriter.write(Array(line[sent...])), count > 0 else {
        return false
      }
      sent += count
    }
    return true
  }

  /// The next line without its line break; nil at the end of the output. What stands after the last line break is a line.
  private mutating func nextLine() async -> [UInt8]? {
    while true {
      if let end = buffered[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffered[..<end])
        buffered.removeSubrange(...end)
        searched = 0
        return line
      }
      searched = buffered.count
      guard buffered.count <= Self.longestLine, let buffer = try? await output.next() else {
        defer { buffered = [] }
        searched = 0
        return buffered.isEmpty ? nil : buffered
      }
      buffer.withUnsafeBytes { buffered += $0 }
    }
  }
}

/// Kills a process group when it is not stopped in time.
private struct Alarm {
  private enum State {
    case waiting, stopped, rung
  }

  private final class Clock: Sendable {
    let state = NIOLockedValueBox(State.waiting)
  }

  private let clock = Clock()
  private let task: Task<Void, Never>

  init(_ duration: Duration, kills running: AdapterProcess.Running) {
    let clock = clock
    task = Task {
      guard (try? await Task.sleep(for: duration)) != nil else { return }
      let rings = clock.state.withLockedValue { state in
        guard state == .waiting else { return false }
        state = .rung
        return true
      }
      if rings { try? running.send(signal: .kill, toProcessGroup: true) }
    }
  }

  /// Stops the alarm and says whether it rang before. The process is not touched after this returns.
  func stop() async -> Bool {
    let rang = clock.state.withLockedValue { state in
      if state == .waiting { state = .stopped }
      return state == .rung
    }
    task.cancel()
    await task.value
    return rang
  }
}
