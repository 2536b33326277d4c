import Deflate

/// Inflates a message; a new array each time.
func inflate(
  _ inflater: Inflater, _ message: [UInt8], maxLength: Int = 1 << 20
) throws(DeflateError) -> [UInt8] {
  var output: [UInt8] = []
  try inflater.inflate(message.span.bytes, maxLength: maxLength, into: &output)
  return output
}

/// Inflates messages with a new inflater.
func inflate(
  _ messages: [[UInt8]], windowBits: Int = 15, contextTakeover: Bool = true, maxLength: Int = 1 << 20
) throws(DeflateError) -> [[UInt8]] {
  let inflater = try Inflater(windowBits: windowBits, contextTakeover: contextTakeover)
  var outputs: [[UInt8]] = []
  for message in messages { outputs.append(try inflate(inflater, message, maxLength: maxLength)) }
  return outputs
}

/// Deflates messages with a new deflater.
func deflate(
  _ messages: [[UInt8]], windowBits: Int = 15, contextTakeover: Bool = true, level: Int = 6
) throws(DeflateError) -> [[UInt8]] {
  let deflater = try Deflater(windowBits: windowBits, contextTakeover: contextTakeover, level: level)
  var outputs: [[UInt8]] = []
  for message in messages {
    var output: [UInt8] = []
    try deflater.deflate(message.span.bytes, into: &output)
    outputs.append(output)
  }
  return outputs
}

/// The error that a body throws, nil if none.
func failure(_ body: () throws -> Void) -> DeflateError? {
  do { try body() } catch { return error as? DeflateError }
  return nil
}

/// A small generator of reproducible numbers.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Bytes without any pattern.
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 13) } }
}

let hello = Array("Hello".utf8)
/// "Hello" as RFC 7692 §7.2.3.1 has it.
let deflatedHello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
/// "Hello" once more, referring back to the one before (RFC 7692 §7.2.3.2).
let deflatedHelloAgain: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
/// "Hello" in a final block (RFC 7692 §7.2.3.4, without the 00 after it).
let finalHello: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
