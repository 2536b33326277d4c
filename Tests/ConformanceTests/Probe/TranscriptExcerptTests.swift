import StrictJSON
import SystemCrypto
import Testing

@testable import Conformance

@Suite("How much of a transcript is kept")
struct TranscriptExcerptTests {
  private static func digest(_ bytes: [UInt8]) -> JSONValue { .string(Bytes(SHA256.digest(of: bytes)).hex) }

  @Test("A short entry is whole, a long one has its ends, its length and its digest")
  func shortEntry() {
    let transcript = CaseTranscript()
    let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    transcript.record(.sent([1, 2, 3]), connection: 1)
    transcript.record(.received(long), connection: 1)
    let json = TranscriptExcerpt(head: 4, tail: 2, budget: 1_000, entries: 10).json(of: transcript)
    #expect(json[0]["bytes"] == "010203")
    #expect(json[0]["length"] == nil)
    #expect(json[1]["bytes"] == "00010203")
    #expect(json[1]["tail"] == .hex(Array(long.suffix(2))))
    #expect(json[1]["length"] == 100_000)
    #expect(json[1]["sha256"] == Self.digest(long))
  }

  @Test("Many long entries keep little each")
  func longEntries() {
    let transcript = CaseTranscript()
    for _ in 0..<1_000 { transcript.record(.received(Array(repeating: 7, count: 10_000)), connection: 1) }
    let size = TranscriptExcerpt.result.json(of: transcript).reduce(0) { $0 + $1.line.utf8.count }
    #expect(size < 600_000)
  }

  @Test("Of too many entries those in the middle are counted")
  func manyEntries() {
    let transcript = CaseTranscript()
    for index in 0..<100 { transcript.record(.sent([UInt8(index)]), connection: 1) }
    let json = TranscriptExcerpt(head: 4, tail: 2, budget: 1_000, entries: 10).json(of: transcript)
    #expect(json.count == 11)
    #expect(json[5]["event"] == "omitted")
    #expect(json[5]["entries"] == 90)
    #expect(json[5]["bytes"] == 90)
    #expect(json[10]["bytes"] == "63")
  }

  @Test("Nothing is kept behind what did not fit, so that a capture has no hole")
  func afterTheEnd() throws {
    let transcript = CaseTranscript()
    transcript.record(.opened(local: "127.0.0.1:1", remote: "127.0.0.1:2", isServer: false), connection: 1)
    for _ in 0..<9 { transcript.record(.received(Array(repeating: 7, count: 1 << 20)), connection: 1) }
    transcript.record(.received([1, 2, 3]), connection: 1)
    #expect(transcript.droppedBytes == (1 << 20) + 3)
    let capture = try #require(try TranscriptCapture.pcapng(of: transcript))
    #expect((8 << 20)..<(9 << 20) ~= capture.count)
  }
}
