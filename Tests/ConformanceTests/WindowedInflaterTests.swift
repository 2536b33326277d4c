import Testing

@testable import Conformance

@Suite("Inflating under a window, to judge")
struct WindowedInflaterTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A stored block.
  private func stored(_ content: [UInt8], final: Bool = false) -> [UInt8] {
    let length = UInt16(content.count)
    return [final ? 1 : 0, UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
      + content
  }

  @Test("The examples of RFC 7692 section 7.2.3 inflate to Hello")
  func examples() throws {
    var inflater = WindowedInflater(windowBits: 15, limit: 100)
    #expect(try inflater.inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]).bytes == bytes("Hello"))
    // 7.2.3.2: the second refers back to the first.
    #expect(try inflater.inflate([0xF2, 0x00, 0x11, 0x00, 0x00]).bytes == bytes("Hello"))
    // 7.2.3.3, 7.2.3.4 and 7.2.3.5: stored, final, two blocks.
    #expect(try inflater.inflate(stored(bytes("Hello")) + [0x00]).bytes == bytes("Hello"))
    #expect(try inflater.inflate([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]).bytes == bytes("Hello"))
    let two: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
    #expect(try inflater.inflate(two).bytes == bytes("Hello"))
    #expect(try inflater.inflate([0x00]).bytes == [])
  }

  @Test("A back reference without context is refused")
  func noContext() {
    var inflater = WindowedInflater(windowBits: 15, limit: 100)
    #expect(throws: WindowedInflater.Fault.distanceBeyondWindow(5)) {
      try inflater.inflate([0xF2, 0x00, 0x11, 0x00, 0x00])
    }
  }

  @Test("The tail left on is seen, wherever the blocks end")
  func tail() throws {
    var inflater = WindowedInflater(windowBits: 15, limit: 100)
    let message: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    #expect(try !inflater.inflate(message).keepsTail)
    #expect(try inflater.inflate(message + [0x00, 0x00, 0xFF, 0xFF]).keepsTail)
    #expect(try inflater.inflate([0x00, 0x00, 0x00, 0xFF, 0xFF]).keepsTail)
    // These bytes at the end of stored content are content.
    #expect(try !inflater.inflate(stored([0x00, 0x00, 0xFF, 0xFF]) + [0x00]).keepsTail)
  }

  @Test("A distance may be as large as the window, not larger, also when a message is long")
  func window() throws {
    // Stored content, then one match of length 3 with a distance of 256 or 257, in a fixed block.
    func message(distance: Int) -> [UInt8] {
      var bits: [UInt8] = []
      func append(_ value: Int, _ count: Int) {
        for index in 0..<count { bits.append(UInt8(value >> index & 1)) }
      }
      func appendCode(_ value: Int, _ count: Int) {
        for index in (0..<count).reversed() { bits.append(UInt8(value >> index & 1)) }
      }
      append(0, 1)
      append(1, 2)
      appendCode(1, 7)  // length 3
      let code = distance <= 256 ? 15 : 16  // bases 193 and 257
      appendCode(code, 5)
      append(distance - (distance <= 256 ? 193 : 257), distance <= 256 ? 6 : 7)
      appendCode(0, 7)  // end of block
      append(0, 3)  // the header of the empty stored block
      while bits.count % 8 != 0 { bits.append(0) }
      let packed = stride(from: 0, to: bits.count, by: 8).map { start in
        (0..<8).reduce(UInt8(0)) { $0 | bits[start + $1] << UInt8($1) }
      }
      return stored([UInt8](repeating: 7, count: 400)) + packed
    }
    var inflater = WindowedInflater(windowBits: 8, limit: 1_000)
    #expect(try inflater.inflate(message(distance: 256)).bytes == [UInt8](repeating: 7, count: 403))
    #expect(throws: WindowedInflater.Fault.distanceBeyondWindow(257)) { try inflater.inflate(message(distance: 257)) }
    var wider = WindowedInflater(windowBits: 9, limit: 1_000)
    #expect(try wider.inflate(message(distance: 257)).bytes.count == 403)
  }

  @Test("Every prefix and every changed byte ends in an error or in bytes, never a crash")
  func damage() throws {
    let message: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
    for index in message.indices {
      var inflater = WindowedInflater(windowBits: 9, limit: 100)
      _ = try? inflater.inflate(Array(message[..<index]))
      for value in UInt8.min...UInt8.max {
        var changed = message
        changed[index] = value
        inflater.reset()
        _ = try? inflater.inflate(changed)
      }
    }
  }

  @Test("Inflating stops beyond the limit")
  func limit() {
    var inflater = WindowedInflater(windowBits: 15, limit: 4)
    #expect(throws: WindowedInflater.Fault.tooLarge) {
      try inflater.inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    }
  }
}
