import Specification
import Testing
import WebSocketCodec

/// Messages of which no more than the beginning is wanted.
@Suite struct BeginningTests {
  private static let long = (0..<200).map { UInt8($0) }

  /// Frames whose first byte says whether the beginning is enough, and how many bytes of each are to be there when all come at once.
  private static func frames(from sender: PeerRole) -> [(RawFrame, kept: Int?)] {
    let key: UInt32? = sender == .client ? 0x3D21_FA37 : nil
    func frame(_ first: UInt8, fin: Bool = true, rsv: UInt8 = 0, _ opcode: UInt8, _ count: Int = 200) -> RawFrame {
      RawFrame(
        fin: fin, rsv: rsv, opcode: opcode, maskingKey: key, payload: [first] + Self.long.dropFirst().prefix(count - 1))
    }
    // What lies whole and unmasked in its chunk is given as it lies.
    let enough = sender == .client ? WebSocketDecoder.beginningSize : 200
    return [
      (frame(1, 2), enough), (frame(0, 2), 200), (frame(1, 2, 32), 32), (frame(1, 2, 33), sender == .client ? 32 : 33),
      (frame(1, 1, 100), 100), (frame(1, rsv: 4, 2), 200), (frame(1, fin: false, 2), nil), (frame(1, 0), 400),
      (frame(1, 2), enough),
    ]
  }

  private static func decode(
    _ pieces: [ArraySlice<UInt8>], from sender: PeerRole
  ) -> [(payload: [UInt8], announced: Int, range: Range<Int>)] {
    var decoder = WebSocketDecoder(.init(receiver: sender.peer, mode: .lenient, allowsCompression: true))
    var found: [(payload: [UInt8], announced: Int, range: Range<Int>)] = []
    for piece in pieces.map(Array.init) {
      var position = 0
      while let event = decoder.next(
        piece.span.bytes, at: &position,
        isEnough: { beginning, length in
          #expect(beginning.byteCount == WebSocketDecoder.beginningSize && length > beginning.byteCount)
          return beginning.unsafeLoad(as: UInt8.self) == 1
        })
      {
        guard case .message(let message) = event else {
          Issue.record("\(event)")
          continue
        }
        let payload = decoder.withPayload(message.payload, of: piece.span.bytes) { $0.withUnsafeBytes { Array($0) } }
        found.append((payload, Int(message.announcedLength), message.streamRange))
      }
    }
    return found
  }

  @Test("Where it is enough no more is kept, and everything else is whole", arguments: [PeerRole.client, .server])
  func atOnce(_ sender: PeerRole) {
    var bytes: [UInt8] = []
    let frames = Self.frames(from: sender)
    for (frame, _) in frames { frame.append(to: &bytes) }
    #expect(Self.decode([bytes[...]], from: sender).map(\.payload.count) == frames.compactMap(\.kept))
  }

  @Test("However it is cut, a message is whole or its beginning", arguments: [PeerRole.client, .server])
  func cut(_ sender: PeerRole) {
    var bytes: [UInt8] = []
    for (frame, _) in Self.frames(from: sender) { frame.append(to: &bytes) }
    var whole = WebSocketDecoder(.init(receiver: sender.peer, mode: .lenient, allowsCompression: true))
    let expected = WebSocketCodecTests.decode([bytes], &whole)
    var passedOver = 0
    for size in 1...bytes.count {
      let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
      let found = Self.decode(pieces, from: sender)
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) {
        guard case .message(_, let payload, _, _, let range) = expected else { continue }
        #expect(found.range == range && found.announced == payload.count)
        #expect(payload.starts(with: found.payload))
        #expect(found.payload.count == payload.count || found.payload.count == WebSocketDecoder.beginningSize)
        if found.payload.count < payload.count { passedOver += 1 }
      }
    }
    #expect(passedOver > 500)
  }
}
