package import Specification

/// Why the rules that ``CaptureRule`` does not judge cannot be judged from a capture.
package enum HiddenRule {
  /// Each of them, and why.
  package static let reasons: [RequirementID: String] = {
    var reasons: [RequirementID: String] = [:]
    for (reason, rules) in groups { for rule in rules { reasons[rule] = reason } }
    return reasons
  }()

  private static let groups: [(reason: String, rules: [RequirementID])] = [
    (
      "why a peer did so is not on the wire: another cause looks the same",
      [
        "frame.message.fragmented", "frame.length.minimum.fail", "frame.protocol-id.none", "frame.payload.empty",
        "frame.empty.fail", "frame.short.fail", "frame.zero-frame.fail", "legacy.1_2.length.zero",
        "legacy.1_2.trailing", "legacy.1_3_0.trailing", "handshake.read.pieces", "handshake.read.case",
        "handshake.read.list", "handshake.read.unknown", "handshake.read.opaque", "handshake.read.target",
        "handshake.read.absolute", "handshake.read.limit", "handshake.read.fold", "handshake.refuse.header.space",
        "handshake.refuse.authority", "handshake.refuse.extensions", "handshake.refuse.content",
        "handshake.answer.continue", "handshake.client.status", "handshake.client.interim", "handshake.client.syntax",
        "handshake.client.grammar", "handshake.early.server", "ws.stream.cuts", "ws.length.forms",
        "ws.length.top-bit", "ws.fragment.assemble", "ws.fragment.empty", "ws.pong.unsolicited", "ws.violation.stop",
        "deflate.offer.quoted", "deflate.offer.other", "deflate.offer.preference", "deflate.offer.unknown-parameter",
        "deflate.offer.repeated-parameter", "deflate.offer.invalid-value", "deflate.offer.declined",
        "deflate.offer.window-eight", "deflate.plain", "deflate.fragments", "deflate.blocks", "deflate.bfinal",
        "deflate.bfinal.next", "deflate.takeover", "deflate.invalid", "deflate.truncated", "deflate.invalid.code",
        "deflate.empty.fail", "rpc.concurrent", "rpc.sn.duplicate", "hub.displacement.client",
        "hub.displacement.client.open", "hub.displacement.client.broken", "hub.displacement.from-client",
        "close.code.accept", "close.body.empty", "close.body.one.fail", "close.reason.utf8.fail", "close.fin",
        "close.violation", "malformed.fail", "malformed.websocket",
      ]
    ),
    (
      "what a receiver makes of a message is inside of it",
      [
        "frame.message.text", "frame.magic.reject", "frame.length.minimum", "frame.length.limit.reject",
        "frame.protocol-id.range", "frame.sn.range", "frame.payload.opaque", "frame.empty", "frame.short",
        "frame.zero-frame", "frame.trailing.truncate", "frame.stream.cuts", "frame.stream.resume",
        "frame.stream.early", "legacy.1_1.reject", "legacy.1_2.magic.reject", "legacy.1_2.limit", "legacy.1_2.short",
        "legacy.1_2.body", "legacy.1_3_0.magic.reject", "legacy.1_3_0.length.minimum", "legacy.1_3_0.limit",
        "legacy.1_3_0.short", "ws.fragment.control", "deflate.empty", "deflate.limit", "rpc.answer.pairing",
        "rpc.dispatch.complete", "rpc.dispatch.handler", "rpc.dispatch.handler.completed", "rpc.dispatch.direction",
        "dispatch.unknown", "dispatch.unknown.silent", "rpc.answer.unknown", "rpc.answer.second", "rpc.order",
        "rpc.answer.late", "close.after.receive", "malformed.delivery",
      ]
    ),
    (
      "it is about an application's values, which reach no wire or reach it as its own payload",
      [
        "address.untrusted", "address.real-ip", "address.forwarded", "address.peer", "metadata.parameters",
        "metadata.missing", "metadata.unknown", "metadata.case", "metadata.repeated", "metadata.percent",
        "metadata.plus", "metadata.escape", "metadata.semicolon", "metadata.empty-value", "metadata.empty-pair",
        "metadata.integer", "metadata.integer.invalid", "identity.join", "identity.parts", "identity.typed",
        "identity.verbatim", "identity.legacy", "charset.codes", "charset.untouched", "charset.text",
        "charset.utf8.decode", "charset.utf8.invalid", "charset.utf8.bom", "charset.utf8.encode", "charset.gbk.ascii",
        "charset.gbk.euro", "charset.gbk.decode", "charset.gbk.invalid", "charset.gbk.four-byte",
        "charset.gbk.encode", "charset.gbk.lowest", "charset.malformed.offset", "charset.unencodable",
        "charset.unencodable.offset",
      ]
    ),
    (
      "it depends on how the peer was set up, which a capture does not tell",
      [
        "frame.length.limit", "frame.length.limit.fail", "revision.current", "legacy.1_1.limit", "origin.any",
        "origin.list", "origin.absent", "negotiation.declare", "negotiation.before-accept", "negotiation.partial",
        "negotiation.version.select", "negotiation.version.minimum", "negotiation.version.upgrade",
        "negotiation.version.missing", "negotiation.charset.unsupported", "negotiation.charset.select",
        "negotiation.parameter.invalid", "negotiation.response.version", "negotiation.response.charset",
        "negotiation.protocol.select", "negotiation.protocol.none", "negotiation.protocol.precedence",
        "negotiation.protocol.token", "negotiation.protocol.declare", "negotiation.refusal.body",
        "negotiation.refusal.supported", "negotiation.refusal.parameter", "ws.message.limit",
        "ws.message.limit.accept", "hub.displacement.timestamp",
      ]
    ),
    (
      "it is about time, memory or resources of the peer",
      [
        "ws.length.announced", "ws.ping.soon", "deflate.limit.output", "rpc.blocking", "rpc.timeout",
        "rpc.timeout.silent", "rpc.close.pending", "rpc.close.call", "rpc.close.release", "send.queue.full",
        "send.queue.bound", "send.slow-reader", "keepalive.ping.period", "keepalive.deadline.restart",
        "keepalive.deadline.fragment", "keepalive.deadline.close", "keepalive.deadline.slow-sender",
        "close.echo.soon", "close.timeout",
      ]
    ),
    (
      "what keeps it and what breaks it can look alike on the wire",
      [
        "frame.message.one", "frame.byte-order", "frame.sn.one-way", "legacy.1_1.displacement-id",
        "legacy.1_2.displacement-id", "legacy.1_3_0.no-sn", "legacy.1_3_0.displacement-id", "ws.mask.apply",
        "deflate.rsv1", "deflate.tail", "deflate.window", "rpc.sn.parity", "rpc.sn.zero", "rpc.sn.step",
        "rpc.sn.wrap", "rpc.sn.wrap.pending", "hub.displacement.frame", "hub.kick",
      ]
    ),
    (
      "it permits, so that nothing can break it",
      [
        "frame.message.early", "handshake.read.bare-lf", "handshake.refuse.path", "handshake.refuse.method.status",
        "handshake.answer.fields", "handshake.client.redirect", "handshake.early.client.receive",
        "metadata.integer.clamp", "ws.pong.latest", "deflate.offer.client-no-context", "deflate.tail.receive",
        "rpc.sn.first", "hub.displacement.queue", "keepalive.ping.payload", "close.echo.code", "close.code.large",
        "close.await", "close.request",
      ]
    ),
    (
      "the encoding has only been looked at where a whole message breaks it",
      [
        "protobuf.encode.order", "protobuf.encode.default", "protobuf.encode.negative", "protobuf.field.order",
        "protobuf.field.repeated", "protobuf.field.absent", "protobuf.field.unknown", "protobuf.field.wire-type",
        "protobuf.varint.padded", "protobuf.int32.truncate", "protobuf.varint.invalid", "protobuf.length.bounds",
        "protobuf.tag.invalid", "protobuf.group.balance", "protobuf.group.depth",
      ]
    ),
    (
      "it is about several connections, of which a capture need not have all",
      [
        "rpc.isolation", "hub.identity.single", "hub.identity.newest", "hub.identity.distinct",
        "hub.identity.metadata", "hub.identity.ambiguous", "hub.newcomer", "hub.displacement.addresses",
        "hub.displacement.redial", "close.redial", "malformed.others",
      ]
    ),
  ]
}
