import FrameCodec
import NIOCore
import Testing

@testable import ReferencePeer

@Suite("Revisions of the wire")
struct RevisionTests {
  @Test("A server and a client speak each revision", arguments: Revision.allCases)
  func each(revision: Revision) async throws {
    try await withServer({ $0.options.revision = .fixed(revision) }) { server in
      let echoes = Inbox<String>()
      let client = try await server.connect {
        $0.options.revision = .fixed(revision)
        $0.handlers.on(3) { message, _ in echoes.put("\(message.sn) \(message.payload.text)") }
      }
      try await client.send(2, ByteBuffer(string: "hello"))
      #expect(await echoes.next(1) == ["0 hello"])
      if revision.hasSerialNumber {
        #expect(try await client.call(2, ByteBuffer(string: "call")).payload.text == "call")
      } else {
        await #expect(throws: ConnectionError.self) { _ = try await client.call(2) }
      }
    }
  }

  @Test("A server tells the revision of each client by its first frame", arguments: Revision.allCases)
  func detected(revision: Revision) async throws {
    try await withServer({ $0.options.revision = .detected(until: .current) }) { server in
      let echoes = Inbox<String>()
      let client = try await server.connect {
        $0.options.revision = .fixed(revision)
        $0.handlers.on(3) { message, _ in echoes.put(message.payload.text) }
      }
      try await client.send(2, ByteBuffer(string: "first"))
      try await client.send(2, ByteBuffer(string: "second"))
      #expect(await echoes.next(2) == ["first", "second"])
    }
  }

  @Test("A displacement has the id of its revision", arguments: Revision.allCases)
  func displacement(revision: Revision) async throws {
    try await withServer({ $0.options.revision = .fixed(revision) }) { server in
      let client = try await server.connect { $0.options.revision = .fixed(revision) }
      _ = try await server.connect { $0.options.revision = .fixed(revision) }
      #expect(await client.ended().cause == .displaced)
    }
  }
}
