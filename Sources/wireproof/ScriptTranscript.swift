import Conformance
import NIOConcurrencyHelpers
import StrictJSON
import SystemFiles

/// `serve --transcript`: what clients did, a JSON object a line, written as it happens, for the tests of clients in any language.
final class ScriptTranscript: Sendable {
  private struct State {
    var events = 0
    var failure: FileFault?
  }

  private let file: OutputFile
  private let state = NIOLockedValueBox(State())

  /// Begins a transcript, in place of what is at the path.
  init(_ path: String) throws(FileFault) {
    file = try OutputFile(path)
  }

  /// Writes an event.
  func add(_ event: MockServerAccount.Event) {
    write(event.json)
    state.withLockedValue { $0.events += 1 }
  }

  /// Writes what is not as the script expects, and a last line by which a complete transcript is known.
  ///
  /// - Throws: What went wrong with the file, also before.
  func finish(_ faults: [MockServerAccount.Fault]) throws(FileFault) {
    for fault in faults { write(fault.json) }
    let events = state.withLockedValue { $0.events }
    write(["event": "summary", "events": .number(events), "faults": .number(faults.count)])
    if let failure = state.withLockedValue({ $0.failure }) { throw failure }
    try file.confirm()
  }

  private func write(_ object: JSONObject) {
    // Inside of the lock, so that lines of several connections do not mix.
    state.withLockedValue { state in
      guard state.failure == nil else { return }
      do throws(FileFault) {
        try file.write(JSONValue.object(object).line + "\n")
      } catch {
        state.failure = error
      }
    }
  }
}
