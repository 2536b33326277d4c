import Specification
import Testing
import WebSocketCodec

/// Messages that are not copied, and what a decoder tells about their frames.
@Suite struct InPlaceTests {
  /// Feeds writable pieces; also says where each message's payload was.
  private func decodeInPlace(
    _ pieces: [[UInt8]], mode: WebSocketDecoder.Mode = .strict
  ) -> (found: [Decoded], places: [WebSocketPayload]) {
    var decoder = WebSocketDecoder(.init(receiver: .server, mode: mode, allowsCompression: true))
    var found: [Decoded] = []
    var places: [WebSocketPayload] = []
    for piece in pieces {
      var piece = piece
      piece.withUnsafeMutableBytes { chunk in
        var position = 0
        while let event = decoder.next(unmaskingInPlace: chunk, at: &position) {
          switch event {
          case .message(let message):
            let payload = decoder.withPayload(message.payload, of: UnsafeRawBufferPointer(chunk).bytes) { span in
              span.withUnsafeBytes { Array($0) }
            }
            places.append(message.payload)
            found.append(
              .message(
                message.opcode, payload, compressed: message.compressed, fragments: message.fragmentCount,
                message.streamRange))
          case .control(let control): found.append(.control(control.opcode, control.payload, control.streamRange))
          case .violation(let violation): found.append(.violation(violation))
          case .lostMessage(let message): found.append(.lost(fragments: message.fragmentCount, message.streamRange))
          }
        }
      }
    }
    return (found, places)
  }

  @Test("Unmasking in place gives the same at every cut") func unmaskingInPlaceGivesTheSameAtEveryCut() {
    let bytes = sampleStream(from: .client)
    let copied = decode([bytes], receiver: .server, compression: true)
    for cut in 0...bytes.count {
      #expect(decodeInPlace([Array(bytes[..<cut]), Array(bytes[cut...])]).found == copied)
    }
    #expect(decodeInPlace(bytes.map { [$0] }).found == copied)
  }

  @Test("A masked message in a writable chunk is not copied") func aMaskedMessageInAWritableChunkIsNotCopied() {
    var bytes: [UInt8] = []
    RawFrame(opcode: 1, maskingKey: 0x3D21_FA37, payload: Array("text".utf8)).append(to: &bytes)
    #expect(decodeInPlace([bytes]).places == [.input(6..<10)])
    #expect(decodeInPlace([Array(bytes[..<7]), Array(bytes[7...])]).places == [.buffer(0..<4)])
  }

  @Test("A text in one chunk is not copied") func aTextInOneChunkIsNotCopied() {
    let bytes: [UInt8] = [0x81, 0x03, 0xE4, 0xBD, 0xA0]
    var decoder = WebSocketDecoder(.init(receiver: .client))
    var position = 0
    guard case .message(let message)? = decoder.next(bytes.span.bytes, at: &position) else {
      Issue.record("no message")
      return
    }
    #expect(message.payload == .input(2..<5))
  }

  @Test("Damaged streams give the same in place") func damagedStreamsGiveTheSameInPlace() {
    var random = SeededBytes(seed: 9)
    for _ in 0..<2_000 {
      var bytes = sampleStream(from: .client)
      for _ in 0..<3 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
      for mode in [WebSocketDecoder.Mode.strict, .lenient] {
        #expect(
          decodeInPlace([bytes], mode: mode).found
            == decode([bytes], receiver: .server, mode: mode, compression: true))
      }
    }
  }

  @Test("The frames of a message are recorded when asked for") func theFramesOfAMessageAreRecordedWhenAskedFor() {
    let bytes: [UInt8] = [0x02, 0x01, 0x61, 0x89, 0x00, 0x00, 0x00, 0x80, 0x02, 0x62, 0x63, 0x82, 0x00]
    for recordsFragments in [true, false] {
      var decoder = WebSocketDecoder(.init(receiver: .client, recordsFragments: recordsFragments))
      var position = 0
      var seen: [[Int]] = []
      while let event = decoder.next(bytes.span.bytes, at: &position) {
        guard case .message(let message) = event else { continue }
        seen.append(decoder.fragments.map(\.offset))
        #expect(message.header.opcode == 2)
        #expect(decoder.fragments.allSatisfy { $0.header.maskingKey == nil })
      }
      #expect(seen == (recordsFragments ? [[0, 5, 7], [11]] : [[], []]))
    }
  }

  @Test("Recorded frames are bounded") func recordedFramesAreBounded() {
    var bytes: [UInt8] = [0x02, 0x00]
    for _ in 0..<5_000 { bytes += [0x00, 0x00] }
    bytes += [0x80, 0x00]
    var decoder = WebSocketDecoder(.init(receiver: .client, recordsFragments: true))
    var position = 0
    guard case .message(let message)? = decoder.next(bytes.span.bytes, at: &position) else {
      Issue.record("no message")
      return
    }
    #expect(message.fragmentCount == 5_002)
    #expect(decoder.fragments.count == 4_096)
  }
}
