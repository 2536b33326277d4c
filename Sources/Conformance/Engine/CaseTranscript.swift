import FoundationEssentials
import NIOConcurrencyHelpers

/// One thing that happened while a case ran.
package struct TranscriptEntry: Hashable, Sendable {
  /// What happened.
  package enum Event: Hashable, Sendable {
    /// A TCP connection was opened; addresses as `host:port`, this side first.
    case opened(local: String, remote: String, isServer: Bool)

    /// The connection has a name in the script.
    case named(String)

    /// Bytes went to the socket.
    case sent([UInt8])

    /// Bytes came from the socket.
    case received([UInt8])

    /// This side sent a FIN; `both`: and reads no more.
    case endSent(both: Bool)

    /// This side sent a RST.
    case resetSent

    /// The peer sent a FIN.
    case endReceived

    /// The peer sent a RST, or the socket failed; why.
    case resetReceived(String)

    /// What the bytes that came were, in one line.
    case decoded(String)

    /// A step began: its place in the file and how it is written.
    case step(SourcePlace, String)

    /// A remark of the engine.
    case note(String)
  }

  /// When, in nanoseconds since the case began, monotonic.
  package let nanoseconds: Int64

  /// The number of the connection, from 1; 0 for what concerns none.
  package let connection: Int

  /// What happened.
  package let event: Event
}

/// Everything that happened while a case ran, in the order in which it happened.
package final class CaseTranscript: Sendable {
  /// How many bytes of traffic are kept, the first; what goes beyond is only counted.
  private static let maximumBytes = 8 << 20

  /// How many entries about traffic are kept.
  private static let maximumEntries = 20_000

  private struct State {
    var entries: [TranscriptEntry] = []
    var keptBytes = 0
    var droppedBytes = 0
    var lastTime: Int64 = 0
  }

  /// When the case began, on the clock of this process.
  package let start: ContinuousClock.Instant

  /// The same moment in nanoseconds since the Unix epoch.
  package let startNanoseconds: Int64

  private let state = NIOLockedValueBox(State())

  /// Whether entries are kept; a server that runs for long keeps none.
  private let isKept: Bool

  /// Is told every entry.
  private let observer: (@Sendable (TranscriptEntry) -> Void)?

  /// A transcript that begins now.
  ///
  /// - Parameters:
  ///   - isKept: Whether entries are kept.
  ///   - observer: Is told every entry, in order; it must not wait.
  package init(isKept: Bool = true, observer: (@Sendable (TranscriptEntry) -> Void)? = nil) {
    self.isKept = isKept
    self.observer = observer
    start = .now
    startNanoseconds = Int64(Date().timeIntervalSince1970 * 1_000_000_000)
  }

  /// What happened so far.
  package var entries: [TranscriptEntry] { state.withLockedValue { $0.entries } }

  /// Whether no connection was opened.
  var isWithoutConnection: Bool {
    !entries.contains { if case .opened = $0.event { true } else { false } }
  }

  /// How many bytes were not kept because there were too many.
  package var droppedBytes: Int { state.withLockedValue { $0.droppedBytes } }

  /// How many entries there are.
  var count: Int { state.withLockedValue { $0.entries.count } }

  /// The present moment, in nanoseconds since the case began.
  var now: Int64 { Self.nanoseconds(of: ContinuousClock.now - start) }

  /// A duration in nanoseconds.
  static func nanoseconds(of duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ attoseconds / 1_000_000_000
  }

  /// Takes note of something that happens now.
  ///
  /// - Returns: When it happened.
  @discardableResult
  func record(_ event: TranscriptEntry.Event, connection: Int = 0) -> Int64 {
    state.withLockedValue { state in
      // Taken inside, so that the times ascend as the entries do; clocks of several processors may differ a little.
      let time = max(now, state.lastTime)
      state.lastTime = time
      observer?(TranscriptEntry(nanoseconds: time, connection: connection, event: event))
      guard isKept else { return time }
      switch event {
      case .sent(let bytes), .received(let bytes):
        // Nothing is kept behind what is missing: who reads a stream with a hole takes it for another one.
        guard state.droppedBytes == 0, state.keptBytes + bytes.count <= Self.maximumBytes,
          state.entries.count < Self.maximumEntries
        else {
          state.droppedBytes += bytes.count
          return time
        }
        state.keptBytes += bytes.count
      case .decoded where state.entries.count >= Self.maximumEntries: return time
      default: break
      }
      state.entries.append(TranscriptEntry(nanoseconds: time, connection: connection, event: event))
      return time
    }
  }
}
