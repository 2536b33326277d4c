package import Conversation
package import FrameCodec
package import Negotiation
package import WebSocketCodec

/// One deliberate fault of a peer, by which a test proves that it can fail.
///
/// Each hook gets what passes between the socket and the core in one place, and gives what the faulty peer does instead.
/// `FaultyConnectionHandler` puts them there; a peer without a mutation has none of this.
package struct PeerMutation: Sendable {
  /// A message as the WebSocket layer gives it, unmasked and inflated, before it is read as a frame.
  package struct Message: Sendable {
    package var bytes: [UInt8]
    package var isText: Bool
    package let isCompressed: Bool
    package let isDeflateAgreed: Bool
    package let revision: Revision
  }

  /// A frame of the protocol.
  package struct Frame: Hashable, Sendable {
    package var protocolId: Int64
    package var sn: UInt32
    package var payload: [UInt8]

    /// A frame from its parts.
    package init(protocolId: Int64, sn: UInt32, payload: [UInt8]) {
      self.protocolId = protocolId
      self.sn = sn
      self.payload = payload
    }
  }

  /// A WebSocket frame that goes out.
  package struct WireFrame: Hashable, Sendable {
    package var fin: Bool
    package var rsv: UInt8
    package var opcode: UInt8
    package var maskingKey: UInt32?
    package var lengthForm: WebSocketFrameHeader.LengthForm
    package var payload: [UInt8]
    /// Whether the payload is masked with the key; without it the key is only written.
    package var isPayloadMasked = true
  }

  /// Where the bytes that go out come to an end, and how.
  package struct Cut: Hashable, Sendable {
    /// What becomes of the connection.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
      /// It stays, and carries nothing more.
      case stall
      /// TCP ends.
      case end
      /// TCP is reset.
      case reset
    }

    /// How many bytes of WebSocket frames go out.
    package let offset: Int

    /// What becomes of the connection then.
    package let kind: Kind

    /// An end.
    package init(_ kind: Kind, at offset: Int) {
      self.kind = kind
      self.offset = offset
    }
  }

  /// Sees what the faults do; nil: nobody does.
  package var witness: MutationWitness?

  /// Where the bytes that go out come to an end; nil: they do not.
  package var cut: Cut?

  /// The head of an upgrade request, as it came.
  package var requestHead: (@Sendable (inout String) -> Void)?

  /// The answer to an upgrade request.
  package var response: (@Sendable (inout UpgradeResponse, _ isGranted: Bool) -> Void)?

  /// What the server takes from the upgrade for the connection.
  package var details: (@Sendable (ConnectionDetails) -> ConnectionDetails)?

  /// Violations of the WebSocket layer that are overlooked; nil: none.
  package var overlooks: (@Sendable (WebSocketViolation.Code) -> Bool)?

  /// A message before it is read as a frame; false: it is dropped.
  package var message: (@Sendable (inout Message) -> Bool)?

  /// A compressed message before it is inflated; false: it is dropped.
  package var compressed: (@Sendable ([UInt8]) -> Bool)?

  /// Whether a message that came in pieces is taken.
  package var assembled: (@Sendable (_ isCompressed: Bool) -> Bool)?

  /// Whether a message that cannot be inflated is dropped, and nothing more.
  package var overlooksInflateErrors = false

  /// A frame that came in, before the conversation gets it; false: it is dropped.
  package var received: (@Sendable (inout Frame, Connection) -> Bool)?

  /// A control frame that came in; false: it is dropped.
  package var control: (@Sendable (inout WebSocketOpcode, inout [UInt8]) -> Bool)?

  /// What follows from an event.
  package var actions: (@Sendable ([TimedAction]) -> [TimedAction])?

  /// A frame that goes out, and the connection; what goes out instead, and where.
  package var sent: (@Sendable (Frame, Connection) -> [(frame: Frame, to: Connection)])?

  /// A frame for a connection that is no longer open: who gets it instead, if anybody.
  package var late: (@Sendable (Frame, Connection) -> Connection?)?

  /// The header of a frame that goes out, as encoded.
  package var header: (@Sendable (inout [UInt8]) -> Void)?

  /// A WebSocket frame that goes out; what goes out instead.
  package var wire: (@Sendable (WireFrame) -> [WireFrame])?

  /// Whether an upgrade request that comes in pieces is refused.
  package var wantsWholeRequests = false

  /// Whether a newcomer is sent away where somebody has its identity.
  package var refusesNewcomers = false

  /// Whether a newcomer takes an identity without displacing who has it.
  package var displacesNobody = false

  /// Changes the server's configuration.
  package var configuration: (@Sendable (inout ServerConfiguration) -> Void)?

  // MARK: - Of clients alone

  /// Changes the client's configuration.
  package var clientConfiguration: (@Sendable (inout ClientConfiguration) -> Void)?

  /// The upgrade request before it is written; the answer is held against what it is then.
  package var draft: (@Sendable (inout UpgradeRequestDraft) -> Void)?

  /// The bytes of the upgrade request.
  package var request: (@Sendable (inout [UInt8]) -> Void)?

  /// The head of an answer to the upgrade, as it came, and what it has to be held against.
  package var answerHead: (@Sendable (inout String, UpgradeExpectation) -> Void)?

  /// Whether an answer to the upgrade that comes in pieces is given up.
  package var wantsWholeAnswers = false

  /// Whether the bytes are lost that come in one segment with the answer.
  package var losesBytesBehindAnswer = false

  /// Whether the connection is taken as open at the end of the line with `Sec-WebSocket-Accept`.
  package var opensBeforeEmptyLine = false

  /// How much later than the connection's end the calls fail that wait for an answer.
  package var callFailureDelay: Duration?

  /// What a client that has lost its connection does, and what it should do.
  package var redial: (@Sendable (RedialSchedule.Outcome, RedialSchedule.Decision) -> RedialSchedule.Decision)?

  /// A peer without faults.
  package init() {}
}

extension Connection {
  /// The other connections of the server, for faults that mix them up.
  package var others: [Connection] {
    var others: [Connection] = []
    handler.settings.hub?.forEach { if $0.number != number { others.append($0) } }
    return others
  }
}
