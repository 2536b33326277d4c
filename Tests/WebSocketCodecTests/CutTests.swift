import Specification
import Testing
import WebSocketCodec

@Suite struct CutTests {
  @Test("Every cut gives the same", arguments: [PeerRole.client, .server]) func everyCutGivesTheSame(_ sender: PeerRole)
  {
    let bytes = sampleStream(from: sender)
    let whole = decode([bytes], receiver: sender.peer, compression: true)
    #expect(whole.count == 6)
    #expect(
      whole.first
        == .message(.binary, Array("hello".utf8), compressed: false, fragments: 1, 0..<(sender == .client ? 11 : 7)))
    for cut in 0...bytes.count {
      let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
      #expect(decode(pieces, receiver: sender.peer, compression: true) == whole)
    }
    #expect(decode(bytes.map { [$0] }, receiver: sender.peer, compression: true) == whole)
  }

  @Test("Shuffled piece sizes give the same") func shuffledPieceSizesGiveTheSame() {
    let bytes = sampleStream(from: .client)
    let whole = decode([bytes], receiver: .server, compression: true)
    var random = SeededBytes(seed: 11)
    for _ in 0..<500 {
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let size = Int(random.next() % 9)
        pieces.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      #expect(decode(pieces, receiver: .server, compression: true) == whole)
    }
  }

  @Test("An unmasked message in one chunk is not copied") func anUnmaskedMessageInOneChunkIsNotCopied() {
    let bytes: [UInt8] = [0x82, 0x03, 1, 2, 3]
    var decoder = WebSocketDecoder(.init(receiver: .client))
    var position = 0
    guard case .message(let message)? = decoder.next(bytes.span.bytes, at: &position) else {
      Issue.record("no message")
      return
    }
    #expect(message.payload == .input(2..<5))
  }
}
