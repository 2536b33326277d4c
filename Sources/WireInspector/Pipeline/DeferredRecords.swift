import PacketCapture

/// What was found behind a message that other threads inflate (``InflationThreads``), and waits for it: records are written in the
/// order of the capture, whichever thread is done first.
///
/// The thread that follows the connections puts in here what it finds on connections that are known, as long as something waits, and
/// writes it in that order. Whatever else it does with a connection it does when nothing of that connection waits any more
/// (``settle(_:)``), and whatever else is written when nothing waits at all. So everything is found and written as if each message had
/// been inflated at once.
final class DeferredRecords {
  private enum Entry {
    case message(MessageInfo, isAhead: Bool, InflationTask)
    case record(WaitingRecords.Record)
  }

  /// Records that wait at most, and bytes that they keep.
  private static let recordLimit = 256
  private static let byteLimit = 1 << 17
  /// Messages whose memory is used again.
  private static let unusedLimit = 128

  private let threadCount: Int
  private var threads: InflationThreads?
  private var entries: [(connection: ConnectionInspector, entry: Entry, size: Int)] = []
  /// The first that waits.
  private var head = 0
  private var bytes = 0
  /// The most that the messages that wait can inflate to.
  private var growth = 0
  private var unused: [InflationTask] = []
  /// Whether what waited is being written.
  private var isWriting = false

  /// - Parameter threads: How many threads inflate, beside the one that follows the connections. They are started when there is
  ///   something to be inflated.
  init(threads: Int) { threadCount = threads }

  /// Whether what is found now has to wait for something.
  var isBusy: Bool { head < entries.count && !isWriting }

  /// Has a message inflated by another thread.
  ///
  /// - Returns: Whether it is; not if it could be the one with which too much is inflated, of which the rest of the capture depends.
  func inflate(
    _ bytes: RawSpan, _ info: MessageInfo, isAhead: Bool, _ inflation: MessageInflation,
    _ agreement: MessageInflation.Agreement, of connection: ConnectionInspector
  ) -> Bool {
    guard !isWriting else { return false }
    let most = MessageInflation.mostBytes(from: bytes.byteCount)
    while isBusy, growth + most > connection.output.inflationLeft { writeFirst() }
    guard growth + most <= connection.output.inflationLeft else { return false }
    growth += most
    let task: InflationTask
    if let known = unused.popLast() {
      known.reset(bytes, inflation, agreement)
      task = known
    } else {
      task = InflationTask(bytes, inflation, agreement, limit: connection.options.messageLimit)
    }
    if threads == nil { threads = InflationThreads(count: threadCount) }
    threads?.submit(task)
    append(connection, .message(info, isAhead: isAhead, task), bytes.byteCount)
    return true
  }

  /// Lets a record wait, as ``isBusy`` asks for.
  func append(_ record: WaitingRecords.Record, of connection: ConnectionInspector) {
    append(connection, .record(record), record.size)
  }

  private func append(_ connection: ConnectionInspector, _ entry: Entry, _ size: Int) {
    connection.deferredRecords += 1
    entries.append((connection, entry, size))
    bytes += size
    guard entries.count - head > Self.recordLimit || bytes > Self.byteLimit else { return }
    // Half of it, so that the threads have something to do meanwhile and afterwards.
    while entries.count - head > Self.recordLimit / 2 || bytes > Self.byteLimit / 2 { writeFirst() }
  }

  /// Writes until nothing of a connection waits; nil: until nothing does.
  func settle(_ connection: ConnectionInspector? = nil) {
    while isBusy, connection?.deferredRecords != 0 { writeFirst() }
  }

  /// Writes everything, and ends the threads.
  func finish() {
    settle()
    threads?.close()
    threads = nil
  }

  private func writeFirst() {
    let (connection, entry, size) = entries[head]
    head += 1
    if head == entries.count {
      entries.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= Self.recordLimit {
      entries.removeFirst(head)
      head = 0
    }
    bytes -= size
    connection.deferredRecords -= 1
    isWriting = true
    defer { isWriting = false }
    switch entry {
    case .record(let record): connection.process(record)
    case .message(let info, let isAhead, let task):
      threads?.finish(task)
      growth -= MessageInflation.mostBytes(from: size)
      connection.output.inflatedBytes += task.inflatedBytes
      connection.takeInflated(task.outcome, task.inflated.span.bytes, info, isAhead: isAhead)
      if unused.count < Self.unusedLimit { unused.append(task) }
    }
  }
}
