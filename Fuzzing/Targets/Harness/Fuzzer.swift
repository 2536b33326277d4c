import Glibc

/// What a target is given: any bytes, as often as libFuzzer can.
public typealias FuzzTarget = @Sendable ([UInt8]) -> Void

extension [String: FuzzTarget] {
  /// The one that the environment variable FUZZ_TARGET names, since libFuzzer takes the command line for itself.
  public var chosen: FuzzTarget {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if let target = self[name] { return target }
    let known = keys.sorted().joined(separator: "\n")
    let message = Array("FUZZ_TARGET has to be one of:\n\(known)\n".utf8)
    _ = write(STDERR_FILENO, message, message.count)
    exit(2)
  }
}

/// Stops the fuzzer: two ways of reading the same bytes do not agree, or a bound was passed.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

/// Stops the fuzzer where two ways of reading the same bytes come to other things, and says to what.
public func requireEqual(_ some: [String], _ others: [String], _ message: @autoclosure () -> String) {
  guard some != others else { return }
  let place = zip(some, others).prefix { $0 == $1 }.count
  let pair = [some, others].map { $0.count > place ? String($0[place].prefix(400)) : "nothing" }
  fatalError("\(message()): \(pair[0])\nand \(pair[1])")
}

/// Pieces of an input, cut where a seed says, so that a run can be repeated.
///
/// - Parameters:
///   - bytes: The input.
///   - seed: 0: a byte at a time; everything else: lengths that follow from it.
public func pieces(_ bytes: [UInt8], seed: UInt8) -> [ArraySlice<UInt8>] {
  var pieces: [ArraySlice<UInt8>] = []
  var state = UInt32(seed)
  var start = 0
  while start < bytes.count {
    state = state &* 1_664_525 &+ 1_013_904_223
    let length = seed == 0 ? 1 : 1 + Int(state >> 20) % (1 + Int(seed))
    let end = min(bytes.count, start + length)
    pieces.append(bytes[start..<end])
    start = end
  }
  return pieces
}
