import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import Subprocess

/// A server that we start ourselves: in a process group of its own, its output in a file.
package final class ServerUnderTest: Sendable {
  /// How long it may take to end by itself when told to.
  private static let farewell = Duration.seconds(2)

  /// How often we look whether it has ended.
  private static let interval = Duration.milliseconds(10)

  /// Appends the output of a command to a file and becomes the command.
  private static let redirection = "exec \"$@\" >>\"$0\" 2>&1"

  private enum Phase {
    case none
    case starting
    case running(pid_t)
    case ended(String)
  }

  private struct State {
    var phase = Phase.none
    var starts = 0
    var isStopping = false
  }

  /// The command and its arguments. A single one with a space in it is a line for the shell.
  package let command: [String]

  /// The file that its standard output and standard error go to.
  package let log: String

  private let state = NIOLockedValueBox(State())

  /// A server that is not started yet.
  ///
  /// - Parameters:
  ///   - command: The command and its arguments; not empty.
  ///   - log: The file for its output; it is made, and emptied, when the server starts for the first time.
  package init(command: [String], log: String) {
    self.command = command.count == 1 && command[0].contains(" ") ? ["sh", "-c", command[0]] : command
    self.log = log
  }

  /// How it ended: `exit code 1`, `signal 11`; nil: it runs, or was not started.
  package var end: String? {
    state.withLockedValue { state in
      if case .ended(let end) = state.phase { end } else { nil }
    }
  }

  /// How it ended, where it does so soon: its sockets are gone some time before the system says how the process ended.
  func endSoon(within wait: Duration = .seconds(2)) async -> String? {
    let deadline = ContinuousClock.now + wait
    while end == nil, ContinuousClock.now < deadline, !Task.isCancelled { await pause() }
    return end
  }

  /// How often it was started.
  package var starts: Int { state.withLockedValue { $0.starts } }

  private var processID: pid_t? {
    state.withLockedValue { state in
      if case .running(let process) = state.phase { process } else { nil }
    }
  }

  /// Starts it, and returns when the process is there, or is not to be had.
  package func start() async {
    let isFirst = state.withLockedValue { state in
      state.phase = .starting
      state.isStopping = false
      state.starts += 1
      return state.starts == 1
    }
    if isFirst { _ = FileManager.default.createFile(atPath: log, contents: nil) }
    Task { await self.run() }
    while state.withLockedValue({ if case .starting = $0.phase { true } else { false } }) {
      try? await Task.sleep(for: Self.interval)
    }
  }

  private func run() async {
    var options = PlatformOptions()
    options.processGroupID = 0
    let end: String
    do {
      let result = try await Subprocess.run(
        .name("sh"), arguments: Arguments(["-c", Self.redirection, log] + command), platformOptions: options,
        input: .none, output: .discarded, error: .discarded
      ) { running in
        let process = running.processIdentifier.value
        let isStopping = self.state.withLockedValue { state in
          state.phase = .running(process)
          return state.isStopping
        }
        if isStopping { kill(-process, SIGKILL) }
      }
      // What it started itself goes with it.
      if let process = processID { kill(-process, SIGKILL) }
      end =
        switch result.terminationStatus {
        case .exited(127): "exit code 127: there is no such command"
        case .exited(let code) where (129...192).contains(code): "signal \(code - 128)"
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    } catch {
      end = "it could not be started: \(error)"
    }
    state.withLockedValue { $0.phase = .ended(end) }
  }

  /// Ends it and everything that it started: politely, then not.
  package func stop() async {
    state.withLockedValue { $0.isStopping = true }
    guard let process = processID else { return }
    kill(-process, SIGTERM)
    let deadline = ContinuousClock.now + Self.farewell
    while processID != nil, ContinuousClock.now < deadline { await pause() }
    if processID != nil { kill(-process, SIGKILL) }
    while processID != nil { await pause() }
  }

  /// A wait that also passes when the task is cancelled: what runs here has to be ended even then.
  private func pause() async {
    await Task.detached { try? await Task.sleep(for: Self.interval) }.value
  }

  // MARK: - What can be seen of it

  /// How many bytes it has written so far.
  package var outputSize: UInt64 {
    var status = stat()
    return stat(log, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
  }

  /// What it has written from a place on, at most the last 64 KiB of it.
  package func output(from offset: UInt64) -> [UInt8] {
    let end = outputSize
    let start = max(offset, end > 65_536 ? end - 65_536 : 0)
    guard start < end, let file = fopen(log, "rb") else { return [] }
    defer { fclose(file) }
    guard fseek(file, Int(start), SEEK_SET) == 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(end - start)) { buffer, count in
      count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
  }

  /// What it holds of the machine with all that it started; nil where the system does not tell.
  package var resources: ProcessResources? { processID.flatMap(ProcessResources.ofGroup) }
}

/// What a process holds of the machine.
package struct ProcessResources: Hashable, Sendable {
  /// Memory that is resident, in KiB.
  package let residentKiB: Int

  /// The most that ever was, in KiB.
  package let peakKiB: Int

  /// Threads.
  package let threads: Int

  /// Open files and sockets.
  package let files: Int

  /// What a process, or several together, hold.
  init(residentKiB: Int, peakKiB: Int, threads: Int, files: Int) {
    self.residentKiB = residentKiB
    self.peakKiB = peakKiB
    self.threads = threads
    self.files = files
  }

  /// Asks Linux about a process.
  init?(_ process: pid_t) {
    guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(process)/status")) else { return nil }
    var values: [Substring: Int] = [:]
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
      if parts.count >= 2, let value = Int(parts[1]) { values[parts[0]] = value }
    }
    guard let resident = values["VmRSS"], let threads = values["Threads"] else { return nil }
    residentKiB = resident
    peakKiB = values["VmHWM"] ?? resident
    self.threads = threads
    files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd"))?.count ?? 0
  }
}
