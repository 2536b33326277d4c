import Deflate
import Testing

@Suite struct PoolTests {
  @Test("Contexts come back") func contextsComeBack() throws {
    var pool = DeflateContextPool(capacity: 1, windowBits: 10, level: 1)
    let inflater = try pool.takeInflater()
    let deflater = try pool.takeDeflater()
    #expect(pool.idleCount == 0)
    #expect(deflater.windowBits == 10)
    #expect(deflater.level == 1)
    #expect(!deflater.contextTakeover && !inflater.contextTakeover)
    pool.giveBack(inflater)
    pool.giveBack(deflater)
    #expect(pool.idleCount == 2)
    #expect(try pool.takeInflater() === inflater)
    #expect(try pool.takeDeflater() === deflater)
  }

  @Test("Short messages get a small context") func shortMessagesGetASmallContext() throws {
    var pool = DeflateContextPool(capacity: 1)
    let small = try pool.takeDeflater(for: 1024)
    #expect(small.memoryLevel < Deflater.usualMemoryLevel)
    pool.giveBack(small)
    #expect(try pool.takeDeflater(for: 1025).memoryLevel == Deflater.usualMemoryLevel)
    #expect(try pool.takeDeflater(for: 10) === small)
    // Whatever was deflated with it before, a message stands for itself.
    for message in [Array(repeating: UInt8(7), count: 1024), Array("hello, hello".utf8)] {
      var output: [UInt8] = []
      try small.deflate(message.span.bytes, into: &output)
      #expect(try inflate(try Inflater(contextTakeover: false), output) == message)
    }
  }

  @Test("Capacity and kind are kept") func capacityAndKindAreKept() throws {
    var pool = DeflateContextPool(capacity: 1)
    pool.giveBack(try Inflater(contextTakeover: true))
    pool.giveBack(try Inflater(windowBits: 9, contextTakeover: false))
    pool.giveBack(try Deflater(contextTakeover: true))
    pool.giveBack(try Deflater(windowBits: 9, contextTakeover: false))
    pool.giveBack(try Deflater(contextTakeover: false, level: 1))
    #expect(pool.idleCount == 0)
    for _ in 0..<3 {
      pool.giveBack(try Inflater(contextTakeover: false))
      pool.giveBack(try Deflater(contextTakeover: false))
    }
    #expect(pool.idleCount == 2)
  }

  @Test("A context that failed is good again") func aContextThatFailedIsGoodAgain() throws {
    var pool = DeflateContextPool(capacity: 2)
    let inflater = try pool.takeInflater()
    #expect(failure { _ = try inflate(inflater, [0x07]) } != nil)
    pool.giveBack(inflater)
    #expect(try inflate(try pool.takeInflater(), deflatedHello) == hello)
  }
}
