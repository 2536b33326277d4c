import FrameCodec
import FuzzHarness
import Specification

/// Frames of each revision: as messages, back to back, and in pieces. What is read can be written, and is the same then.
enum FrameTarget {
  @Sendable static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let revision = Revision.allCases[Int(choice) % Revision.allCases.count]
    let limit: UInt32 = choice & 0x80 == 0 ? FrameCodec.defaultMaxFrameLength : 64
    let bytes = Array(input.dropFirst())
    let span = bytes.span.bytes
    message(bytes, revision, limit)
    var detector = RevisionDetector()
    detector.observe(span)
    _ = try? Displacement(decoding: span)
    for start in [0, bytes.count / 2, bytes.count] {
      _ = FrameCodec.decodePrefix(span, at: start, revision: revision, maxFrameLength: limit)
    }
    guard revision != .v1_1 else { return }
    let whole = stream([bytes[...]], revision, limit)
    requireEqual(whole, stream(pieces(bytes, seed: choice), revision, limit), "pieces give other frames")
  }

  private static func message(_ bytes: [UInt8], _ revision: Revision, _ limit: UInt32) {
    let outcome = FrameCodec.decodeMessage(bytes.span.bytes, revision: revision, maxFrameLength: limit)
    guard case .frame(let header) = outcome else { return }
    let payload = Array(bytes[header.payload])
    var written: [UInt8] = []
    let isWritten: Void? = try? FrameCodec.encode(
      protocolId: header.protocolId, sn: header.sn ?? 0, payload: payload.span.bytes, revision: revision,
      maxFrameLength: .max, into: &written)
    require(isWritten != nil, "a frame that was read cannot be written")
    // Protobuf writes neither 0 nor nothing: what is left of both is an empty message, which is no frame.
    if written.isEmpty { return }
    let second = FrameCodec.decodeMessage(
      written.span.bytes, revision: revision, maxFrameLength: .max)
    guard case .frame(let again) = second else { fatalError("a frame that was written cannot be read") }
    require(
      again.protocolId == header.protocolId && again.sn == header.sn && Array(written[again.payload]) == payload,
      "a frame changes when it is written")
    if !revision.isProtobuf { require(written == bytes, "other bytes of the same frame") }
  }

  /// The frames of a stream, and how it ends.
  private static func stream(_ pieces: [ArraySlice<UInt8>], _ revision: Revision, _ limit: UInt32) -> [String] {
    var decoder = FrameStreamDecoder(revision: revision, maxFrameLength: limit)
    var found: [String] = []
    for piece in pieces {
      decoder.append(Array(piece).span.bytes)
      do {
        while let frame = try decoder.next() {
          found.append("\(frame.protocolId) \(frame.sn ?? 0) \(Array(decoder.bytes[frame.payload]))")
        }
      } catch {
        return found + ["\(error)"]
      }
    }
    return found
  }
}
