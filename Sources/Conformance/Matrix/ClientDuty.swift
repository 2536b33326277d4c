import Specification

/// What a client has to do where a server breaks a rule: the rule of the receiver that belongs to one of the sender.
enum ClientDuty {
  /// The client's rule; nil: none says what a client does then.
  static func rule(against broken: RequirementID) -> RequirementID? { rules[broken] }

  private static let rules: [RequirementID: RequirementID] = [
    "frame.magic": "frame.magic.reject",
    "frame.length.exact": "frame.short",
    "frame.trailing": "frame.trailing.truncate",
    "frame.message.one": "frame.trailing.truncate",
    "frame.message.binary": "frame.message.text",
    "frame.byte-order": "frame.length.limit.reject",
    "ws.mask.server": "ws.mask.server.fail",
    "ws.length.minimal": "ws.length.minimal.fail",
    "ws.rsv": "ws.rsv.fail",
    "ws.opcode": "ws.opcode.fail",
    "ws.fragment.form": "ws.fragment.interleaved",
    "ws.control.length": "ws.control.length.fail",
    "ws.control.fragmented": "ws.control.fragmented.fail",
    "deflate.rsv1": "frame.magic.reject",
    "deflate.rsv1.control": "deflate.rsv1.control.fail",
    "deflate.rsv1.continuation": "deflate.rsv1.continuation.fail",
    "deflate.tail": "deflate.tail.receive",
    "deflate.no-takeover": "deflate.invalid",
    "deflate.offer.client-window": "deflate.answer.unoffered-window",
    "deflate.offer.none": "deflate.answer.unoffered",
    "deflate.answer.single": "deflate.answer.repeated",
    "deflate.offer.other": "handshake.client.extension",
    "handshake.answer.extension": "handshake.client.extension",
    "handshake.accept": "handshake.client.accept",
    "handshake.answer.upgrade": "handshake.client.upgrade",
    "handshake.answer.connection": "handshake.client.connection",
    "handshake.answer.protocol": "handshake.client.protocol",
    "handshake.answer.status": "handshake.client.status",
    "rpc.answer.sn": "rpc.answer.unknown",
    "rpc.answer.once": "rpc.answer.second",
    "rpc.isolation": "rpc.answer.unknown",
    "close.code": "close.code.fail",
    "close.body.one": "close.body.one.fail",
    "close.reason.utf8": "close.reason.utf8.fail",
    "close.after": "close.after.receive",
  ]
}
