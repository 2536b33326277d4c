import FrameCodec
import GoldenVectors
import Specification
import StrictJSON

/// Judges what an implementation encoded as protobuf. The order of fields and the leaving out of defaults are SHOULDs: bytes
/// that decode to what was to be encoded are weaker at most.
enum ProtobufJudge {
  /// Judges an output that is not the expected one; nil leaves the verdict to the comparison.
  static func judge(_ output: JSONValue, to test: VectorTest, of operation: Operation) -> Judgement? {
    guard case .output(let expected) = test.expectation, expected != output, output.objectValue?.count == 1 else {
      return nil
    }
    let isSame =
      switch operation {
      case .displacementEncode:
        displacement(output["payload"]).map { $0 == displacement(expected["payload"]) } ?? false
      case .frameEncode:
        frame(output["message"], test.input).map { $0 == frame(expected["message"], test.input) } ?? false
      default: false
      }
    guard isSame else { return nil }
    return Judgement(verdict: .nonStrict, reason: "the fields are right, but not written as proto3 writes them")
  }

  private static func bytes(_ value: JSONValue?) -> [UInt8]? {
    value?.stringValue.flatMap { Bytes(hex: $0)?.array }
  }

  private static func displacement(_ value: JSONValue?) -> Displacement? {
    guard let bytes = bytes(value) else { return nil }
    return try? Displacement(decoding: bytes.span.bytes)
  }

  /// The protocolId and the payload of a frame of the revisions that are protobuf.
  private static func frame(_ value: JSONValue?, _ input: JSONValue) -> [[UInt8]]? {
    guard let revision = input["revision"]?.stringValue.flatMap(Revision.init(rawValue:)),
      revision == .v1_1 || revision == .v1_2, let bytes = bytes(value),
      case .frame(let header) = FrameCodec.decodeMessage(bytes.span.bytes, revision: revision, maxFrameLength: .max)
    else { return nil }
    return [Array(String(header.protocolId).utf8), Array(bytes[header.payload])]
  }
}
