package import StrictJSON

/// What an implementation under test can be asked to do; `docs/operations.md` defines each.
package enum Operation: String, CaseIterable, Hashable, Sendable {
  case frameEncode = "frame.encode"
  case frameDecode = "frame.decode"
  case frameStream = "frame.stream"
  case displacementEncode = "displacement.encode"
  case displacementDecode = "displacement.decode"
  case webSocketEncode = "ws.encode"
  case webSocketDecode = "ws.decode"
  case deflateNegotiate = "deflate.negotiate"
  case deflateCompress = "deflate.compress"
  case deflateDecompress = "deflate.decompress"
  case handshakeParse = "handshake.parse"
  case handshakeRespond = "handshake.respond"
  case metadataParse = "metadata.parse"
  case identityFormat = "identity.format"
  case charsetDecode = "charset.decode"
  case charsetEncode = "charset.encode"
  case negotiateSelect = "negotiate.select"
  case rpcTimeline = "rpc.timeline"
}

extension Operation {
  /// The input with the integers that can be wide as strings.
  package func writtenInput(_ value: JSONValue) -> JSONValue { input.written(value) }

  /// The output with the integers that can be wide as strings.
  package func writtenOutput(_ value: JSONValue) -> JSONValue { output.written(value) }
}
