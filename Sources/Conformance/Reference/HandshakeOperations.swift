import Deflate
import Negotiation
import Specification
import StrictJSON

/// `handshake.parse` and `handshake.respond`.
enum HandshakeOperations {
  static func parse(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let side: PeerRole = try input.choice("side")
    switch side {
    case .server: return try parseRequest(input)
    case .client: return try parseResponse(input)
    }
  }

  private static func parseRequest(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    var parser = UpgradeRequestParser()
    for piece in try input.byteStrings("pieces") {
      switch parser.read(piece.span.bytes) {
      case .incomplete: continue
      case .violation(let error): return .error(error.code, offset: error.offset)
      case .request(let request, _):
        return .output([
          "path": .string(request.path), "query": .hex(request.query), "host": .string(request.host),
          "origin": .text(request.origin), "key": .string(request.key), "extensions": .text(request.extensions),
          "protocols": .array(request.protocols.map { .string($0) }), "consumed": .number(request.head.byteCount),
        ])
      }
    }
    return .error(parser.unfinished.code, offset: parser.unfinished.offset)
  }

  private static func parseResponse(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    var parser = UpgradeResponseParser(
      expecting: UpgradeExpectation(
        key: try input.text("key"), offeredExtensions: try input.textIfThere("offeredExtensions") ?? "",
        offeredProtocols: try input.texts("offeredProtocols") ?? []))
    for piece in try input.byteStrings("pieces") {
      switch parser.read(piece.span.bytes) {
      case .incomplete: continue
      case .violation(let error, _, _): return .error(error.code, offset: parser.interimByteCount + error.offset)
      case .upgraded(let answer, _):
        return .output([
          "status": answer.head.status.map { .number($0) } ?? nil, "extensions": .text(answer.extensions),
          "protocol": .text(answer.selectedProtocol),
          "consumed": .number(parser.interimByteCount + answer.head.byteCount),
        ])
      }
    }
    return .error(parser.unfinished.code, offset: parser.interimByteCount + parser.unfinished.offset)
  }

  static func respond(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let config = input.object("config")
    let policy = HandshakePolicy(
      path: try config.textIfThere("path"), negotiation: try NegotiationOperations.policy(config),
      origins: try config.texts("origins"),
      compression: try config.flag("compression", default: false) ? DeflateConfiguration() : nil)
    let decision = HandshakeResponder.decide(bytes: try input.bytes("request"), policy: policy)
    var headers = JSONObject()
    for field in decision.response.fields {
      let name = field.name.lowercased()
      let value = headers[name]?.stringValue.map { "\($0), \(field.text)" } ?? field.text
      headers[name] = .string(value)
    }
    var output: JSONObject = [
      "status": .number(decision.response.status), "headers": .object(headers), "reject": .text(decision.rejection),
    ]
    if let interim = decision.interim { output["interim"] = [.number(interim.status)] }
    return .output(.object(output))
  }
}
