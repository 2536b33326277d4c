/// Inflates the compressed messages of one sender (RFC 7692 §7.2.2), strictly.
///
/// A class, because it owns state of zlib that must not be copied. It belongs to one connection at a time; see
/// ``DeflateContextPool``.
public final class Inflater {
  /// The window bits that the sender may use: with fewer than 15, distances beyond them are refused as `invalid-data`.
  ///
  /// A receiver need not check that and may always take 15, which is much faster (RFC 7692 §7.1.2 binds the sender).
  public let windowBits: Int

  /// Whether messages may refer back to earlier ones.
  public let contextTakeover: Bool

  private let stream: InflateStream
  private var isLost = false

  /// Makes an inflater.
  ///
  /// - Throws: `bad-parameter` for window bits outside 8...15; `out-of-memory`.
  public init(windowBits: Int = 15, contextTakeover: Bool = true) throws(DeflateError) {
    self.windowBits = windowBits
    self.contextTakeover = contextTakeover
    stream = try InflateStream(windowBits: windowBits)
  }

  /// Inflates one message.
  ///
  /// The message is what its fragments hold together, without the tail 00 00 FF FF; one that still has it is `truncated`, because
  /// a second tail is a block without its end. A block with BFINAL ends the data; what follows in the message begins anew, with
  /// an empty window.
  ///
  /// - Parameters:
  ///   - message: The compressed bytes.
  ///   - maxLength: The largest number of bytes to inflate to. At most one more is inflated before it is noticed.
  ///   - output: The inflated bytes are appended; after an error those before it are there.
  /// - Throws: `invalid-data`, `truncated`, `too-large`; after one of them `context-lost` until ``reset()`` where messages
  ///   may refer back.
  public func inflate(
    _ message: RawSpan, maxLength: Int, into output: inout [UInt8]
  ) throws(DeflateError) {
    var outcome: DeflateError?
    message.withUnsafeBytes { bytes in
      do throws(DeflateError) { try inflate(bytes, maxLength: maxLength, into: &output) } catch { outcome = error }
    }
    if let outcome { throw outcome }
  }

  /// Inflates one message from memory that the caller owns; see ``inflate(_:maxLength:into:)-(RawSpan,_,_)``.
  public func inflate(
    _ message: UnsafeRawBufferPointer, maxLength: Int, into output: inout [UInt8]
  ) throws(DeflateError) {
    guard !isLost || !contextTakeover else { throw DeflateError(.contextLost, offset: 0) }
    if !contextTakeover { stream.reset() }
    isLost = true
    try inflateMessage(message, with: stream, maxLength: maxLength, into: &output, isLenient: false) { $0.reset() }
    isLost = false
  }

  /// Forgets everything, as if new.
  public func reset() {
    stream.reset()
    isLost = false
  }
}

/// Inflates a message and its tail. After each final block `restart` is called, to make the stream begin anew. Leniently, data that
/// already ends between two blocks is whole.
func inflateMessage(
  _ message: UnsafeRawBufferPointer, with stream: InflateStream, maxLength: Int, into output: inout [UInt8],
  isLenient: Bool, restart: (InflateStream) -> Void
) throws(DeflateError) {
  // One byte beyond the limit shows that it is passed.
  let limit = output.count.addingReportingOverflow(max(maxLength, 0))
  let end = limit.overflow || limit.partialValue == .max ? Int.max : limit.partialValue + 1
  func run(_ bytes: UnsafeRawBufferPointer, base: Int) throws(DeflateError) -> Bool {
    var position = 0
    while true {
      let stop = try stream.inflate(bytes, from: &position, base: base, into: &output, until: end)
      if output.count == end { throw DeflateError(.tooLarge, offset: base + position) }
      guard stop == .finalBlock else { return false }
      restart(stream)
      // Whatever is left begins a new stream.
      if position == bytes.count { return true }
    }
  }
  // A message that ends with a final block needs no tail (RFC 7692 §7.2.3.4).
  if !message.isEmpty {
    if try run(message, base: 0) { return }
    if isLenient, stream.isBetweenBlocks { return }
  }
  var endsInFinalBlock = false
  var failure: DeflateError?
  messageTail.withUnsafeBytes { tail in
    do throws(DeflateError) { endsInFinalBlock = try run(tail, base: message.count) } catch { failure = error }
  }
  if let failure { throw failure }
  guard endsInFinalBlock || stream.isBetweenBlocks else {
    throw DeflateError(.truncated, offset: message.count)
  }
}
