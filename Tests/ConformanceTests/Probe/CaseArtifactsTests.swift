import CaptureFile
import FoundationEssentials
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Evidence of a failed case")
struct CaseArtifactsTests {
  @Test("Every file is there and says what happened")
  func files() async throws {
    try await ProbeSamples.withFolder { folder in
      let (status, text) = try await ProbeSessionTests.run(ProbeSamples.wrong) { $0.artifacts = folder + "/evidence" }
      #expect(status == .failures)
      #expect(text.contains("evidence: \(folder)/evidence"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/evidence") == ["rpc.word.two"])
      func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(folder)/evidence/rpc.word.two/\(name)")))
      }
      #expect(try bytes("repro") == Array("wireproof probe server URL --filter rpc.word.two\n".utf8))
      let transcript = String(decoding: try bytes("transcript.txt"), as: UTF8.self)
      #expect(transcript.contains("not met: sample.yaml:10:13: call:"))
      #expect(transcript.contains("|GET /join?uid="))
      #expect(transcript.contains(" < "))
      let json = try JSONParser.parse(try bytes("transcript.json"))
      #expect(json["id"] == "rpc.word.two")
      #expect(json["divergence"]?["place"] == "10:13")
      #expect((json["transcript"]?.arrayValue?.count ?? 0) > 6)
      // SYN, SYN and ACK, ACK, then each of request and answer with its acknowledgement, and more.
      #expect((packets(try bytes("capture.pcapng")) ?? 0) > 9)
    }
  }

  /// How many packets a file holds; nil if something is wrong with it.
  private func packets(_ file: [UInt8]) -> Int? {
    var reader = CaptureReader()
    reader.feed(file)
    reader.finish()
    var count = 0
    while let event = reader.next() {
      guard case .record = event else { return nil }
      count += 1
    }
    return count
  }

  @Test(
    "A folder's name is harmless",
    arguments: [
      ("frame.magic", "frame.magic"), ("a/../b", "a_.._b"), ("..", "_.."), ("a b\u{1B}", "a_b_"), ("ä.é", "_._"),
    ])
  func folderName(id: String, name: String) {
    #expect(CaseArtifacts.name(of: id) == name)
  }

  @Test(
    "Words are quoted for the shell",
    arguments: [
      ("plain-1.0:/x", "plain-1.0:/x"), ("", "''"), ("K: V", "'K: V'"), ("it's", "'it'\\''s'"), ("$(x)", "'$(x)'"),
      ("ä", "'ä'"), ("{port}", "'{port}'"),
    ])
  func shellWords(word: String, quoted: String) {
    #expect(ShellWord.quoted(word) == quoted)
  }
}
