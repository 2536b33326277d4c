import FrameCodec
import StrictJSON

/// `frame.encode`, `frame.decode` and `frame.stream`.
enum FrameOperations {
  static func encode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let revision: Revision = try input.choice("revision")
    let protocolId: Int64 = try input.integer("protocolId")
    let sn: UInt32 = try input.integerIfThere("sn") ?? 0
    let payload = try input.bytes("payload")
    let limit = try limit(input)
    var message: [UInt8] = []
    do throws(FrameEncodingError) {
      try FrameCodec.encode(
        protocolId: protocolId, sn: sn, payload: payload.span.bytes, revision: revision, maxFrameLength: limit,
        into: &message)
    } catch {
      return .error(error.code)
    }
    return .output(["message": .hex(message)])
  }

  static func decode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let revision: Revision = try input.choice("revision")
    let message = try input.bytes("message")
    let outcome = FrameCodec.decodeMessage(message.span.bytes, revision: revision, maxFrameLength: try limit(input))
    switch outcome {
    case .frame(let header): return .output(frame(header, in: message))
    case .trailing(_, let rest): return .error(FrameViolation.Code.trailingBytes, offset: rest.lowerBound)
    case .violation(let violation): return .error(violation.code, offset: violation.offset)
    }
  }

  static func stream(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let revision: Revision = try input.choice("revision")
    var decoder = FrameStreamDecoder(revision: revision, maxFrameLength: try limit(input))
    var frames: [JSONValue] = []
    var violation: JSONValue = .null
    for piece in try input.byteStrings("pieces") {
      decoder.append(piece.span.bytes)
      do throws(FrameViolation) {
        while let header = try decoder.next() { frames.append(frame(header, in: decoder.bytes)) }
      } catch {
        violation = ["code": .string(error.code.rawValue), "offset": .number(error.offset)]
        break
      }
    }
    return .output([
      "frames": .array(frames), "pending": .number(decoder.pendingByteCount), "violation": violation,
    ])
  }

  private static func limit(_ input: OperationInput) throws(OperationInputMismatch) -> UInt32 {
    try input.integerIfThere("maxFrameLength") ?? FrameCodec.defaultMaxFrameLength
  }

  private static func frame(_ header: FrameHeader, in bytes: [UInt8]) -> JSONValue {
    [
      "protocolId": .int(header.protocolId), "sn": header.sn.map { .number($0) } ?? nil,
      "length": header.length.map { .number($0) } ?? nil, "payload": .hex(Array(bytes[header.payload])),
    ]
  }
}
