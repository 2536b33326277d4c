import Conversation
import NIOCore
import StrictJSON
import Testing

@testable import Conformance
@testable import ReferencePeer

@Suite("The driven client")
struct DrivenClientTests {
  /// Runs a test with a server and a client that it drives.
  private func withClient(
    _ change: (inout ClientConfiguration) -> Void = { _ in },
    serving: (inout ServerConfiguration) -> Void = { _ in },
    schedule: RedialSchedule = RedialSchedule(
      initialDelay: .milliseconds(1), maximumDelay: .milliseconds(2), maximumFailures: 3),
    _ body: (DrivenPeer, Connection, Task<DrivenClient.End, any Error>) async throws -> Void
  ) async throws {
    let peer = try await DrivenPeer.start(serving)
    var configuration = try ClientConfiguration(peer.url)
    change(&configuration)
    let client = DrivenClient(configuration, schedule: schedule)
    let run = Task { try await client.run() }
    do { try await body(peer, try await peer.connection(), run) } catch {
      run.cancel()
      await peer.stop()
      throw error
    }
    run.cancel()
    await peer.stop()
  }

  @Test("It calls, and reports the answer with its sn, its id and its payload")
  func call() async throws {
    try await withClient { peer, connection, _ in
      for sn: Int64 in [2, 4] {
        let report = try await peer.drive(["do": "call", "id": 2, "payload": "00ff"], connection)
        #expect(report["ok"] == true)
        #expect(report["sn"] == .int(sn))
        #expect(report["id"] == 3)
        #expect(report["payload"] == "00ff")
      }
    }
  }

  @Test("A call that nobody answers is reported as timed out, and how long it took")
  func timeout() async throws {
    try await withClient { peer, connection, _ in
      let report = try await peer.drive(["do": "call", "id": 99, "timeoutMs": 20], connection)
      #expect(report["ok"] == false)
      #expect(report["error"] == "timeout")
      #expect(report["elapsedMs"]?.intValue ?? 0 >= 20)
    }
  }

  @Test("It sends one-way messages of any size, and text in the charset of the connection")
  func send() async throws {
    let (received, sink) = AsyncStream.makeStream(of: [UInt8].self)
    try await withClient(serving: { server in
      server.handlers.on(40) { message, _ in sink.yield(Array(message.payload.readableBytesView)) }
    }) { peer, connection, _ in
      var payloads = received.makeAsyncIterator()
      let sent = try await peer.drive(["do": "send", "id": 40, "payload": "0102", "size": 5], connection)
      #expect(sent["ok"] == true)
      #expect(await payloads.next() == [1, 2, 1, 2, 1])
      let text = try await peer.drive(["do": "send", "id": 40, "text": "é"], connection)
      #expect(text["ok"] == true)
      #expect(await payloads.next() == [0xC3, 0xA9])
      let tooLarge = try await peer.drive(["do": "send", "id": 40, "size": 524_281], connection)
      #expect(tooLarge["error"] == "not-encodable")
    }
  }

  @Test("It answers the server's calls with id 7, and no other")
  func serverCall() async throws {
    try await withClient { _, connection, _ in
      let answer = try await connection.call(7, ByteBuffer(bytes: [1, 2]))
      #expect(answer.protocolId == 17)
      #expect(Array(answer.payload.readableBytesView) == [1, 2])
      await #expect(throws: ConnectionError.callFailed(.timeout)) {
        try await connection.call(99, ByteBuffer(), timeout: .milliseconds(20))
      }
    }
  }

  @Test("A calls goes on from the serial number that it is given")
  func numbering() async throws {
    try await withClient { peer, connection, _ in
      let last = try await peer.drive(["do": "call", "id": 2, "sn": 4_294_967_294], connection)
      #expect(last["sn"] == 4_294_967_294)
      let wrapped = try await peer.drive(["do": "call", "id": 2], connection)
      #expect(wrapped["sn"] == 2)
    }
  }

  @Test("A command that cannot be carried out is reported as such")
  func faults() async throws {
    try await withClient { peer, connection, _ in
      let unknown = try await peer.drive(["do": "dance"], connection)
      #expect(unknown["error"] == "unsupported")
      let oddDigits = try await peer.drive(["do": "call", "payload": "0"], connection)
      #expect(oddDigits["error"] == "malformed")
      let wrongType = try await peer.drive(["do": "call", "id": "2"], connection)
      #expect(wrongType["error"] == "malformed")
      connection.send(20, ByteBuffer(string: "{"), completion: nil)
      let report = try await peer.report()
      #expect(report["seq"] == 0)
      #expect(report["error"] == "malformed")
    }
  }

  @Test("Told to connect again it does, and reports there what became of the calls that waited")
  func reconnect() async throws {
    try await withClient { peer, connection, _ in
      let call = await peer.command(["do": "call", "id": 99, "timeoutMs": 60_000], to: connection)
      let order = await peer.command(["do": "reconnect"], to: connection)
      let next = try await peer.connection()
      #expect(next != connection)
      let failed = try await peer.report()
      #expect(failed["seq"] == .int(call))
      #expect(failed["error"] == "closed")
      let done = try await peer.report()
      #expect(done["seq"] == .int(order))
      #expect(done["ok"] == true)
      let fresh = try await peer.drive(["do": "call", "id": 2], next)
      #expect(fresh["sn"] == 2)
    }
  }

  @Test("Told to close it reports, closes and ends")
  func close() async throws {
    try await withClient { peer, connection, run in
      let closing = try await peer.drive(["do": "close", "code": 3000], connection)
      #expect(closing["ok"] == true)
      guard case .peerClosed(3000) = await connection.ended().cause else {
        Issue.record("not closed by the client")
        return
      }
      let end = try await run.value
      #expect(end == .stopped(.ended))
    }
  }

  @Test("It dials again when the connection is lost, and stops after a displacement")
  func redial() async throws {
    try await withClient { peer, connection, run in
      connection.close(code: 1001)
      let next = try await peer.connection()
      #expect(next != connection)
      // The test is the newcomer.
      var rival = try ClientConfiguration(peer.url)
      rival.attempts = 1
      let other = try await Client(rival).connect()
      let end = try await run.value
      #expect(end == .stopped(.displaced))
      other.close()
    }
  }

  @Test("It gives up when the server is gone, and at once where it was refused")
  func gone() async throws {
    try await withClient { peer, _, run in
      await peer.stop()
      let end = try await run.value
      #expect(end == .stopped(.attemptsExhausted))
    }
    let peer = try await DrivenPeer.start()
    let refused = DrivenClient(try ClientConfiguration(peer.url.replacing("/join", with: "/nope")))
    guard case .neverConnected(let failure) = try await refused.run() else {
      Issue.record("it did not end")
      return
    }
    #expect(failure.kind == .refused(status: 404))
    await peer.stop()
  }
}
