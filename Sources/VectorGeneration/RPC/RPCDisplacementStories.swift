import GoldenVectors
import Specification
import StrictJSON

/// Connections that make room for others.
enum RPCDisplacementStories {
  static var groups: [VectorGroup] { [received, broken, fromClient, displacing, kicking, notServers] }

  private static let id: Int64 = 0x7FFF_FFFF
  private static let old = "127.0.0.1:38098"
  private static let new = "127.0.0.1:38108"
  private static let timestamp: Int64 = 1_700_000_000_123_456_789

  /// `P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }`, fields with their default value left out.
  private static func payload(_ old: String, _ new: String, _ timestamp: Int64) -> String {
    var bytes = Bytes.empty
    if !old.isEmpty { bytes += Bytes(.byte(0x0A), .varint(UInt64(old.utf8.count)), .ascii(old)) }
    if !new.isEmpty { bytes += Bytes(.byte(0x12), .varint(UInt64(new.utf8.count)), .ascii(new)) }
    if timestamp != 0 { bytes += Bytes(.byte(0x18), .varint(UInt64(bitPattern: timestamp))) }
    return bytes.hex
  }

  private static let whole = payload(old, new, timestamp)

  private static let received = VectorGroup.timelines(
    "A client is told that it was displaced, and waits.", sides: [.client]
  ) {
    side in
    [
      RPCVectors.story(
        side, "displaced", "The displacement is told to the application; the server then closes.",
        ["hub.displacement.client", "hub.displacement.client.open"], flags: ["displaced"],
        [
          .receive(id, sn: 0, whole, at: 100), .displaced(old: old, new: new, timestamp, at: 100),
          .peerClose(nil, at: 101), .sendClose(nil, at: 101), .transportClosed(at: 102),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-stays-open", "Until the server closes, a displaced client can still send and receive.",
        ["hub.displacement.client.open"], flags: ["displaced"], config: ["handlers": [3]],
        [
          .receive(id, sn: 0, whole, at: 100), .displaced(old: old, new: new, timestamp, at: 100),
          .send(2, "68", at: 101), .sendFrame(2, sn: 0, "68", at: 101), .receive(3, sn: 0, "69", at: 102),
          .deliver(3, sn: 0, "69", "message", at: 102), .tick(at: 60_000),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-handler", "A handler registered for the displacement's protocolId does not see it.",
        ["hub.displacement.client"], flags: ["displaced", "reserved-id"], config: ["handlers": [.int(id)]],
        [.receive(id, sn: 0, whole, at: 0), .displaced(old: old, new: new, timestamp, at: 0)]
      ).valid,
      RPCVectors.story(
        side, "displaced-not-an-answer", "A displacement with the number of a waiting call does not complete it.",
        ["hub.displacement.client", "rpc.answer.pairing"], flags: ["displaced"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: 2, "61", at: 0), .receive(id, sn: 2, whole, at: 1),
          .displaced(old: old, new: new, timestamp, at: 1), .receive(3, sn: 2, "41", at: 2),
          .complete("a", 3, "41", at: 2),
        ]
      ).violating,
      RPCVectors.story(
        side, "displaced-call-pending", "A call that waits at the displacement fails when the connection closes.",
        ["hub.displacement.client.open", "rpc.close.pending"], flags: ["displaced", "pending-at-end"],
        [
          .call("a", 2, "61", timeout: 10_000, at: 0), .sendFrame(2, sn: 2, "61", at: 0),
          .receive(id, sn: 0, whole, at: 1),
          .displaced(old: old, new: new, timestamp, at: 1), .peerClose(nil, at: 2), .sendClose(nil, at: 2),
          .failCall("a", "closed", at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-no-addresses", "Absent fields are empty or 0: a payload without bytes decodes.",
        ["hub.displacement.client.broken"], flags: ["displaced"],
        [
          .receive(id, sn: 0, "", at: 0), .displaced(old: "", new: "", 0, at: 0), .send(2, at: 1),
          .sendFrame(2, sn: 0, at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-unknown-fields", "Fields of later versions are skipped.",
        ["hub.displacement.client", "protobuf.field.unknown"], flags: ["displaced"],
        [
          .receive(id, sn: 0, "2207756e6b6e6f776e" + payload("a:1", "b:2", 5) + "2801", at: 0),
          .displaced(old: "a:1", new: "b:2", 5, at: 0),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-twice", "Told twice, the application hears it twice.", ["hub.displacement.client"],
        flags: ["displaced"],
        [
          .receive(id, sn: 0, whole, at: 0), .displaced(old: old, new: new, timestamp, at: 0),
          .receive(id, sn: 0, payload(old, "c:3", 7), at: 1), .displaced(old: old, new: "c:3", 7, at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "displaced-while-closing", "A displacement that crosses the client's own close is dropped.",
        ["close.after.receive", "hub.displacement.client"], flags: ["displaced", "stopped"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .receive(id, sn: 0, whole, at: 1), .peerClose(nil, at: 2),
          .closeTransport(at: 2),
        ]
      ).valid,
    ]
  }

  private static let broken = VectorGroup.timelines("A displacement that does not decode is dropped.", sides: [.client])
  {
    side in
    let payloads: [(String, String, String)] = [
      ("garbage", "ff", "a tag that is cut short"), ("cut-address", "0a0f3132372e", "an address beyond the end"),
      ("cut-timestamp", "18ffffff", "a varint that is cut short"),
      ("long-timestamp", "18ffffffffffffffffffff01", "a varint of eleven bytes"),
      ("field-zero", "0001", "field number 0"), ("wire-type-7", "0f01", "wire type 7"),
      ("open-group", "0b", "a group without end"),
    ]
    return payloads.map { name, payload, what in
      RPCVectors.story(
        side, "broken-displacement-\(name)", "The payload has \(what): dropped, and the connection goes on.",
        ["hub.displacement.client.broken"], flags: ["broken-displacement"], config: ["handlers": [2, .int(id)]],
        [
          .receive(id, sn: 0, payload, at: 0), .receive(2, sn: 3, "70", at: 1),
          .deliver(2, sn: 3, "70", "request", at: 1),
          .answer(3, sn: 3, "50", at: 2), .sendFrame(3, sn: 3, "50", at: 2),
        ]
      ).violating
    } + [
      RPCVectors.story(
        side, "broken-displacement-pending",
        "A broken displacement with the number of a waiting call completes nothing.",
        ["hub.displacement.client.broken", "hub.displacement.client"], flags: ["broken-displacement"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: 2, "61", at: 0), .receive(id, sn: 2, "ff", at: 1),
          .receive(3, sn: 2, "41", at: 2), .complete("a", 3, "41", at: 2),
        ]
      ).violating
    ]
  }

  private static let fromClient = VectorGroup.timelines(
    "A server drops a displacement that a client sends.", sides: [.server]
  ) {
    side in
    let neighbour = RPCVectors.story(
      side, "displacement-id-neighbour", "The protocolIds next to the displacement's are the application's.",
      ["hub.displacement.from-client", "frame.protocol-id.range"], config: ["handlers": [.int(id - 1), .int(id + 1)]],
      [
        .receive(id - 1, sn: 0, whole, at: 0), .deliver(id - 1, sn: 0, whole, "message", at: 0),
        .receive(id + 1, sn: 2, "70", at: 1), .deliver(id + 1, sn: 2, "70", "request", at: 1),
      ]
    ).valid
    let payloads: [(String, String)] = [("whole", whole), ("broken", "ff"), ("empty", "")]
    return [neighbour]
      + payloads.map { name, payload in
        RPCVectors.story(
          side, "displacement-from-client-\(name)", "Nobody is displaced by it, and the connection goes on.",
          ["hub.displacement.from-client"], flags: ["foreign-displacement"], config: ["handlers": [2, .int(id)]],
          [
            .call("a", 7, "61", at: 0), .sendFrame(7, sn: 3, "61", at: 0), .receive(id, sn: 0, payload, at: 1),
            .receive(id, sn: 2, payload, at: 2), .receive(id, sn: 3, payload, at: 3),
            .receive(2, sn: 2, "70", at: 4), .deliver(2, sn: 2, "70", "request", at: 4),
            .receive(17, sn: 3, "41", at: 5), .complete("a", 17, "41", at: 5),
          ]
        ).violating
      }
  }

  private static let displacing = VectorGroup.timelines(
    "A server's last frame to the one that it displaces.", sides: [.server]
  ) {
    side in
    let requirements: [RequirementID] = [
      "hub.displacement.frame", "hub.displacement.addresses", "hub.displacement.timestamp", "hub.displacement.close",
    ]
    return [
      RPCVectors.story(
        side, "displace", "The displacement, an empty close frame, the end of the transport.", requirements,
        flags: ["displaced"],
        [
          .displace(old: old, new: new, timestamp, at: 50), .sendFrame(id, sn: 0, whole, at: 50),
          .sendClose(nil, at: 50), .closeTransport(at: 50),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-ipv6", "Addresses are text of any length, here with brackets.", requirements,
        flags: ["displaced"],
        [
          .displace(old: "[::1]:38098", new: "[2001:db8::1]:80", timestamp, at: 0),
          .sendFrame(id, sn: 0, payload("[::1]:38098", "[2001:db8::1]:80", timestamp), at: 0), .sendClose(nil, at: 0),
          .closeTransport(at: 0),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-empty-fields", "Fields with their default value are left out; the payload is empty.",
        ["hub.displacement.frame", "protobuf.encode.default"], flags: ["displaced"],
        [
          .displace(old: "", new: "", 0, at: 0), .sendFrame(id, sn: 0, "", at: 0), .sendClose(nil, at: 0),
          .closeTransport(at: 0),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-negative-time", "A time before 1970 is a varint of ten bytes.",
        ["hub.displacement.frame", "protobuf.encode.negative"], flags: ["displaced"],
        [
          .displace(old: "a", new: "b", -1, at: 0),
          .sendFrame(id, sn: 0, "0a0161120162" + "18ffffffffffffffffff01", at: 0), .sendClose(nil, at: 0),
          .closeTransport(at: 0),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-queue", "What is still queued is dropped.",
        ["hub.displacement.queue", "hub.displacement.frame", "hub.displacement.last"], flags: ["displaced"],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .send(11, "02", at: 0),
          .sendFrame(11, sn: 0, "02", at: 0), .send(11, "03", at: 0), .sendFrame(11, sn: 0, "03", at: 0),
          .written(1, at: 1), .displace(old: old, new: new, timestamp, at: 2), .discardQueue(2, at: 2),
          .sendFrame(id, sn: 0, whole, at: 2), .sendClose(nil, at: 2), .closeTransport(at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-written-queue", "A queue that was written whole has nothing to drop.",
        ["hub.displacement.queue", "hub.displacement.frame"], flags: ["displaced"],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .written(1, at: 1),
          .displace(old: old, new: new, timestamp, at: 2), .sendFrame(id, sn: 0, whole, at: 2), .sendClose(nil, at: 2),
          .closeTransport(at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-full-queue", "A full queue does not hold up the displacement.",
        ["hub.displacement.frame", "hub.displacement.queue"], flags: ["displaced", "full-queue"],
        config: ["queueLimit": 1],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .displace(old: old, new: new, timestamp, at: 2),
          .discardQueue(1, at: 2), .sendFrame(id, sn: 0, whole, at: 2), .sendClose(nil, at: 2), .closeTransport(at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-pending-calls", "Calls that wait fail, in their order.",
        ["rpc.close.pending", "hub.displacement.close"], flags: ["displaced", "pending-at-end"],
        [
          .call("b", 7, "62", timeout: 500, at: 0), .sendFrame(7, sn: 3, "62", at: 0), .call("a", 7, "61", at: 0),
          .sendFrame(7, sn: 5, "61", at: 0), .written(2, at: 1), .displace(old: old, new: new, timestamp, at: 2),
          .sendFrame(id, sn: 0, whole, at: 2), .sendClose(nil, at: 2), .failCall("b", "closed", at: 2),
          .failCall("a", "closed", at: 2), .closeTransport(at: 2), .receive(17, sn: 3, "42", at: 3), .tick(at: 1000),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-last", "Nothing follows the displacement: neither a message nor an answer.",
        ["hub.displacement.last", "close.after"], flags: ["displaced", "stopped"], config: ["handlers": [2]],
        [
          .receive(2, sn: 2, "70", at: 0), .deliver(2, sn: 2, "70", "request", at: 0),
          .displace(old: old, new: new, timestamp, at: 1), .sendFrame(id, sn: 0, whole, at: 1), .sendClose(nil, at: 1),
          .closeTransport(at: 1), .answer(3, sn: 2, "50", at: 2), .refuse("stopped", at: 2), .send(11, "01", at: 3),
          .refuse("stopped", at: 3), .receive(2, sn: 4, "71", at: 4), .displace(old: old, new: new, timestamp, at: 5),
          .kick(at: 6),
        ]
      ).valid,
      RPCVectors.story(
        side, "displace-while-closing", "A connection that is closing already is not displaced.",
        ["hub.displacement.last", "close.after"], flags: ["displaced", "stopped"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .displace(old: old, new: new, timestamp, at: 1), .kick(at: 2),
          .peerClose(1000, at: 3), .closeTransport(at: 3),
        ]
      ).valid,
    ]
  }

  private static let kicking = VectorGroup.timelines("A kick is no displacement.", sides: [.server]) { side in
    [
      RPCVectors.story(
        side, "kick", "A close frame, the end of the transport, and no displacement.", ["hub.kick"], flags: ["kicked"],
        [.kick(at: 5), .sendClose(nil, at: 5), .closeTransport(at: 5)]
      ).valid,
      RPCVectors.story(
        side, "kick-queue-and-calls", "What is queued is dropped, and waiting calls fail.",
        ["hub.kick", "rpc.close.pending"], flags: ["kicked", "pending-at-end"],
        [
          .call("a", 7, "61", at: 0), .sendFrame(7, sn: 3, "61", at: 0), .send(11, "01", at: 0),
          .sendFrame(11, sn: 0, "01", at: 0), .kick(at: 5), .discardQueue(2, at: 5), .sendClose(nil, at: 5),
          .failCall("a", "closed", at: 5), .closeTransport(at: 5), .kick(at: 6),
        ]
      ).valid,
    ]
  }

  private static let notServers = VectorGroup.timelines("Displacing and kicking are a server's.", sides: [.client]) {
    side in
    [
      RPCVectors.story(
        side, "client-does-not-displace", "At a client neither does anything.",
        ["hub.displacement.client.open", "hub.kick"],
        [
          .displace(old: old, new: new, timestamp, at: 0), .kick(at: 1), .send(2, "68", at: 2),
          .sendFrame(2, sn: 0, "68", at: 2),
        ]
      ).valid
    ]
  }
}
