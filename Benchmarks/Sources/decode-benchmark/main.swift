import CDecode
import FrameCodec
import Glibc

/// Decodes the same buffers in Swift and in C, in turns, and prints medians; then counts allocations.
let rounds = 31

func seconds(_ work: () -> WalkSum, expecting expected: WalkSum) -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  let sum = work()
  let elapsed = clock.now - start
  guard sum == expected else {
    print("the two sides disagree: \(sum) and \(expected)")
    exit(1)
  }
  return elapsed / .seconds(1)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func walkC(_ bytes: [UInt8]) -> WalkSum {
  let sum = bytes.withUnsafeBufferPointer {
    cdecode_walk($0.baseAddress, $0.count, FrameCodec.defaultMaxFrameLength)
  }
  return WalkSum(
    frames: sum.frames, protocolIds: sum.protocol_ids, serialNumbers: sum.serial_numbers,
    payloadOffsets: sum.payload_offsets, payloadBytes: sum.payload_bytes)
}

func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(1, width - text.count)) + text
}

func rounded(_ value: Double, _ digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let whole = Int((value * scale).rounded())
  let fraction = String(whole % Int(scale))
  let zeros = String(repeating: "0", count: digits - fraction.count)
  return "\(whole / Int(scale)).\(zeros)\(fraction)"
}

func row(_ cells: [String]) {
  let widths = [16, 16, 8, 12]
  let name = cells[0] + String(repeating: " ", count: max(0, 12 - cells[0].count))
  print(name + zip(cells.dropFirst(), widths).map(padded).joined())
}

print("decoding \(rounds) rounds in turns, medians\n")
row(["payload", "loop", "M frames/s", "GB/s", "time / C"])
for (payloadSize, total) in [(64, 1 << 20), (64, 64 << 20), (4096, 64 << 20)] {
  let buffer = try FrameBuffer(payloadSize: payloadSize, total: total)
  let expected = walkC(buffer.bytes)
  guard expected.frames == UInt64(buffer.frameCount) else {
    print("the C loop found \(expected.frames) of \(buffer.frameCount) frames")
    exit(1)
  }
  var times: [[Double]] = [[], [], []]
  for _ in 0..<rounds {
    times[0].append(seconds({ walkC(buffer.bytes) }, expecting: expected))
    times[1].append(seconds({ walkStream(buffer.bytes.span.bytes) }, expecting: expected))
    times[2].append(
      seconds({ walkMessages(buffer.bytes.span.bytes, size: payloadSize + 14) }, expecting: expected))
  }
  let floor = median(times[0])
  for (name, values) in zip(["C", "Swift stream", "Swift messages"], times) {
    let time = median(values)
    row([
      "\(payloadSize) B, \(total >> 20) MB", name, rounded(Double(buffer.frameCount) / time / 1e6, 1),
      rounded(Double(buffer.bytes.count) / time / 1e9, 1), rounded(time / floor, 2),
    ])
  }
}

AllocationCount.report()
