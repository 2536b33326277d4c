import Deflate
import Testing

@testable import ReferencePeer

@Suite("What receivers serve, and where they stop", .timeLimit(.minutes(10)))
struct ReceiverScriptTests {
  @Test("The server", arguments: ReceiverScript.all)
  func server(script: ReceiverScript) async throws {
    try await withServer({ $0.options.compression = Self.options(script) }) { server in
      let socket = try await RawSocket.connect(port: server.server.port, allowsCompression: true)
      let offer = Self.options(script)?.offer.headerValue
      socket.write(HTTPExchange.request(adding: offer.map { ["Sec-WebSocket-Extensions: \($0)"] } ?? []))
      #expect(await socket.requestHead().contains("permessage-deflate") == (offer != nil))
      for piece in script.pieces(true) { socket.write(piece) }
      await expect(script, of: socket, end: true)
      socket.close()
    }
  }

  @Test("The client", arguments: ReceiverScript.all)
  func client(script: ReceiverScript) async throws {
    try await withRawServer(allowsCompression: true) { server in
      let options = Self.options(script)
      let (socket, connection) = try await server.connect(
        fields: options.map { "Sec-WebSocket-Extensions: \($0.offer.headerValue)\r\n" } ?? ""
      ) {
        $0.handlers = echoing
        $0.options.compression = options
      }
      #expect((connection.details.deflate != nil) == (options != nil))
      for piece in script.pieces(false) { socket.write(piece) }
      // A client that answers a close leaves the end of TCP to the server.
      await expect(script, of: socket, end: false)
      socket.close()
      _ = await connection.ended()
    }
  }

  private func expect(_ script: ReceiverScript, of socket: RawSocket, end: Bool) async {
    var expected = script.lines
    let closes = expected.last?.hasPrefix("close") ?? false
    if closes, end { expected.append("end") }
    var lines = await socket.lines.next(expected.count)
    if let close = lines.firstIndex(where: { $0.hasPrefix("close ") }), close < script.lines.count,
      script.otherCodes.contains(where: { lines[close] == "close \($0)" })
    {
      lines[close] = script.lines[close]
    }
    #expect(lines == expected)
  }

  private static func options(_ script: ReceiverScript) -> CompressionOptions? {
    switch script.compression {
    case .none: nil
    case .withoutTakeover: CompressionOptions(minimumLength: 100_000)
    case .withTakeover:
      CompressionOptions(
        minimumLength: 100_000, acceptance: DeflateConfiguration(), offer: DeflateOffer())
    }
  }
}
