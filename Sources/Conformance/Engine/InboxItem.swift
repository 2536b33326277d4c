import FrameCodec
import Negotiation
import ReferencePeer
package import Specification
import WebSocketCodec

/// Something that a peer sent or did.
struct InboxItem: Sendable {
  /// How TCP ended.
  enum End: Hashable, Sendable {
    /// The peer sent a FIN.
    case fin

    /// The peer sent a RST, or the socket failed.
    case reset

    /// This side ended it.
    case local
  }

  /// What it is.
  enum Content: Sendable {
    case frame(ReceivedFrame)
    case message(FramelessMessage)
    case ping([UInt8])
    case pong([UInt8])
    case close(CloseBody)
    case end(End)
    /// A rule of the WebSocket layer was broken, or a message is no frame.
    case violation(String)
  }

  /// When it was complete, in nanoseconds since the case began.
  let time: Int64

  /// What it is.
  let content: Content

  /// Whether a step has taken it.
  var isTaken = false

  /// Whether it is a frame of the protocol, or a message that is none.
  var isData: Bool {
    switch content {
    case .frame, .message: true
    default: false
    }
  }

  /// How many bytes of payload it has.
  var size: Int {
    switch content {
    case .frame(let frame): frame.payload.count
    case .message(let message): message.bytes.count
    case .ping(let payload), .pong(let payload): payload.count
    default: 0
    }
  }

  /// Whether it is a rule that was broken; what broke it comes beside it.
  var isViolation: Bool {
    if case .violation = content { return true }
    return false
  }

  /// Whether the connection ends with it, by the peer.
  var isFailure: Bool {
    switch content {
    case .close: true
    case .end(let end): end != .local
    default: false
    }
  }

  /// The thing in one line, fit for a terminal.
  var summary: String {
    switch content {
    case .frame(let frame): return frame.summary
    case .message(let message): return message.summary
    case .ping(let payload): return "ping \(Self.quoted(payload))"
    case .pong(let payload): return "pong \(Self.quoted(payload))"
    case .close(let body):
      guard let code = body.code else { return "close without a code" }
      return body.reason.isEmpty ? "close \(code)" : "close \(code) \(Self.quoted(Array(body.reason.utf8)))"
    case .violation(let reason): return "violation: \(reason)"
    case .end(.fin): return "end of TCP (FIN)"
    case .end(.reset): return "end of TCP (RST)"
    case .end(.local): return "TCP was ended here"
    }
  }

  /// Bytes as text in quotes, the first of them.
  static func quoted(_ bytes: [UInt8]) -> String { "\"\(InertText.ascii(bytes, limit: 60))\"" }
}

/// A frame of the protocol that came.
struct ReceivedFrame: Sendable {
  let id: Int64
  let sn: UInt32?
  let length: UInt32?
  let payload: [UInt8]
  let form: MessageForm

  /// The frame in one line.
  var summary: String {
    let number = sn.map { ", sn \($0)" } ?? ""
    if let displacement { return "frame id \(id)\(number), displacement \(displacement)" }
    return "frame id \(id)\(number), \(payload.count) bytes \(InboxItem.quoted(payload))"
  }
}

extension ReceivedFrame {
  /// Whose place was taken by whom, where it is a displacement that says so.
  private var displacement: String? {
    guard Revision.allCases.contains(where: { $0.displacementProtocolId == id }),
      let message = try? Displacement(decoding: payload.span.bytes), !message.newAddress.isEmpty
    else { return nil }
    func address(_ bytes: [UInt8]) -> String { InertText.ascii(bytes, limit: 60) }
    return "\(address(message.oldAddress)) → \(address(message.newAddress))"
  }
}

/// A WebSocket message that is no frame.
struct FramelessMessage: Sendable {
  let bytes: [UInt8]
  let reason: String
  let form: MessageForm

  /// The message in one line.
  var summary: String {
    "\(form.opcode == .text ? "text" : "binary") message that is no frame (\(reason)), \(bytes.count) bytes "
      + InboxItem.quoted(bytes)
  }
}

/// How a message came.
struct MessageForm: Sendable {
  let opcode: WebSocketOpcode
  let isCompressed: Bool
  let fragments: Int
  let isMinimal: Bool
}

/// A rule of a sender that a peer was seen to break.
package struct PeerObservation: Hashable, Sendable {
  /// The requirement; nil where none speaks of it.
  package let requirement: RequirementID?

  /// What was seen.
  package let reason: String

  /// The number of the connection, from 1.
  package let connection: Int

  /// When, in nanoseconds since the case began.
  package let nanoseconds: Int64
}

/// The answer to an upgrade request, as it came.
struct ReceivedResponse: Sendable {
  /// The head; nil when what came is not even that.
  var head: HTTPMessageHead?

  /// The answer, when a client has to accept it.
  var answer: UpgradeAnswer?

  /// Why not.
  var fault: HandshakeError?

  /// Why there is no head.
  var lack: DialFailure?

  /// What came behind the head of a refusal.
  var body: [UInt8] = []

  /// Whether the body is complete.
  var isComplete = true

  /// The answer in one line.
  var summary: String {
    guard let head else {
      return lack.map(DialAdvice.sentence) ?? "no HTTP: \(fault?.reason ?? "nothing that can be read")"
    }
    let status = head.status.map { "status \($0)" } ?? "no status"
    guard let fault, fault.code != .refused else { return status }
    return "\(status) (\(fault.reason))"
  }
}
