import Deflate
import Testing

@Suite struct RoundTripTests {
  /// Messages with near and far repetitions, noise, and nothing.
  static let messages: [[UInt8]] = {
    var generator = SplitMix64(state: 1)
    let noise = generator.bytes(400)
    return [
      hello, [], noise, [], [], noise + hello + noise, Array(repeating: 0, count: 1_500), hello,
      Array("00 00 FF FF ".utf8) + [0x00, 0x00, 0xFF, 0xFF], [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0xFF],
    ]
  }()

  @Test("What is deflated at every level and window comes back", arguments: -1...9, 8...15) func everyLevelAndWindow(
    level: Int, windowBits: Int
  ) throws {
    for contextTakeover in [true, false] {
      let compressed = try deflate(
        Self.messages, windowBits: windowBits, contextTakeover: contextTakeover, level: level)
      #expect(try inflate(compressed, contextTakeover: contextTakeover) == Self.messages)
      #expect(compressed.allSatisfy { !$0.isEmpty && $0.suffix(4) != [0x00, 0x00, 0xFF, 0xFF] })
    }
  }

  @Test("Deflaters keep to their window", arguments: [1, 6, 9], 8...12) func deflatersKeepToTheirWindow(
    level: Int, windowBits: Int
  ) throws {
    let compressed = try deflate(Self.messages, windowBits: windowBits, level: level)
    #expect(try inflate(compressed, windowBits: windowBits) == Self.messages)
  }

  @Test("Context takeover makes the second message shorter") func contextTakeoverMakesTheSecondMessageShorter() throws {
    var generator = SplitMix64(state: 9)
    let noise = generator.bytes(300)
    let kept = try deflate([noise, noise])
    #expect(kept[1].count < 20)
    let dropped = try deflate([noise, noise], contextTakeover: false)
    #expect(dropped[1] == dropped[0])
  }

  @Test("Level 0 stores") func levelZeroStores() throws {
    #expect(try deflate([hello], level: 0) == [[0x00, 0x05, 0x00, 0xFA, 0xFF] + hello + [0x00]])
  }

  @Test("An empty message is one byte") func emptyMessageIsOneByte() throws {
    #expect(try deflate([[], []]) == [[0x00], [0x00]])
  }

  @Test("A large message comes back") func largeMessage() throws {
    var generator = SplitMix64(state: 3)
    let block = generator.bytes(70_000)
    let message = block + block + Array(repeating: 7, count: 400_000)
    for level in [0, 1, 6] {
      let compressed = try deflate([message, block], level: level)
      #expect(try inflate(compressed) == [message, block])
    }
  }

  @Test("Output is appended") func outputIsAppended() throws {
    let (plain, message) = (hello, deflatedHello)
    var output: [UInt8] = [1, 2]
    let deflater = try Deflater()
    try deflater.deflate(plain.span.bytes, into: &output)
    #expect(output == [1, 2] + deflatedHello)
    var inflated: [UInt8] = [3]
    try Inflater().inflate(message.span.bytes, maxLength: 5, into: &inflated)
    #expect(inflated == [3] + hello)
  }

  @Test("A reset forgets") func resetForgets() throws {
    let deflater = try Deflater()
    let plain = hello
    var first: [UInt8] = []
    var second: [UInt8] = []
    try deflater.deflate(plain.span.bytes, into: &first)
    deflater.reset()
    try deflater.deflate(plain.span.bytes, into: &second)
    #expect(first == second)
    let inflater = try Inflater()
    #expect(try inflate(inflater, deflatedHello) == hello)
    inflater.reset()
    #expect(failure { _ = try inflate(inflater, deflatedHelloAgain) }?.isBeyondWindow == true)
  }

  @Test(
    "Bad parameters are refused",
    arguments: [
      (7, 6, 8), (16, 6, 8), (15, -2, 8), (15, 10, 8), (15, 6, 0), (15, 6, 10), (.min, 6, 8), (15, .max, 8),
    ])
  func badParameters(windowBits: Int, level: Int, memoryLevel: Int) {
    #expect(
      failure { _ = try Deflater(windowBits: windowBits, level: level, memoryLevel: memoryLevel) }?.code
        == .badParameter)
  }

  @Test("A window that an inflater cannot have is refused", arguments: [7, 16, 0, -15, Int.max, .min])
  func badWindowOfInflater(windowBits: Int) {
    #expect(failure { _ = try Inflater(windowBits: windowBits) }?.code == .badParameter)
  }
}
