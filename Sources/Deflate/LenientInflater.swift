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

  private let stream: InflateStream

  /// Whether there is a context of earlier messages.
  public private(set) var hasContext = false

  /// Makes an inflater.
  ///
  /// - Throws: `out-of-memory`.
  public init() throws(DeflateError) { stream = try InflateStream(windowBits: 15) }

  /// Forgets the earlier messages, for instance because some of them are missing: a message that refers back to them then
  /// fails instead of inflating to something else.
  public func dropContext() {
    stream.reset()
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
    if error.code == .tooLarge, passOver(message, from: error.offset) {
      hasContext = true
      return .failed(error)
    }
    let hadContext = hasContext
    dropContext()
    // Too much output is no sign of a wrong context.
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

  /// Puts bytes into the window as if they had been the last ones of an earlier message.
  ///
  /// - Parameter bytes: At most the last 32,768 of them count.
  public func setContext(_ bytes: [UInt8]) {
    stream.reset()
    stream.setDictionary(bytes.count > 32_768 ? Array(bytes.suffix(32_768)) : bytes)
    hasContext = !bytes.isEmpty
  }

  /// How many bytes of a message that is too large are inflated and thrown away to keep the window. A stream that inflates to more
  /// loses its context.
  private static let maximumPassed = 1 << 30

  /// Inflates the rest of a message that is too large without keeping it, for the window that later messages refer to.
  private func passOver(_ message: UnsafeRawBufferPointer, from offset: Int) -> Bool {
    var output: [UInt8] = []
    var passed = 0
    var restarts = 0
    func run(_ bytes: UnsafeRawBufferPointer, from offset: Int) throws(DeflateError) -> Bool {
      var position = offset
      while passed < Self.maximumPassed {
        output.removeAll(keepingCapacity: true)
        let stop = try stream.inflate(bytes, from: &position, base: 0, into: &output, until: 1 << 18)
        passed += output.count
        switch stop {
        case .inputUsed: return true
        case .outputFull: break
        case .finalBlock:
          restarts += 1
          guard restarts <= Self.maximumRestarts else { return false }
          let window = stream.dictionary()
          stream.reset()
          stream.setDictionary(window)
          if position == bytes.count { return true }
        }
      }
      return false
    }
    var isPassed = false
    do throws(DeflateError) { isPassed = try run(message, from: min(offset, message.count)) } catch { return false }
    guard isPassed, !stream.isBetweenBlocks else { return isPassed }
    messageTail.withUnsafeBytes { tail in
      do throws(DeflateError) { isPassed = try run(tail, from: 0) } catch { isPassed = false }
    }
    return isPassed && stream.isBetweenBlocks
  }

  private func attempt(
    _ message: UnsafeRawBufferPointer, maxLength: Int, into output: inout [UInt8]
  ) -> DeflateError? {
    var restarts = 0
    do throws(DeflateError) {
      try inflateMessage(message, with: stream, maxLength: maxLength, into: &output, isLenient: true) { stream in
        // The sender's window does not end with a final block. Saving it costs far more than a final block does to send, so
        // that is not done without end.
        restarts += 1
        guard restarts <= Self.maximumRestarts else { return stream.reset() }
        let window = stream.dictionary()
        stream.reset()
        stream.setDictionary(window)
      }
      return nil
    } catch {
      return error
    }
  }
}
