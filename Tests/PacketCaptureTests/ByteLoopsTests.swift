import CByteLoops
import Glibc
import Testing

@testable import PacketCapture

/// The loops in C against what they stand for, with the bytes before the end of a page behind which there is none: reading beyond
/// them ends the program.
@Suite struct ByteLoopsTests {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Lends bytes that end where nobody may read on.
  private func withGuarded(_ bytes: [UInt8], _ body: (UnsafeMutablePointer<UInt8>) -> Void) throws {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let size = (bytes.count / page + 1) * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    let memory = try #require(mmap(nil, size + page, PROT_READ | PROT_WRITE, flags, -1, 0))
    defer { munmap(memory, size + page) }
    try #require(mprotect(memory + size, page, PROT_NONE) == 0)
    let start = (memory + size - bytes.count).assumingMemoryBound(to: UInt8.self)
    start.update(from: bytes, count: bytes.count)
    body(start)
  }

  private func samples(_ count: Int) -> [[UInt8]] {
    [
      [UInt8](repeating: 0, count: count), [UInt8](repeating: 0xFF, count: count),
      (0..<count).map { _ in UInt8.random(in: 0...255) },
    ]
  }

  @Test("The sum of bytes is that of their words") func sumWords() throws {
    for count in Array(0...300) + [1460, 9000, 65_535, 600_001] {
      for bytes in samples(count) {
        var expected: UInt64 = 0
        for (index, byte) in bytes.enumerated() { expected += UInt64(byte) << UInt64(index % 2 * 8) }
        try withGuarded(bytes) { start in
          let sum = cbyteloops_internet_sum(start, count)
          #expect(InternetChecksum.fold(sum) == InternetChecksum.fold(expected), "\(count) bytes")
        }
      }
    }
  }

  @Test("What is taken for Base64 is encoded as RFC 4648 says, and nothing else is written") func base64Blocks() throws
  {
    for count in 0...300 {
      for bytes in samples(count) {
        let room = [UInt8](repeating: 0x2A, count: (count + 2) / 3 * 4)
        try withGuarded(bytes) { start in
          try? withGuarded(room) { target in
            let taken = cbyteloops_base64(start, count, target)
            #expect(taken % 3 == 0 && taken <= count)
            for index in 0..<taken / 3 {
              let three = Int(bytes[3 * index]) << 16 | Int(bytes[3 * index + 1]) << 8 | Int(bytes[3 * index + 2])
              for place in 0..<4 {
                #expect(target[4 * index + place] == Self.alphabet[three >> (18 - 6 * place) & 63])
              }
            }
            for index in taken / 3 * 4..<room.count where index < room.count { #expect(target[index] == 0x2A) }
          }
        }
      }
    }
  }
}
