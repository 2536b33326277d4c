/// Inflaters and deflaters that are at rest, for connections that negotiated no context takeover: they need one only while a
/// message passes, so that an idle connection holds none.
///
/// One pool for each event loop; it is not for several threads at once.
public struct DeflateContextPool {
  /// How many of each kind are kept at most; more that come back are freed.
  public let capacity: Int
  /// The window bits of the deflaters.
  public let windowBits: Int
  /// The level of the deflaters.
  public let level: Int

  /// Messages of no more bytes are deflated with a small hash table. zlib clears the table before each message, and the usual one of
  /// 64 KiB costs more than to deflate so few bytes.
  static let smallMessage = 1024

  /// zlib's memory level for those: a table of 4 KiB, and room for 1,024 symbols.
  static let smallMemoryLevel = 4

  private var inflaters: [Inflater] = []
  private var deflaters: [Deflater] = []
  private var smallDeflaters: [Deflater] = []

  /// Makes an empty pool; contexts are made when they are first asked for.
  public init(capacity: Int, windowBits: Int = 15, level: Int = 6) {
    self.capacity = capacity
    self.windowBits = windowBits
    self.level = level
  }

  /// The number of contexts at rest.
  public var idleCount: Int { inflaters.count + deflaters.count + smallDeflaters.count }

  /// An inflater without context, with a window of 15 bits.
  public mutating func takeInflater() throws(DeflateError) -> Inflater {
    if let inflater = inflaters.popLast() { return inflater }
    return try Inflater(windowBits: 15, contextTakeover: false)
  }

  /// A deflater without context.
  ///
  /// - Parameter length: How many bytes the message has that it is for; nil: it is not known.
  public mutating func takeDeflater(for length: Int? = nil) throws(DeflateError) -> Deflater {
    if let length, length <= Self.smallMessage {
      if let deflater = smallDeflaters.popLast() { return deflater }
      return try Deflater(
        windowBits: windowBits, contextTakeover: false, level: level, memoryLevel: Self.smallMemoryLevel)
    }
    if let deflater = deflaters.popLast() { return deflater }
    return try Deflater(windowBits: windowBits, contextTakeover: false, level: level)
  }

  /// Gives an inflater back. One that another kind of connection used is freed.
  public mutating func giveBack(_ inflater: Inflater) {
    guard inflaters.count < capacity, !inflater.contextTakeover, inflater.windowBits == 15 else { return }
    // Each message begins with a reset.
    inflaters.append(inflater)
  }

  /// Gives a deflater back. One that was made with other parameters is freed.
  public mutating func giveBack(_ deflater: Deflater) {
    guard !deflater.contextTakeover, deflater.windowBits == windowBits, deflater.level == level else { return }
    switch deflater.memoryLevel {
    case Self.smallMemoryLevel: if smallDeflaters.count < capacity { smallDeflaters.append(deflater) }
    case Deflater.usualMemoryLevel: if deflaters.count < capacity { deflaters.append(deflater) }
    default: break
    }
  }
}
