import CDecode
import FrameCodec

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Allocations a frame, counted by the preloaded library in `malloc-count`.
enum AllocationCount {
  private typealias Counter = @convention(c) () -> UInt64

  /// Prints the counts; false when a decoder allocates, or when a loop that does allocate is not seen to.
  static func report(_ limits: WireLimits) -> Bool {
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "malloc_count_so_far") else {
      print("\nallocations: not counted, no counter is preloaded (Benchmarks/run.sh does, where it can)")
      return true
    }
    let counter = unsafeBitCast(symbol, to: Counter.self)
    guard let buffer = try? FrameBuffer(payloadSize: 64, total: 1 << 20) else { return false }
    let frames = UInt64(buffer.frameCount)
    var decoder = FrameStreamDecoder(revision: limits.revision, maxFrameLength: limits.maxFrameLength)
    print("\nallocations over \(frames) frames of 64 bytes; the controls allocate on purpose\n")
    var isGood = true
    func count(_ name: String, allocates: Bool, _ work: () -> UInt64) {
      let before = counter()
      let found = work()
      let allocations = counter() - before
      let isExpected = allocates ? allocations >= frames : allocations == 0
      if !isExpected || found != frames { isGood = false }
      let verdict = found != frames ? "  frames were missed" : isExpected ? "" : "  not as it should be"
      print(
        name.padded(to: 44) + String(allocations).padded(to: 10)
          + "\(rounded(Double(allocations) / Double(frames), 4)) a frame\(verdict)")
    }
    let (bytes, messages) = (buffer.bytes, buffer.messages)
    count("stream, decodePrefix", allocates: false) { walkStream(bytes.span.bytes, limits).frames }
    count("messages, decodeMessage", allocates: false) {
      walkMessages(bytes.span.bytes, messages.span, limits).frames
    }
    // Its buffer grows at first; what counts is that it then stays.
    _ = walkPieces(bytes.span.bytes, piece: 4000, &decoder)
    count("pieces of 4000 B, FrameStreamDecoder", allocates: false) {
      walkPieces(bytes.span.bytes, piece: 4000, &decoder)
    }
    count("control: malloc in C", allocates: true) {
      for _ in 0..<frames { cdecode_allocate() }
      return frames
    }
    count("control: each payload copied in Swift", allocates: true) {
      walkCopyingPayloads(bytes.span.bytes, limits).frames
    }
    return isGood
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
