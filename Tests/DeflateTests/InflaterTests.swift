import CZlib
import Testing

@testable import Deflate

@Suite struct InflaterTests {
  @Test("The examples of the RFC are inflated") func examplesOfTheRFC() throws {
    #expect(try inflate([deflatedHello, deflatedHelloAgain]) == [hello, hello])
    #expect(try inflate([[0x00, 0x05, 0x00, 0xFA, 0xFF] + hello + [0x00]]) == [hello])
    #expect(try inflate([finalHello + [0x00]]) == [hello])
    #expect(
      try inflate([[0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]]) == [hello])
    #expect(try inflate([[0x00]]) == [[]])
  }

  @Test("Final blocks end a message or not") func finalBlocks() throws {
    #expect(try inflate([finalHello, finalHello + [0x00], deflatedHello]) == [hello, hello, hello])
    #expect(try inflate([finalHello + finalHello]) == [hello + hello])
    #expect(try inflate([finalHello + deflatedHello]) == [hello + hello])
    #expect(try inflate([[0x03, 0x00]]) == [[]])
    #expect(failure { _ = try inflate([finalHello + [0xFF]]) }?.code == .invalidData)
    // zlib's window ends with a final block.
    #expect(failure { _ = try inflate([finalHello, deflatedHelloAgain]) }?.isBeyondWindow == true)
  }

  @Test("Every cut of a message fails or is whole") func everyCutOfAMessageFailsOrIsWhole() throws {
    let messages = [deflatedHello, [0x00, 0x05, 0x00, 0xFA, 0xFF] + hello + [0x00], finalHello]
    for message in messages {
      for cut in 0..<message.count {
        let error = failure { _ = try inflate([Array(message[..<cut])]) }
        // Two cuts of the stored block cannot be told from whole messages: the tail stands for what is missing.
        if message[0] == 0x00, cut == 1 || cut == 6 {
          #expect(error == nil)
        } else {
          #expect(error?.code == .truncated || error?.code == .invalidData, "\(message) cut at \(cut)")
        }
      }
    }
    #expect(failure { _ = try inflate([[]]) }?.code == .truncated)
    #expect(failure { _ = try inflate([deflatedHello + [0x00, 0x00, 0xFF, 0xFF]]) }?.code == .truncated)
  }

  @Test(
    "Invalid data is explained",
    arguments: [
      ([UInt8]([0x06]), "invalid block type"), ([0x07], "invalid block type"),
      ([0x00, 0x05, 0x00, 0xFB, 0xFF, 0x48], "invalid stored block lengths"),
      ([0xF2, 0x00, 0x11, 0x00, 0x00], "invalid distance too far back"),
      ([0xF4, 0x00, 0x00, 0x00], "too many length or distance symbols"),
    ])
  func invalidDataIsExplained(message: [UInt8], explanation: String) {
    let error = failure { _ = try inflate([message]) }
    #expect(error?.code == .invalidData)
    #expect(error?.explanation == explanation)
    #expect(error?.reason.contains(explanation) == true)
  }

  @Test("The context is lost after an error until reset") func contextIsLostAfterAnErrorUntilReset() throws {
    let inflater = try Inflater()
    #expect(failure { _ = try inflate(inflater, [0x07]) }?.code == .invalidData)
    #expect(failure { _ = try inflate(inflater, deflatedHello) }?.code == .contextLost)
    inflater.reset()
    #expect(try inflate(inflater, deflatedHello) == hello)
    let independent = try Inflater(contextTakeover: false)
    #expect(failure { _ = try inflate(independent, [0x07]) }?.code == .invalidData)
    #expect(try inflate(independent, deflatedHello) == hello)
    #expect(failure { _ = try inflate(independent, deflatedHelloAgain) }?.isBeyondWindow == true)
  }

  @Test("The limit holds while inflating", arguments: [0, 1, 2, 5, 1_000, 1_024, 65_535, 65_536, 65_537, 300_000])
  func limitHoldsWhileInflating(count: Int) throws {
    let message = try deflate([Array(repeating: 65, count: count)])[0]
    for contextTakeover in [true, false] {
      let inflater = try Inflater(contextTakeover: contextTakeover)
      #expect(try inflate(inflater, message, maxLength: count).count == count)
      #expect(try inflate(inflater, message, maxLength: count + 1).count == count)
      #expect(try inflate(inflater, message, maxLength: .max).count == count)
      guard count > 0 else { continue }
      var output: [UInt8] = [9]
      #expect(
        failure { try inflater.inflate(message.span.bytes, maxLength: count - 1, into: &output) }?.code == .tooLarge)
      #expect(output.count == 1 + count, "one byte beyond the limit shows that it is passed")
    }
  }

  @Test("A bomb is not inflated") func bombIsNotInflated() throws {
    let bomb = try deflate([[UInt8](repeating: 0, count: 20_000_000)], level: 9)[0]
    #expect(bomb.count < 25_000)
    var output: [UInt8] = []
    let inflater = try Inflater()
    #expect(failure { try inflater.inflate(bomb.span.bytes, maxLength: 524_294, into: &output) }?.code == .tooLarge)
    #expect(output.count <= 524_294 + 65_536)
    #expect(output.capacity <= 2_000_000)
  }

  @Test("A negative limit is zero") func negativeLimitIsZero() throws {
    let inflater = try Inflater()
    #expect(try inflate(inflater, [0x00], maxLength: -5) == [])
    #expect(failure { _ = try inflate(inflater, deflatedHello, maxLength: .min) }?.code == .tooLarge)
  }

  @Test("A small window is exact", arguments: 8...14) func smallWindowIsExact(windowBits: Int) throws {
    let size = 1 << windowBits
    var generator = SplitMix64(state: UInt64(windowBits))
    let noise = generator.bytes(min(size, 600))
    // The repetition lies exactly a window back, then one byte farther.
    for excess in [0, 1] {
      let gap = Array(repeating: UInt8(0), count: size - noise.count + excess)
      let message = noise + gap + noise
      let compressed = try deflate([message], level: 9)
      #expect(try inflate(compressed) == [message])
      let error = failure { _ = try inflate(compressed, windowBits: windowBits) }
      #expect((error?.isBeyondWindow ?? false) == (excess == 1), "\(size + excess) bytes back")
    }
  }

  @Test("Random bytes never trap and stay within the limit") func randomBytesNeverTrapAndStayWithinTheLimit() throws {
    var generator = SplitMix64(state: 11)
    let inflater = try Inflater()
    let independent = try Inflater(windowBits: 9, contextTakeover: false)
    let lenient = try LenientInflater()
    let good = try deflate([Array("a message that is good until a bit is flipped, and then it is not".utf8)])[0]
    for round in 0..<2_000 {
      var message = generator.bytes(Int(generator.next() % 60))
      if round % 2 == 0 {
        message = good
        message[Int(generator.next() % UInt64(good.count))] ^= 1 << UInt8(generator.next() % 8)
      }
      var outputs: [[UInt8]] = [[], [], []]
      if failure({ try inflater.inflate(message.span.bytes, maxLength: 5_000, into: &outputs[0]) }) != nil {
        inflater.reset()
      }
      _ = failure { try independent.inflate(message.span.bytes, maxLength: 500, into: &outputs[1]) }
      _ = lenient.inflate(message.span.bytes, maxLength: 5_000, into: &outputs[2])
      #expect(outputs.allSatisfy { $0.count <= 5_001 })
    }
  }

  @Test("Every code of zlib is explained") func everyCodeOfZlibIsExplained() {
    let expected: [(Int32, DeflateError.Code?)] = [
      (Z_OK, nil), (Z_STREAM_END, nil), (Z_BUF_ERROR, nil), (Z_NEED_DICT, .invalidData), (Z_DATA_ERROR, .invalidData),
      (Z_MEM_ERROR, .outOfMemory), (Z_STREAM_ERROR, .badParameter), (Z_VERSION_ERROR, .zlibFailure),
      (Z_ERRNO, .zlibFailure), (-100, .zlibFailure),
    ]
    for (zlibCode, code) in expected {
      let error = DeflateError.from(zlibCode: zlibCode, offset: 3, message: nil)
      #expect(error?.code == code)
      if let error { #expect(error.reason.contains("after 3 bytes")) }
    }
  }
}
