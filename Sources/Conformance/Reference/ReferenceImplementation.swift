package import GoldenVectors
package import StrictJSON

/// The reference implementation as `verify` asks it: the operations of `docs/operations.md` on the codecs of this package.
package enum ReferenceImplementation {
  /// What it says about itself; it has every capability that the catalogue names.
  package static func description(capabilities: [String]) -> ImplementationDescription {
    ImplementationDescription(
      name: "wireproof reference", language: "Swift", version: SuiteManifest.currentVersion, capabilities: capabilities)
  }

  /// Runs an operation. An input that has not the shape of the operation is answered `unsupported`.
  package static func run(_ operation: Operation, _ input: JSONValue) -> Answer {
    answer(operation, input).written(for: operation)
  }

  private static func answer(_ operation: Operation, _ input: JSONValue) -> Answer {
    let input = OperationInput(input)
    do throws(OperationInputMismatch) {
      switch operation {
      case .frameEncode: return try FrameOperations.encode(input)
      case .frameDecode: return try FrameOperations.decode(input)
      case .frameStream: return try FrameOperations.stream(input)
      case .displacementEncode: return try DisplacementOperations.encode(input)
      case .displacementDecode: return try DisplacementOperations.decode(input)
      case .webSocketEncode: return try WebSocketOperations.encode(input)
      case .webSocketDecode: return try WebSocketOperations.decode(input)
      case .deflateNegotiate: return try DeflateOperations.negotiate(input)
      case .deflateCompress: return try DeflateOperations.compress(input)
      case .deflateDecompress: return try DeflateOperations.decompress(input)
      case .handshakeParse: return try HandshakeOperations.parse(input)
      case .handshakeRespond: return try HandshakeOperations.respond(input)
      case .metadataParse: return try MetadataOperations.parse(input)
      case .identityFormat: return try MetadataOperations.formatIdentity(input)
      case .charsetDecode: return try CharsetOperations.decode(input)
      case .charsetEncode: return try CharsetOperations.encode(input)
      case .negotiateSelect: return try NegotiationOperations.select(input)
      case .rpcTimeline: return try TimelineOperations.run(input)
      }
    } catch {
      return .unsupported("the input has no \(error.expected) \"\(error.name)\"")
    }
  }
}
