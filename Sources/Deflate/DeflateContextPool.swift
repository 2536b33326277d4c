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

  private var inflaters: [Inflater] = []
  private var deflaters: [Deflater] = []

  /// Makes an empty pool; contexts are made when they are first asked for.
  public init(capacity: Int, windowBits: Int = 15, level: Int = 6) {
    self.capacity = capacity
    self.windowBits = windowBits
    self.level = level
  }

  /// The number of contexts at rest.
  public var idleCount: Int { inflaters.count + deflaters.count }

  /// An inflater without context, with a window of 15 bits.
  public mutating func takeInflater() throws(DeflateError) -> Inflater {
    if let inflater = inflaters.popLast() { return inflater }
    return try Inflater(windowBits: 15, contextTakeover: false)
  }

  /// A deflater without context.
  public mutating func takeDeflater() throws(DeflateError) -> Deflater {
    if let deflater = deflaters.popLast() { return deflater }
    return try Deflater(windowBits: windowBits, contextTakeover: false, level: level)
  }

  /// Gives an inflater back. One that another kind of connection used is freed.
  public mutating func giveBack(_ inflater: Inflater) {
    guard inflaters.count < capacity, !inflater.contextTakeover, inflater.windowBits == 15 else { return }
    inflater.reset()
    inflaters.append(inflater)
  }

  /// Gives a deflater back. One that was made with other parameters is freed.
  public mutating func giveBack(_ deflater: Deflater) {
    guard deflaters.count < capacity, !deflater.contextTakeover, deflater.windowBits == windowBits,
      deflater.level == level
    else { return }
    deflater.reset()
    deflaters.append(deflater)
  }
}
