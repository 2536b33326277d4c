import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import ReferencePeer

@Suite("A server that serves newcomers in another way", .timeLimit(.minutes(10)))
struct ChangedServiceTests {
  private static func answering(_ protocolId: Int64) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.handlers.on(2) { message, connection in
      connection.answer(message, protocolId, message.payload, completion: nil)
    }
    return configuration
  }

  @Test("Who is there keeps its service, who comes gets the new one, and numbers go on")
  func change() async throws {
    try await withServer { server in
      let numbers = Inbox<UInt64>()
      let old = try await server.connect("uid=1")
      var configuration = Self.answering(99)
      configuration.callbacks.established = { numbers.put($0.number) }
      server.server.serve(configuration)
      let new = try await server.connect("uid=2")
      #expect(try await old.call(2).protocolId == 3)
      #expect(try await new.call(2).protocolId == 99)
      #expect(await numbers.next(1) == [2])
      #expect(server.server.hub.count == 2)
    }
  }

  @Test("A newcomer displaces who was served in another way")
  func displacement() async throws {
    try await withServer { server in
      let old = try await server.connect("uid=7")
      server.server.serve(Self.answering(99))
      _ = try await server.connect("uid=7")
      #expect(await old.ended().cause == .displaced)
    }
  }

  @Test("A fault that changes the configuration does so here too")
  func fault() async throws {
    try await withServer { server in
      var configuration = Self.answering(99)
      configuration.mutation = PeerMutation()
      configuration.mutation?.configuration = { $0 = Self.answering(98) }
      server.server.serve(configuration)
      let connection = try await server.connect()
      #expect(try await connection.call(2).protocolId == 98)
    }
  }

  @Test("Connections can be handed to somebody else, and taken back")
  func handOver() async throws {
    try await withServer { server in
      let taken = Inbox<ObjectIdentifier>()
      server.server.handOver { channel in
        taken.put(ObjectIdentifier(channel))
        channel.close(promise: nil)
      }
      await #expect(throws: ConnectionError.self) { try await server.connect() }
      #expect(await taken.next(1).count == 1)
      server.server.serve(Self.answering(99))
      let connection = try await server.connect()
      #expect(try await connection.call(2).protocolId == 99)
    }
  }

  @Test("The end of the server is the end of all whom it has served")
  func end() async throws {
    let server = try await LoopbackServer.start()
    let old = try await server.connect("uid=1")
    server.server.serve(Self.answering(99))
    let new = try await server.connect("uid=2")
    await server.stop()
    #expect(await old.ended().cause == .peerClosed(code: 1001))
    #expect(await new.ended().cause == .peerClosed(code: 1001))
  }

  @Test("To kick or displace a connection spares a newer one with its identity")
  func spared() async throws {
    try await withServer { server in
      let established = Inbox<Connection>()
      var configuration = Self.answering(99)
      configuration.callbacks.established = { established.put($0) }
      server.server.serve(configuration)
      _ = try await server.connect("uid=7")
      let new = try await server.connect("uid=7")
      let served = await established.next(2)
      #expect(!server.server.hub.kick(served[0]))
      #expect(!server.server.hub.displace(served[0], newAddress: "10.0.0.1:1"))
      #expect(try await new.call(2).protocolId == 99)
      #expect(server.server.hub.kick(served[1]))
      #expect(await new.ended().cause == .peerClosed(code: nil))
    }
  }
}
