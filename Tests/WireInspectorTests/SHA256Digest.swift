/// SHA-256 (FIPS 180-4), for comparing with the digests of a manifest.
func sha256(_ message: [UInt8]) -> String {
  var state: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  var padded = message + [0x80]
  while padded.count % 64 != 56 { padded.append(0) }
  for shift in stride(from: UInt64(56), through: 0, by: -8) {
    padded.append(UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> shift))
  }
  var words = [UInt32](repeating: 0, count: 64)
  padded.withUnsafeBufferPointer { bytes in
    for block in stride(from: 0, to: bytes.count, by: 64) { compress(bytes, block, &words, &state) }
  }
  return state.map { word in
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }.joined()
}

private func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 &- count) }

private func compress(
  _ bytes: UnsafeBufferPointer<UInt8>, _ block: Int, _ words: inout [UInt32], _ state: inout [UInt32]
) {
  for index in 0..<16 {
    let at = block + index * 4
    words[index] =
      UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
  }
  for index in 16..<64 {
    let a = words[index - 15]
    let b = words[index - 2]
    let first = rotated(a, 7) ^ rotated(a, 18) ^ a >> 3
    let second = rotated(b, 17) ^ rotated(b, 19) ^ b >> 10
    words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
  }
  var v = state
  for index in 0..<64 {
    let big = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
    let choice = v[4] & v[5] ^ ~v[4] & v[6]
    let first = v[7] &+ big &+ choice &+ roundConstants[index] &+ words[index]
    let small = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
    let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
    v = [first &+ small &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
  }
  for index in 0..<8 { state[index] = state[index] &+ v[index] }
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = {
  var constants: [UInt32] = []
  var candidate: UInt64 = 2
  while constants.count < 64 {
    if !(2..<candidate).contains(where: { candidate % $0 == 0 }) { constants.append(fractionOfCubeRoot(candidate)) }
    candidate += 1
  }
  return constants
}()

/// Found bit by bit, in integers: the largest root with 35 fractional bits, of which 32 count.
private func fractionOfCubeRoot(_ value: UInt64) -> UInt32 {
  var root: UInt64 = 0
  for bit in stride(from: UInt64(40), through: 0, by: -1) {
    let trial = root | 1 << bit
    // trial³ ≤ value · 2^96, compared without overflow.
    let square = trial.multipliedFullWidth(by: trial)
    let low = square.low.multipliedFullWidth(by: trial)
    let high = square.high.multipliedFullWidth(by: trial)
    let middle = low.high.addingReportingOverflow(high.low)
    let top = high.high + (middle.overflow ? 1 : 0)
    if top == 0, middle.partialValue < value << 32 { root = trial }
  }
  return UInt32(truncatingIfNeeded: root)
}
