import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import Subprocess

/// A program that we start ourselves, a server or a client: in a process group of its own, its output in a file.
package final class ProcessUnderTest: Sendable {
  /// How long it may take to end by itself when told to.
  package static let farewell = Duration.seconds(2)

  /// How long what was killed may take to go.
  private static let killing = Duration.seconds(2)

  /// How often we look whether it has ended.
  private static let interval = Duration.milliseconds(10)

  /// Appends the output of a command to a file and becomes the command.
  private static let redirection = "exec \"$@\" >>\"$0\" 2>&1"

  /// How large the file for its output may become; what is older is dropped then.
  private static let longestOutput: UInt64 = 8 << 20

  /// How often the size of its output is looked at.
  private static let outputInterval = Duration.milliseconds(100)

  /// How often it is looked how long it waited for a processor.
  private static let processorInterval = Duration.milliseconds(500)

  /// The variable by which everything is found that it started, also what left its process group.
  private static let mark = "WIREPROOF_STARTED"

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
    var hasIgnoredFarewell = false
  }

  /// The command and its arguments. A single one with a space in it is a line for the shell.
  package let command: [String]

  /// The file that its standard output and standard error go to.
  package let log: String

  /// The value of ``mark``, which no other has.
  private let token = "\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"

  private let state = NIOLockedValueBox(State())
  private let processorWait = ProcessorWait()

  /// A program that is not started yet.
  ///
  /// - Parameters:
  ///   - command: The command and its arguments; not empty.
  ///   - log: The file for its output; it is made, and emptied, when the program starts for the first time.
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

  /// The signal that an ``end`` is about; nil: none.
  static func signal(of end: String) -> Int32? {
    guard end.hasPrefix("signal ") else { return nil }
    return Int32(end.dropFirst("signal ".count))
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
    processorWait.begin()
    Task { await self.run() }
    Task { await self.boundOutput() }
    Task { await self.watchProcessor() }
    while state.withLockedValue({ if case .starting = $0.phase { true } else { false } }) { await pause() }
  }

  private func run() async {
    var options = PlatformOptions()
    options.processGroupID = 0
    let end: String
    do {
      let result = try await Subprocess.run(
        .name("sh"), arguments: Arguments(["-c", Self.redirection, log] + command),
        environment: .inherit.updating([Environment.Key(stringLiteral: Self.mark): token]), platformOptions: options,
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

  /// Whether it went on after it was told to end, so that it had to be killed.
  package var hasIgnoredFarewell: Bool { state.withLockedValue { $0.hasIgnoredFarewell } }

  /// Ends it and everything that it started: politely, then not.
  ///
  /// - Parameter farewell: How long it may take to end by itself.
  package func stop(farewell: Duration = ProcessUnderTest.farewell) async {
    state.withLockedValue { $0.isStopping = true }
    if let process = processID {
      kill(-process, SIGTERM)
      let start = ContinuousClock.now
      while processID != nil, ContinuousClock.now < start + farewell + starved(since: start) { await pause() }
      if processID != nil {
        if !Self.isOver(process) { state.withLockedValue { $0.hasIgnoredFarewell = true } }
        kill(-process, SIGKILL)
      }
      while processID != nil { await pause() }
    }
    let deadline = ContinuousClock.now + Self.killing
    while killStragglers(), ContinuousClock.now < deadline { await pause() }
  }

  /// Whether a process has ended although nobody has heard of it yet, as on a busy machine.
  private static func isOver(_ process: pid_t) -> Bool {
    let path = "/proc/\(process)/stat"
    guard let status = try? Data(contentsOf: URL(filePath: path)) else { return kill(process, 0) != 0 }
    // The state stands behind the name in parentheses, which may hold anything.
    return String(decoding: status, as: UTF8.self).split(separator: ")").last?.first { $0 != " " } == "Z"
  }

  /// Ends what it started and what has left its process group: a daemon is no part of it.
  ///
  /// - Returns: Whether there was anything, which takes a moment to go.
  private func killStragglers() -> Bool {
    var isAnyLeft = false
    let wanted = Array("\(Self.mark)=\(token)".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for process in names.compactMap({ pid_t($0) }) where process != getpid() {
      guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(process)/environ")),
        environment.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
      else { continue }
      isAnyLeft = true
      kill(process, SIGKILL)
    }
    return isAnyLeft
  }

  /// Sees to it that the file of its output does not grow for ever: it is emptied when it is too long, and goes on with what was
  /// written last.
  private func boundOutput() async {
    while state.withLockedValue({ state in if case .ended = state.phase { false } else { true } }) {
      if outputSize > Self.longestOutput {
        let last = output(from: 0)
        truncate(log, 0)
        if let file = fopen(log, "ab") {
          _ = last.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
          fclose(file)
        }
      }
      try? await Task.sleep(for: Self.outputInterval)
    }
  }

  /// Looks now and then how long it waits for a processor, as long as it runs.
  private func watchProcessor() async {
    while state.withLockedValue({ state in if case .ended = state.phase { false } else { true } }) {
      try? await Task.sleep(for: Self.processorInterval)
      if let processID { processorWait.sample(processID) }
    }
  }

  /// How much of the time since a moment it has waited for a processor: what a busy machine kept from it.
  package func starved(since start: ContinuousClock.Instant) -> Duration { processorWait.waited(since: start) }

  /// A wait that also passes when the task is cancelled: what runs here has to be ended even then. A sleep of the task itself would
  /// then end at once each time, and a loop of such sleeps would keep a thread from all others.
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
