import Conversation
import FrameCodec
import NIOCore
import Testing

@testable import ReferencePeer

@Suite("The hub")
struct HubTests {
  @Test("A newcomer displaces the old one, which learns both addresses")
  func displacement() async throws {
    try await withServer { server in
      let displaced = Inbox<Connection>()
      let old = try await server.connect("uid=7&source=web") { $0.callbacks.displaced = { displaced.put($0) } }
      let new = try await server.connect("uid=7&source=web")
      #expect(await displaced.next(1) == [old])
      #expect(await old.ended().cause == .displaced)
      let words = old.handler.conversation.receivedDisplacement
      #expect(words?.newAddress.isEmpty == false)
      #expect(words?.oldAddress != words?.newAddress)
      #expect(try await new.call(2, ByteBuffer(string: "mine")).payload.text == "mine")
      #expect(server.server.hub.count == 1)
    }
  }

  @Test("A server that takes short frames only still says whole why a connection is displaced")
  func displacementBeyondLimit() async throws {
    try await withServer({ $0.options.maxFrameLength = 40 }) { server in
      let old = try await server.connect("uid=7")
      _ = try await server.connect("uid=7")
      #expect(await old.ended().cause == .displaced)
    }
  }

  @Test(
    "Another identity stays", arguments: ["uid=8", "uid=7&typed=1", "uid=7&deviceId=a", "uid=7&source=web"])
  func others(query: String) async throws {
    try await withServer { server in
      let first = try await server.connect("uid=7")
      let second = try await server.connect(query)
      #expect(try await first.call(2).protocolId == 3)
      #expect(try await second.call(2).protocolId == 3)
      #expect(server.server.hub.count == 2)
    }
  }

  @Test("Another version or charset does not make another identity", arguments: ["version=3", "charset=1"])
  func sameIdentity(query: String) async throws {
    try await withServer { server in
      let first = try await server.connect("uid=7")
      _ = try await server.connect("uid=7&\(query)")
      #expect(await first.ended().cause == .displaced)
    }
  }

  @Test("Of many at once with one identity only the newest stays", arguments: [1, 16])
  func race(shards: Int) async throws {
    try await withServer({ $0.shards = shards }) { server in
      let displaced = Inbox<Connection>()
      let connections = try await withThrowingTaskGroup(of: Connection.self) { group in
        for _ in 0..<5 {
          group.addTask { try await server.connect("uid=7") { $0.callbacks.displaced = { displaced.put($0) } } }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let losers = Set(await displaced.next(4))
      #expect(losers.count == 4)
      let winner = try #require(connections.first { !losers.contains($0) })
      #expect(try await winner.call(2, ByteBuffer(string: "won")).payload.text == "won")
      #expect(server.server.hub.count == 1)
    }
  }

  @Test("A connection can be displaced and dropped by its identity")
  func byCall() async throws {
    try await withServer { server in
      let displaced = Inbox<Connection>()
      let first = try await server.connect("uid=1") { $0.callbacks.displaced = { displaced.put($0) } }
      let second = try await server.connect("uid=2") { $0.callbacks.displaced = { displaced.put($0) } }
      let hub = server.server.hub
      #expect(Set(hub.identities.map { String(decoding: $0, as: UTF8.self) }) == ["1-0--", "2-0--"])
      #expect(hub.displace(identity: Array("1-0--".utf8), newAddress: "10.0.0.9:4711"))
      #expect(await displaced.next(1) == [first])
      #expect(
        first.handler.conversation.receivedDisplacement.map { String(decoding: $0.newAddress, as: UTF8.self) }
          == "10.0.0.9:4711")
      #expect(hub.kick(identity: Array("2-0--".utf8)))
      #expect(await second.ended().cause == .peerClosed(code: nil))
      #expect(second.handler.conversation.receivedDisplacement == nil)
      #expect(!hub.kick(identity: Array("3-0--".utf8)))
      #expect(hub.count == 0)
    }
  }

  @Test("Callbacks come in order: established, closing after the hub forgot it, closed")
  func callbacks() async throws {
    let events = Inbox<String>()
    try await withServer({ configuration in
      configuration.callbacks.established = { _ in events.put("established") }
      configuration.callbacks.closing = { connection in
        events.put("closing")
        _ = connection
      }
      configuration.callbacks.closed = { _, end in events.put("closed: \(end)") }
    }) { server in
      let client = try await server.connect()
      client.close(code: 3001)
      #expect(await events.next(3) == ["established", "closing", "closed: the peer closed it with code 3001"])
    }
  }
}
