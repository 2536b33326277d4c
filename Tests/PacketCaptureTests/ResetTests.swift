import Testing

@testable import PacketCapture

/// Resets, which may carry a text for people (RFC 9293 §3.5.3).
@Suite struct ResetTests {
  private static func wrapped(_ segment: [UInt8]) -> [UInt8] { PacketBytes.ethernet(PacketBytes.ipv4(segment)) }

  private static func opened() -> PacketFollower {
    var follower = PacketFollower()
    follower.feed(PacketBytes.syn(wrapped))
    follower.feed(wrapped(PacketBytes.tcp(Array("data".utf8))))
    return follower
  }

  @Test(
    "The text of a reset is no data of the stream, and its place is that of the reset",
    arguments: ["", "closed by policy", "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{82}\u{5}ghost"],
    [0x04, 0x14, 0x1C, 0x05] as [UInt8])
  func resetText(
    _ text: String, _ flags: UInt8
  ) {
    var follower = Self.opened()
    follower.feed(Self.wrapped(PacketBytes.tcp(Array(text.utf8), sequence: 5, flags: flags)))
    // Some systems send a second one, with or without the text counted.
    for sequence: UInt32 in [5, 5 + UInt32(text.utf8.count)] {
      follower.feed(Self.wrapped(PacketBytes.tcp([], sequence: sequence, flags: 0x04)))
    }
    follower.finish()
    #expect(follower.data == [0: Array("data".utf8)])
    #expect(follower.findings == [.reset])
  }

  @Test("A reset with a text opens no connection, also with SYN")
  func resetWithSYN() {
    var follower = PacketFollower()
    follower.feed(Self.wrapped(PacketBytes.tcp(Array("no".utf8), sequence: 5, flags: 0x04)))
    follower.feed(Self.wrapped(PacketBytes.tcp([], sequence: 5, flags: 0x06)))
    #expect(follower.openings.isEmpty)
    #expect(follower.findings.isEmpty)
  }

  @Test("A reset far from the stream is ignored with its text")
  func farReset() {
    var follower = Self.opened()
    follower.feed(Self.wrapped(PacketBytes.tcp(Array("forged".utf8), sequence: 9_000_000, flags: 0x04)))
    follower.feed(Self.wrapped(PacketBytes.tcp(Array("more".utf8), sequence: 5)))
    follower.finish()
    #expect(follower.data == [0: Array("datamore".utf8)])
    #expect(follower.findings == [.resetOutOfWindow])
  }
}
