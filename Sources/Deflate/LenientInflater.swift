/// Inflates the messages of one sender as well as can be, for looking at traffic.
///
/// It takes the largest window, always keeps the window from one message to the next (harmless when the sender does not refer
/// back), goes on after a block with BFINAL, and after an error tries the message again without the earlier ones.
public final class LenientInflater {
  /// What came of a message.
  public enum Outcome: Hashable, Sendable {
    /// It is inflated.
    case inflated
    /// It is inflated, but only once the context of earlier messages had been dropped: that context was wrong.
    case inflatedWithoutContext
    /// It is not; what could be inflated was appended.
    case failed(DeflateError)
  }

  /// How often within one message the window is kept over a final block.
  private static let maximumRestarts = 64

  /// How many bytes of a message that is too long are inflated and thrown away at most, to keep the window right.
  public var discardLimit = 1 << 30

  /// How many bytes were inflated and thrown away so far.
  public private(set) var discardedBytes = 0

  /// Nil while it rests.
  private var stream: InflateStream?
  /// What the window holds meanwhile.
  private var restingWindow: [UInt8] = []

  /// Whether there is a context of earlier messages.
  public private(set) var hasContext = false

  /// Makes an inflater.
  ///
  /// - Throws: `out-of-memory`.
  public init() throws(DeflateError) { stream = try InflateStream(windowBits: 15) }

  /// Keeps no more than the earlier messages that the next one may refer back to, at most 32 KiB, until it comes.
  public func rest() {
    guard let stream, !hasContext || stream.isBetweenBlocks else { return }
    // Not the array itself, which has room for the largest window.
    restingWindow = []
    if hasContext {
      let window = stream.dictionary()
      restingWindow.reserveCapacity(window.count)
      restingWindow.append(contentsOf: window)
    }
    self.stream = nil
  }

  private func wake() throws(DeflateError) -> InflateStream {
    if let stream { return stream }
    let new = try InflateStream(windowBits: 15)
    new.setDictionary(restingWindow)
    restingWindow = []
    stream = new
    return new
  }

  /// Forgets the earlier messages, for instance because some of them are missing: a message that refers back to them then
  /// fails instead of inflating to something else.
  public func dropContext() {
    stream?.reset()
    restingWindow = []
    hasContext = false
  }

  /// Inflates one message.
  ///
  /// - Parameters:
  ///   - message: The compressed bytes, without the tail 00 00 FF FF or with it.
  ///   - maxLength: The largest number of bytes to inflate to. At most one more is inflated before it is noticed.
  ///   - output: The inflated bytes are appended.
  public func inflate(_ message: RawSpan, maxLength: Int, into output: inout [UInt8]) -> Outcome {
    message.withUnsafeBytes { inflate($0, maxLength: maxLength, into: &output) }
  }

  /// Inflates one message from memory that the caller owns; see ``inflate(_:maxLength:into:)-(RawSpan,_,_)``.
  public func inflate(
    _ message: UnsafeRawBufferPointer, maxLength: Int, into output: inout [UInt8]
  ) -> Outcome {
    let start = output.count
    let first = attempt(message, maxLength: maxLength, into: &output)
    guard let error = first else {
      hasContext = true
      return .inflated
    }
    // Too much output is no sign of a wrong context, which later messages need.
    if error.code == .tooLarge, inflateAway(message, from: error.offset) {
      hasContext = true
      return .failed(error)
    }
    let hadContext = hasContext
    dropContext()
    guard hadContext, error.code == .invalidData || error.code == .truncated else { return .failed(error) }
    let inflated = Array(output[start...])
    output.removeSubrange(start...)
    if attempt(message, maxLength: maxLength, into: &output) == nil {
      hasContext = true
      return .inflatedWithoutContext
    }
    // Neither way: what the first attempt gave is the better guess.
    dropContext()
    output.removeSubrange(start...)
    output += inflated
    return .failed(error)
  }

  /// Inflates the rest of a message that is too long and throws it away, so that the window is right for the next.
  ///
  /// - Returns: Whether the message ended in order, within ``discardLimit``.
  private func inflateAway(_ message: UnsafeRawBufferPointer, from offset: Int) -> Bool {
    var discarded = 0
    var restarts = 0
    var scratch: [UInt8] = []
    defer { discardedBytes += discarded }
    guard let stream else { return false }
    func run(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(DeflateError) -> Bool {
      var position = start
      while discarded < discardLimit {
        scratch.removeAll(keepingCapacity: true)
        let stop = try stream.inflate(bytes, from: &position, base: 0, into: &scratch, until: 65_536)
        discarded += scratch.count
        switch stop {
        case .inputUsed: return true
        case .outputFull: continue
        case .finalBlock:
          restarts += 1
          restart(after: restarts)
          if position == bytes.count { return true }
        }
      }
      return false
    }
    do throws(DeflateError) {
      guard offset < message.count ? try run(message, from: offset) : true else { return false }
      if stream.isBetweenBlocks { return true }
      var isComplete = false
      var failure: DeflateError?
      messageTail.withUnsafeBytes { tail in
        do throws(DeflateError) { isComplete = try run(tail, from: max(0, offset - message.count)) } catch {
          failure = error
        }
      }
      return isComplete && failure == nil && stream.isBetweenBlocks
    } catch {
      return false
    }
  }

  /// The sender's window does not end with a final block. Saving it costs far more than a final block does to send, so that is not
  /// done without end.
  private func restart(after restarts: Int) {
    guard let stream else { return }
    guard restarts <= Self.maximumRestarts else { return stream.reset() }
    let window = stream.dictionary()
    stream.reset()
    stream.setDictionary(window)
  }

  private func attempt(
    _ message: UnsafeRawBufferPointer, maxLength: Int, into output: inout [UInt8]
  ) -> DeflateError? {
    var restarts = 0
    do throws(DeflateError) {
      try inflateMessage(message, with: wake(), maxLength: maxLength, into: &output, isLenient: true) { _ in
        restarts += 1
        restart(after: restarts)
      }
      return nil
    } catch {
      return error
    }
  }
}
