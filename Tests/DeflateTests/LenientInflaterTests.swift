import Deflate
import Testing

@Suite struct LenientInflaterTests {
  private func run(_ inflater: LenientInflater, _ message: [UInt8], maxLength: Int = 1 << 20) -> (
    LenientInflater.Outcome, [UInt8]
  ) {
    var output: [UInt8] = []
    let outcome = inflater.inflate(message.span.bytes, maxLength: maxLength, into: &output)
    return (outcome, output)
  }

  @Test("The window is kept") func keepsTheWindow() throws {
    let inflater = try LenientInflater()
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
    #expect(run(inflater, deflatedHelloAgain) == (.inflated, hello))
    #expect(inflater.hasContext)
  }

  @Test("The window is kept over final blocks") func keepsTheWindowOverFinalBlocks() throws {
    let inflater = try LenientInflater()
    #expect(run(inflater, finalHello + [0x00]) == (.inflated, hello))
    #expect(run(inflater, deflatedHelloAgain) == (.inflated, hello))
    #expect(run(inflater, finalHello + finalHello) == (.inflated, hello + hello))
    #expect(run(inflater, deflatedHelloAgain) == (.inflated, hello))
  }

  @Test("An inflater that rested still knows the window") func knowsTheWindowAfterRest() throws {
    let inflater = try LenientInflater()
    inflater.rest()
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
    for _ in 0..<2 {
      inflater.rest()
      inflater.rest()
      #expect(inflater.hasContext)
      #expect(run(inflater, deflatedHelloAgain) == (.inflated, hello))
    }
    inflater.rest()
    inflater.dropContext()
    guard case .failed = run(inflater, deflatedHelloAgain).0 else { Issue.record("nothing is dropped"); return }
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
  }

  @Test("The tail of a message may be there") func takesTheTail() throws {
    let inflater = try LenientInflater()
    for _ in 0..<2 {
      #expect(run(inflater, deflatedHello + [0x00, 0x00, 0xFF, 0xFF]) == (.inflated, hello))
      #expect(run(inflater, deflatedHelloAgain + [0x00, 0x00, 0xFF, 0xFF]) == (.inflated, hello))
    }
  }

  @Test("A dropped context fails instead of inventing") func droppedContextFailsInsteadOfInventing() throws {
    let inflater = try LenientInflater()
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
    inflater.dropContext()
    let (outcome, _) = run(inflater, deflatedHelloAgain)
    guard case .failed(let error) = outcome else { Issue.record("\(outcome)"); return }
    #expect(error.isBeyondWindow)
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
  }

  @Test("A failed message keeps what came before the fault") func failedMessageKeepsWhatCameBeforeTheFault() throws {
    let inflater = try LenientInflater()
    let (outcome, output) = run(inflater, Array(deflatedHello[..<5]) + [0xFF, 0xFF, 0xFF])
    guard case .failed = outcome else { Issue.record("\(outcome)"); return }
    #expect(output.starts(with: "Hel".utf8))
    #expect(!inflater.hasContext)
  }

  @Test("The limit holds") func limitHolds() throws {
    let inflater = try LenientInflater()
    let bomb = try deflate([Array(repeating: 0, count: 1_000_000)])[0]
    _ = run(inflater, deflatedHello)
    let (outcome, output) = run(inflater, bomb, maxLength: 1_000)
    guard case .failed(let error) = outcome else { Issue.record("\(outcome)"); return }
    #expect(error.code == .tooLarge)
    #expect(output.count == 1_001)
  }

  @Test("Many final blocks are one message") func manyFinalBlocks() throws {
    let inflater = try LenientInflater()
    let message = [[UInt8]](repeating: [0x03, 0x00], count: 5_000).flatMap { $0 }
    #expect(run(inflater, message) == (.inflated, []))
  }

  @Test("The context of another stream is dropped when it does not fit")
  func contextOfAnotherStreamIsDroppedWhenItDoesNotFit() throws {
    // A final block cut short leaves a context behind; the next message is good by itself.
    let inflater = try LenientInflater()
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
    let (outcome, _) = run(inflater, [0x07])
    guard case .failed = outcome else { Issue.record("\(outcome)"); return }
    #expect(run(inflater, deflatedHello) == (.inflated, hello))
  }
}
