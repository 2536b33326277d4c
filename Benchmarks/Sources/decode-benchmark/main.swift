import CDecode
import FrameCodec

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Decodes the same buffers in Swift and in C, in turns, and prints medians; then counts allocations.
let rounds = 31

func seconds(_ work: () -> cdecode_sum, expecting expected: cdecode_sum) -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  let sum = work()
  let elapsed = clock.now - start
  guard sum.equals(expected) else {
    print("the two sides disagree: \(sum) and \(expected)")
    exit(1)
  }
  return elapsed / .seconds(1)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

// A name given at run time is a revision that the compiler does not know.
guard let revision = Revision(rawValue: CommandLine.arguments.dropFirst().first ?? "1.3.3"), revision == .v1_3_3 else {
  print("usage: decode-benchmark [1.3.3]; the C loops know no other revision")
  exit(64)
}
let limits = WireLimits(revision: revision, maxFrameLength: FrameCodec.defaultMaxFrameLength)

print("medians of \(rounds) rounds, Swift and C in turns over the same buffer\n")
row(["payload, buffer", "form", "side", "M frames/s", "GB/s", "Swift/C"])
for (payloadSize, total) in [(64, 1 << 20), (64, 64 << 20), (4096, 64 << 20)] {
  let buffer = try FrameBuffer(payloadSize: payloadSize, total: total)
  let (bytes, messages) = (buffer.bytes, buffer.messages)
  let loops: [(form: String, side: String, run: () -> cdecode_sum)] = [
    (
      "stream", "C",
      { bytes.withUnsafeBufferPointer { cdecode_walk_stream($0.baseAddress, $0.count, limits.maxFrameLength) } }
    ),
    ("stream", "Swift", { walkStream(bytes.span.bytes, limits) }),
    (
      "messages", "C",
      {
        bytes.withUnsafeBufferPointer { bytes in
          messages.withUnsafeBufferPointer {
            cdecode_walk_messages(bytes.baseAddress, bytes.count, $0.baseAddress, $0.count, limits.maxFrameLength)
          }
        }
      }
    ),
    ("messages", "Swift", { walkMessages(bytes.span.bytes, messages.span, limits) }),
  ]
  let expected = loops[0].run()
  guard expected.frames == UInt64(buffer.frameCount) else {
    print("the C loop found \(expected.frames) of \(buffer.frameCount) frames")
    exit(1)
  }
  var times = [[Double]](repeating: [], count: loops.count)
  for round in 0..<rounds {
    // Another loop begins each round, so that none always runs behind the same one.
    for turn in loops.indices {
      let index = (round + turn) % loops.count
      times[index].append(seconds(loops[index].run, expecting: expected))
    }
  }
  for (index, loop) in loops.enumerated() {
    let time = median(times[index])
    row([
      "\(payloadSize) B, \(total >> 20) MiB", loop.form, loop.side, rounded(Double(buffer.frameCount) / time / 1e6, 1),
      rounded(Double(bytes.count) / time / 1e9, 1),
      loop.side == "C" ? "" : rounded(median(zip(times[index], times[index - 1]).map(/)), 2),
    ])
  }
}

exit(AllocationCount.report(limits) ? 0 : 1)
