import Negotiation
import StrictJSON

/// `metadata.parse` and `identity.format`.
enum MetadataOperations {
  static func parse(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let metadata = ConnectionMetadata(query: try input.bytes("query"))
    return .output([
      "uid": .hex(metadata.uid), "typed": .int(metadata.typed), "deviceId": .hex(metadata.deviceId),
      "source": .hex(metadata.source), "version": .int(metadata.version), "charset": .int(metadata.charset),
    ])
  }

  static func formatIdentity(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let metadata = ConnectionMetadata(
      uid: try input.bytes("uid"), typed: try input.integer("typed"), deviceId: try input.bytes("deviceId"),
      source: try input.bytesIfThere("source") ?? [])
    return .output(["identity": .hex(metadata.identity(withSource: try input.flag("withSource", default: true)))])
  }
}
