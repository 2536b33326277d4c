import FrameCodec
package import Specification

/// Something that a rule is kept or broken on.
enum RuleOccasion: Int, CaseIterable {
  case upgrade, message, text, fragmented, compressed, compressedFragmented, control, compressibleControl
  case close, closeBody, closeReason
  case frame, frame1_1, frame1_2, frame1_3_0, protobufFrame, displacement, request, response

  /// A frame of a revision.
  static func frame(of revision: Revision) -> RuleOccasion {
    switch revision {
    case .v1_1: .frame1_1
    case .v1_2: .frame1_2
    case .v1_3_0: .frame1_3_0
    case .v1_3_3: .frame
    }
  }
}

/// A rule that a capture shows.
package struct CaptureRule: Sendable {
  /// Its id in the catalogue.
  package let requirement: RequirementID

  /// Who can keep or break it.
  package let roles: [PeerRole]

  /// What it is kept on where no finding speaks against it; nil: a judge of whole connections says when it is kept.
  let occasion: RuleOccasion?

  private init(_ requirement: RequirementID, _ roles: [PeerRole], _ occasion: RuleOccasion?) {
    self.requirement = requirement
    self.roles = roles
    self.occasion = occasion
  }

  /// Every rule that is judged, in the order in which results name them.
  package static let all: [CaptureRule] =
    found.map { CaptureRule($0.0, $0.2, $0.1) }
    + judged.flatMap { roles, rules in rules.map { CaptureRule($0, roles, nil) } }

  /// Rules that findings name.
  private static let found: [(RequirementID, RuleOccasion, [PeerRole])] = [
    ("handshake.accept", .upgrade, [.server]), ("handshake.answer.extension", .upgrade, [.server]),
    ("ws.mask.server", .message, [.server]), ("ws.mask.client", .message, [.client]),
    ("ws.length.minimal", .message, [.client, .server]), ("ws.rsv", .message, [.client, .server]),
    ("ws.opcode", .message, [.client, .server]), ("ws.fragment.form", .fragmented, [.client, .server]),
    ("ws.control.length", .control, [.client, .server]), ("ws.control.fragmented", .control, [.client, .server]),
    ("ws.text.utf8", .text, [.client, .server]),
    ("close.code", .closeBody, [.client, .server]), ("close.body.one", .closeBody, [.client, .server]),
    ("close.reason.utf8", .closeReason, [.client, .server]), ("close.after", .close, [.client, .server]),
    ("deflate.rsv1.control", .compressibleControl, [.client, .server]),
    ("deflate.rsv1.continuation", .compressedFragmented, [.client, .server]),
    ("deflate.no-takeover", .compressed, [.client, .server]),
    ("frame.message.binary", .frame, [.client, .server]), ("frame.magic", .frame, [.client, .server]),
    ("frame.length.exact", .frame, [.client, .server]), ("frame.trailing", .frame, [.client, .server]),
    ("frame.length.limit.send", .frame, [.client, .server]),
    ("legacy.1_1.message", .frame1_1, [.client, .server]), ("legacy.1_2.magic", .frame1_2, [.client, .server]),
    ("legacy.1_2.length", .frame1_2, [.client, .server]), ("legacy.1_3_0.magic", .frame1_3_0, [.client, .server]),
    ("legacy.1_3_0.length", .frame1_3_0, [.client, .server]),
    ("protobuf.message.fields", .protobufFrame, [.client, .server]),
    ("protobuf.displacement.fields", .displacement, [.server]), ("rpc.answer.sn", .response, [.client, .server]),
    ("rpc.answer.once", .response, [.client, .server]), ("rpc.sn.unique", .request, [.client, .server]),
  ]

  /// Rules of ``UpgradeJudge`` and ``ConversationJudge``.
  private static let judged: [([PeerRole], [RequirementID])] = [
    (
      [.client],
      [
        "handshake.request.get", "handshake.request.host", "handshake.request.upgrade", "handshake.request.connection",
        "handshake.request.version", "handshake.request.key", "handshake.request.key.fresh", "handshake.early.client",
        "handshake.client.upgrade", "handshake.client.connection", "handshake.client.accept",
        "handshake.client.extension",
        "handshake.client.protocol", "deflate.answer.grammar", "deflate.answer.unoffered", "deflate.answer.repeated",
        "deflate.answer.unknown-parameter", "deflate.answer.repeated-parameter", "deflate.answer.invalid-value",
        "deflate.answer.window", "deflate.answer.unoffered-window", "deflate.answer.missing", "ws.mask.key",
        "ws.mask.server.fail", "close.transport.client",
      ]
    ),
    (
      [.server],
      [
        "handshake.refuse.request-line", "handshake.refuse.header", "handshake.refuse.method",
        "handshake.refuse.http-version", "handshake.refuse.host", "handshake.refuse.upgrade",
        "handshake.refuse.connection",
        "handshake.refuse.version", "handshake.refuse.version.field", "handshake.refuse.version.status",
        "handshake.refuse.key", "handshake.refuse.key.form", "handshake.refuse.framing", "handshake.answer.status",
        "handshake.answer.upgrade", "handshake.answer.connection", "handshake.answer.protocol", "deflate.offer.none",
        "deflate.offer.server-window", "deflate.offer.server-no-context", "deflate.offer.client-window",
        "deflate.answer.single", "ws.mask.client.fail",
        "hub.displacement.last", "hub.displacement.close", "close.transport.server",
      ]
    ),
    (
      [.client, .server],
      [
        "ws.rsv.fail", "ws.opcode.fail", "ws.length.minimal.fail", "ws.control.length.fail",
        "ws.control.fragmented.fail",
        "ws.fragment.stray", "ws.fragment.interleaved", "ws.text.utf8.fail", "ws.text.utf8.code", "ws.violation.code",
        "deflate.rsv1.continuation.fail", "deflate.rsv1.control.fail", "ws.ping.answer", "ws.pong.payload",
        "frame.protocol-id.reserved", "frame.magic.fail", "frame.trailing.fail", "frame.message.text.fail",
        "close.echo",
        "close.code.fail",
      ]
    ),
  ]
}
