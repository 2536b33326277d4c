import PacketCapture
package import Specification

/// The ids of the findings about HTTP, WebSocket, frames and calls. The raw values are a promise to users.
enum InspectionFindingCode: String, CaseIterable, Sendable {
  case unsupportedLinkType = "file.unsupported-linktype"
  case inflationLimit = "file.inflation-limit"
  case passedOver = "capture.passed-over"
  case noKeys = "tls.no-keys"
  case upgradeRejected = "http.upgrade-rejected"
  case noResponse = "http.no-response"
  case httpTruncated = "http.truncated"
  case http2 = "http.http2"
  case badProxyHeader = "http.bad-proxy-header"
  case badExtension = "http.bad-extension"
  case badAccept = "http.bad-accept"
  case protocolError = "ws.protocol-error"
  case resync = "ws.resync"
  case truncatedMessage = "ws.truncated-message"
  case contextLost = "ws.deflate-context-lost"
  case inflateError = "ws.inflate-error"
  case contextTakenOver = "ws.context-taken-over"
  case dataAfterClose = "ws.data-after-close"
  case nonminimalLength = "ws.nonminimal-length"
  case maskedServer = "ws.masked-server"
  case unmaskedClient = "ws.unmasked-client"
  case reservedBits = "ws.reserved-bits"
  case reservedOpcode = "ws.reserved-opcode"
  case badControl = "ws.bad-control"
  case badLength = "ws.bad-length"
  case badUTF8 = "ws.bad-utf8"
  case strayContinuation = "ws.stray-continuation"
  case interleavedMessage = "ws.interleaved-message"
  case unexpectedText = "ws.unexpected-text"
  case messageLimit = "ws.message-limit"
  case badMagic = "app.bad-magic"
  case short = "app.short"
  case tooLarge = "app.too-large"
  case lengthMismatch = "app.length-mismatch"
  case trailingBytes = "app.trailing-bytes"
  case badProtobuf = "app.bad-protobuf"
  case badDisplacement = "app.bad-displacement"
  case displaced = "app.displaced"
  case unanswered = "rpc.unanswered"
  case orphanResponse = "rpc.orphan-response"
  case duplicateResponse = "rpc.duplicate-response"
  case snReuse = "rpc.sn-reuse"
  case slow = "rpc.slow"
  case negativeLatency = "rpc.negative-latency"

  /// Whether it says that a frame's header breaks a rule, so that it may be no frame at all.
  var isFrameFault: Bool {
    switch self {
    case .protocolError, .reservedBits, .reservedOpcode, .badControl, .badLength, .nonminimalLength, .maskedServer,
      .unmaskedClient, .strayContinuation:
      true
    default: false
    }
  }

  /// The requirement that the finding speaks about, and its level; nil where it is no violation.
  var requirement: (id: String, level: RequirementLevel)? {
    switch self {
    case .badExtension: ("handshake.answer.extension", .must)
    case .badAccept: ("handshake.accept", .must)
    case .contextTakenOver: ("deflate.no-takeover", .must)
    case .dataAfterClose: ("close.after", .must)
    case .nonminimalLength: ("ws.length.minimal", .must)
    case .maskedServer: ("ws.mask.server", .must)
    case .unmaskedClient: ("ws.mask.client", .must)
    case .reservedBits: ("ws.rsv", .must)
    case .reservedOpcode: ("ws.opcode", .must)
    case .strayContinuation, .interleavedMessage: ("ws.fragment.form", .must)
    case .unexpectedText: ("frame.message.binary", .must)
    case .badMagic: ("frame.magic", .must)
    // Several rules share one id here (bad control frames, lengths, UTF-8, deflate data): the message says which.
    case .short, .lengthMismatch: ("frame.length.exact", .must)
    case .tooLarge: ("frame.length.limit.send", .should)
    case .trailingBytes: ("frame.trailing", .must)
    case .badProtobuf: ("protobuf.message.fields", .must)
    case .badDisplacement: ("protobuf.displacement.fields", .must)
    case .orphanResponse: ("rpc.answer.sn", .must)
    case .duplicateResponse: ("rpc.answer.once", .must)
    case .snReuse: ("rpc.sn.unique", .must)
    default: nil
    }
  }
}

/// A finding as it is written.
package struct FindingRecord: Sendable {
  /// The stable id.
  package var id: String
  /// The id of the requirement that it speaks about, if there is one.
  package var requirement: String?
  /// MUST, SHOULD or MAY.
  package var level: String?
  /// Who sent what it is about, as far as that is known.
  package var role: PeerRole?
  /// Where: for `file.` a byte of the file, for `app.` a byte of the (inflated) message, otherwise a byte of the sender's stream.
  package var offset: Int?
  /// One sentence for people.
  package var message: String

  init(_ code: InspectionFindingCode, role: PeerRole?, offset: Int?, message: String) {
    id = code.rawValue
    requirement = code.requirement?.id
    level = code.requirement?.level.rawValue
    self.role = role
    self.offset = offset
    self.message = message
  }

  init(_ finding: PacketFinding, role: PeerRole?) {
    id = finding.code.rawValue
    self.role = role
    offset = finding.streamOffset
    message = finding.reason
  }

  init(id: String, offset: Int?, message: String) {
    self.id = id
    self.offset = offset
    self.message = message
  }
}

extension InspectionFindingCode {
  /// The rules that the finding can be a violation of.
  var requirements: [RequirementID] { requirement.map { [RequirementID(rawValue: $0.id)] } ?? [] }
}
