import CDecode
import Glibc

/// Allocations a frame, counted by the preloaded library in `malloc-count`.
enum AllocationCount {
  private typealias Counter = @convention(c) () -> UInt64

  static func report() {
    guard let symbol = dlsym(nil, "malloc_count_so_far") else {
      print("\nallocations: not counted; run Benchmarks/run.sh, which preloads the counter")
      return
    }
    let counter = unsafeBitCast(symbol, to: Counter.self)
    guard let buffer = try? FrameBuffer(payloadSize: 64, total: 1 << 20) else { return }
    let frames = Double(buffer.frameCount)
    print("\nallocations a frame, over \(buffer.frameCount) frames of 64 bytes\n")
    func count(_ name: String, _ work: () -> Void) {
      let before = counter()
      work()
      let allocations = counter() - before
      row([name, "", "\(allocations) in all", "", rounded(Double(allocations) / frames, 4)])
    }
    var frameSum: UInt64 = 0
    count("stream") { frameSum &+= walkStream(buffer.bytes.span.bytes).frames }
    count("messages") { frameSum &+= walkMessages(buffer.bytes.span.bytes, size: 78).frames }
    count("control") { for _ in 0..<buffer.frameCount { cdecode_allocate() } }
    if frameSum != 2 * UInt64(buffer.frameCount) { print("frames were missed") }
  }
}
