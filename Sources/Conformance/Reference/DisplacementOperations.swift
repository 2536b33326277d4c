import FrameCodec
import StrictJSON

/// `displacement.encode` and `displacement.decode`.
enum DisplacementOperations {
  static func encode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    .output(["payload": .hex(try displacement(input).encoded())])
  }

  static func decode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let payload = try input.bytes("payload")
    do throws(ProtobufViolation) {
      return .output(json(try Displacement(decoding: payload.span.bytes)))
    } catch {
      return .error(error.code, offset: error.offset)
    }
  }

  /// The displacement that the members `oldIp`, `newIp` and `ts` describe.
  static func displacement(_ input: OperationInput) throws(OperationInputMismatch) -> Displacement {
    Displacement(
      oldAddress: try input.bytes("oldIp"), newAddress: try input.bytes("newIp"),
      timestampNanoseconds: try input.integer("ts"))
  }

  /// The members that describe a displacement.
  static func json(_ displacement: Displacement) -> JSONValue {
    [
      "oldIp": .hex(displacement.oldAddress), "newIp": .hex(displacement.newAddress),
      "ts": .int(displacement.timestampNanoseconds),
    ]
  }
}
