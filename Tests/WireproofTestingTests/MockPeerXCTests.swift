import NIOCore
import WireproofPeer
import WireproofTesting
import XCTest

/// The same library under XCTest: what is thrown fails the test.
final class MockPeerXCTests: XCTestCase {
  func testACallThatIsAnsweredLateTimesOut() async throws {
    let script = """
      rules:
        - on: {id: 2, sn: nonzero}
          expected: 1
          do: [{wait: 300ms}, {reply: {id: 3}}]
      """
    try await withMockPeer(script: script) { peer in
      let connection = try await Client(ClientConfiguration(peer.url)).connect()
      do {
        _ = try await connection.call(2, ByteBuffer(string: "hello"), timeout: .milliseconds(50))
        XCTFail("the call was answered")
      } catch ConnectionError.callFailed(.timeout) {}
      let call = try await peer.frame(id: 2)
      XCTAssertEqual(call.text, "hello")
    }
  }
}
