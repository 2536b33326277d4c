import Deflate
import FuzzHarness
import Negotiation

/// Heads of HTTP/1.1: requests, answers, and what an inspector sees; whole and in pieces.
enum HeadTarget {
  @Sendable static func run(_ input: [UInt8]) {
    let span = input.span.bytes
    var request = UpgradeRequestParser()
    let whole = request.read(span)
    let expectation = UpgradeExpectation(
      key: "dGhlIHNhbXBsZSBub25jZQ==", offeredExtensions: "permessage-deflate; client_max_window_bits",
      offeredProtocols: ["ws.v3.c1"])
    var response = UpgradeResponseParser(expecting: expectation)
    _ = response.read(span)
    var reader = HTTPHeadReader()
    if case .incomplete = reader.read(span) { _ = reader.partialHead() }
    _ = HandshakeResponder.decide(bytes: input)
    let policy = NegotiationPolicy(versions: VersionRange(min: 2, max: 5), charsets: [0, 1])
    if case .request(let upgrade, let taken) = whole {
      require(taken <= input.count, "more was taken than there is")
      let decision = HandshakeResponder.decide(upgrade, policy: HandshakePolicy(negotiation: policy))
      _ = try? decision.response.bytes()
    }
    inPieces(input, whole)
  }

  private static func inPieces(_ input: [UInt8], _ whole: UpgradeRequestParser.Outcome) {
    var parser = UpgradeRequestParser()
    for piece in pieces(input, seed: input.last ?? 0) {
      switch (parser.read(Array(piece).span.bytes), whole) {
      case (.incomplete, _): continue
      case (.request(let request, _), .request(let expected, _)):
        return require(request == expected, "pieces give another request")
      case (.violation(let violation), .violation(let expected)):
        return require(violation.code == expected.code, "pieces give \(violation), not \(expected)")
      default: fatalError("pieces give something else")
      }
    }
    if case .incomplete = whole { return }
    fatalError("pieces give nothing")
  }
}
