import FrameCodec
import NIOCore
import NIOPosix
import Specification
import Testing

@testable import Conformance

@Suite("Pongs and pieces of frames")
struct PongOrderTests {
  /// A ping that arrives while the last piece of a frame is still on its way to the socket is answered behind it.
  @Test("A pong does not overtake the end of a frame that was handed to the event loop")
  func pongBehindPieces() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let listener = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let address = try #require(listener.localAddress)
    let channel = try await ClientBootstrap(group: group).connect(to: address).get()
    let transcript = CaseTranscript()
    let connection = ScriptConnection(
      number: 1, role: .server, channel: channel, transcript: transcript, revision: .current, expecting: nil,
      habits: ScriptConnection.Habits())
    connection.open(nil)
    let sent: @Sendable () -> [[UInt8]] = {
      transcript.entries.compactMap { if case .sent(let bytes) = $0.event { bytes } else { nil } }
    }
    let before = try await channel.eventLoop.submit { () -> [[UInt8]] in
      connection.beginPieces()
      connection.send([0x82, 0x02])
      connection.send([0x61, 0x62])
      connection.endPieces()
      // From another thread the pieces would still be queued here.
      connection.received([0x89, 0x81, 0, 0, 0, 0, 0x63])
      return sent()
    }.get()
    #expect(before == [[0x82, 0x02], [0x61, 0x62]])
    try await channel.eventLoop.submit {}.get()
    #expect(sent() == before + [[0x8A, 0x01, 0x63]])
    try await channel.close()
    try await listener.close()
  }
}
