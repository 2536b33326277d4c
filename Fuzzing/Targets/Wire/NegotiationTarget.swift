import Deflate
import FuzzHarness
import Negotiation

/// What the handshake agrees about: extensions, version and charset, and the metadata of the query.
enum NegotiationTarget {
  @Sendable static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    let halves = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let configuration = DeflateConfiguration()
    if let acceptance = try? DeflateNegotiation.accept(offers: halves[0], configuration: configuration) {
      // RFC 7692 section 7: what a server answers to an offer is right for the client that made it.
      do {
        _ = try DeflateNegotiation.check(response: acceptance.headerValue, offer: halves[0])
      } catch {
        fatalError("the answer \(acceptance.headerValue) to \(halves[0]) is refused: \(error)")
      }
    }
    _ = try? ExtensionList(parsing: text)
    if halves.count == 2 { _ = try? DeflateNegotiation.check(response: halves[1], offer: halves[0]) }
    let query = Array(input.dropFirst())
    let metadata = ConnectionMetadata(query: query)
    _ = metadata.identity(withSource: choice & 1 == 0)
    let policy = NegotiationPolicy(
      versions: choice & 2 == 0 ? VersionRange(min: 2, max: 5) : nil, charsets: choice & 4 == 0 ? [0, 1] : nil)
    let protocols = choice & 8 == 0 ? nil : VersionCharsetNegotiation.protocols(in: text)
    if let selection = try? VersionCharsetNegotiation.select(query: query, protocols: protocols, policy: policy),
      choice & 2 == 0
    {
      require((2...5).contains(selection.version), "version \(selection.version) was selected")
    }
  }
}
