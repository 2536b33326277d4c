import Glibc
import NIOConcurrencyHelpers

/// Reads lines from whoever uses the program, and shows text meanwhile.
///
/// On a terminal the line can be edited (``LineBuffer``), and what ``print(_:)`` writes goes above it. Where input or output is
/// no terminal, lines are read as they are, and nothing but what is printed is written.
final class LineEditor: Sendable {
  private struct State {
    var buffer: LineBuffer
    /// The bytes of an unfinished line, where there is no terminal.
    var partial: [UInt8] = []
    var isEditing = false
    var isClosed = false
  }

  /// Reading ends with ``close()``, or with this event when the input has ended.
  let events: AsyncStream<LineBuffer.Event>

  private let continuation: AsyncStream<LineBuffer.Event>.Continuation
  private let terminal: Terminal?
  private let input: Int32
  private let output: Int32
  private let state: NIOLockedValueBox<State>
  /// Closing writes to the second what the reading thread waits for at the first.
  private let wakePipe: (reading: Int32, writing: Int32)?

  /// Begins to read lines, on a thread of its own. The caller ends it with ``close()``.
  ///
  /// - Parameters:
  ///   - prompt: What stands before the line on a terminal.
  ///   - history: Earlier lines, oldest first.
  ///   - input: Where lines are read from.
  ///   - output: Where text is written to.
  init(
    prompt: String = "> ", history: [String] = [], input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO
  ) {
    self.input = input
    self.output = output
    (events, continuation) = AsyncStream.makeStream()
    let terminal = Terminal(input: input, output: output)
    self.terminal = terminal?.beginRawMode() == true ? terminal : nil
    state = NIOLockedValueBox(
      State(buffer: LineBuffer(prompt: prompt, history: history), isEditing: self.terminal != nil))
    var ends: [Int32] = [-1, -1]
    wakePipe = pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    if let terminal = self.terminal {
      state.withLockedValue { terminal.write($0.buffer.redrawn(columns: terminal.columns)) }
    }
    startReading()
  }

  /// Whether lines are edited on a terminal.
  var isInteractive: Bool { terminal != nil }

  /// Writes a text and a line end; above the line that is being edited, if one is. For any thread. On a terminal, what could
  /// change the terminal's state is escaped.
  func print(_ text: String) {
    state.withLockedValue { state in
      if let terminal, state.isEditing {
        terminal.write(state.buffer.printed(text, columns: terminal.columns))
      } else {
        Terminal.write(text + "\n", to: output)
      }
    }
  }

  /// Ends the reading, and makes the terminal what it was. The line that stands there is thrown away. Harmless when done before.
  func close() {
    let isFirst = state.withLockedValue { state in
      guard !state.isClosed else { return false }
      state.isClosed = true
      endEditing(&state)
      // Under the lock, because the thread closes the pipe once it has seen this, or has said so itself.
      var byte: UInt8 = 0
      if let wakePipe { _ = Glibc.write(wakePipe.writing, &byte, 1) }
      return true
    }
    if isFirst { continuation.finish() }
  }

  private func endEditing(_ state: inout State) {
    guard let terminal, state.isEditing else { return }
    state.isEditing = false
    terminal.write(state.buffer.erased())
    terminal.endRawMode()
  }

  // MARK: - Reading

  private func startReading() {
    var thread = pthread_t()
    // The thread holds the editor until it has ended.
    let held = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<LineEditor>.fromOpaque(argument).takeRetainedValue().read() }
        return nil
      }, held.toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      held.release()
      end()
    }
  }

  private func read() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while waitForInput() {
      let count = Glibc.read(input, &bytes, bytes.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { break }
      take(bytes[..<count])
    }
    end()
    if let wakePipe {
      state.withLockedValue { $0.isClosed = true }
      Glibc.close(wakePipe.reading)
      Glibc.close(wakePipe.writing)
    }
  }

  /// False when the editor was closed.
  private func waitForInput() -> Bool {
    var waiting = [pollfd(fd: input, events: Int16(POLLIN), revents: 0)]
    if let wakePipe { waiting.append(pollfd(fd: wakePipe.reading, events: Int16(POLLIN), revents: 0)) }
    while true {
      let count = poll(&waiting, nfds_t(waiting.count), -1)
      if count < 0, errno == EINTR { continue }
      return count > 0 && !(waiting.count > 1 && waiting[1].revents != 0)
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    let found = state.withLockedValue { state -> [LineBuffer.Event] in
      guard !state.isClosed else { return [] }
      guard let terminal else { return Self.lines(bytes, &state.partial) }
      let reply = state.buffer.receive(bytes, columns: terminal.columns)
      terminal.write(reply.screen)
      return reply.events
    }
    for event in found {
      if event == .suspend { suspend() } else { continuation.yield(event) }
    }
  }

  /// The whole lines that bytes complete.
  private static func lines(_ bytes: ArraySlice<UInt8>, _ partial: inout [UInt8]) -> [LineBuffer.Event] {
    var events: [LineBuffer.Event] = []
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        partial.append(byte)
        continue
      }
      if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
      events.append(.line(String(decoding: partial, as: UTF8.self)))
      partial.removeAll(keepingCapacity: true)
    }
    return events
  }

  /// Stops the process with the terminal as it was. Others who print meanwhile wait.
  private func suspend() {
    state.withLockedValue { state in
      guard let terminal, state.isEditing else { return }
      terminal.write(state.buffer.erased())
      if terminal.suspend() {
        terminal.write(state.buffer.redrawn(columns: terminal.columns))
      } else {
        state.isEditing = false
      }
    }
  }

  /// The input has ended, or the editor was closed.
  private func end() {
    let (rest, wasClosed) = state.withLockedValue { state in
      endEditing(&state)
      defer { state.partial = [] }
      return (state.partial, state.isClosed)
    }
    if !wasClosed {
      if !rest.isEmpty { continuation.yield(.line(String(decoding: rest, as: UTF8.self))) }
      continuation.yield(.endOfInput)
    }
    continuation.finish()
  }
}
