import CaptureFile
import Deflate
import FuzzHarness

/// Compressed messages and files: no more comes out than was allowed.
enum InflateTarget {
  @Sendable static func run(_ input: [UInt8]) {
    guard input.count > 1 else { return }
    let limit = input[0] & 1 == 0 ? 1 << 16 : 100
    let takeover = input[0] & 2 != 0
    let messages = input.dropFirst().split(separator: 0xA5, maxSplits: 3, omittingEmptySubsequences: false)
    guard let strict = try? Inflater(windowBits: 9 + Int(input[0] >> 2) % 7, contextTakeover: takeover),
      let lenient = try? LenientInflater()
    else { return }
    lenient.discardLimit = 1 << 20
    for message in messages {
      let bytes = Array(message)
      var output: [UInt8] = []
      var isGood = true
      do throws(DeflateError) {
        try strict.inflate(bytes.span.bytes, maxLength: limit, into: &output)
      } catch {
        isGood = false
      }
      // Specification, clause deflate.limit: no more than the limit and 64 KiB.
      require(output.count <= limit + 65_536 && (!isGood || output.count <= limit), "inflated to \(output.count)")
      var other: [UInt8] = []
      let outcome = lenient.inflate(bytes.span.bytes, maxLength: limit, into: &other)
      require(other.count <= limit + 1, "leniently inflated to \(other.count)")
      if isGood, !takeover, case .failed(let error) = outcome { fatalError("the lenient one fails: \(error)") }
      if !isGood { strict.reset() }
    }
  }

  @Sendable static func runGzip(_ input: [UInt8]) {
    let whole = inflated([input[...]])
    require(whole == inflated(pieces(input, seed: input.first ?? 0)), "pieces give other bytes")
  }

  private static func inflated(_ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
    let reader = GzipReader()
    var output: [UInt8] = []
    for piece in pieces {
      reader.feed(Array(piece).span.bytes)
      reading: while output.count < 1 << 20 {
        switch reader.read(into: &output, atMost: 4096) {
        case .produced: continue
        case .needsInput: break reading
        case .failed: return output
        }
      }
    }
    return Array(output.prefix(1 << 20))
  }
}
