import FrameCodec
import Specification
import WebSocketCodec

/// The ids of the findings about HTTP, WebSocket, frames and calls. The raw values are a promise to users.
enum InspectionFindingCode: String, CaseIterable, Sendable {
  case unsupportedLinkType = "file.unsupported-linktype"
  case inflationLimit = "file.inflation-limit"
  case passedOver = "capture.passed-over"
  case noKeys = "tls.no-keys"
  case tlsUnsupported = "tls.unsupported"
  case tlsBadRecord = "tls.bad-record"
  case tlsResync = "tls.resync"
  case tlsTruncated = "tls.truncated"
  case tlsAlert = "tls.alert"
  case tlsEarlyDataRefused = "tls.early-data-refused"
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
  case otherProtocol = "app.other-protocol"
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

  /// Whether it says that a message, or what may be one, cannot be read, though its receiver may have read it.
  var hidesMessage: Bool {
    switch self {
    case .noKeys, .protocolError, .resync, .truncatedMessage, .contextLost, .inflateError, .messageLimit, .tooLarge,
      .reservedBits, .reservedOpcode, .badLength, .strayContinuation, .interleavedMessage:
      true
    default: false
    }
  }

  /// The rule that the finding says was broken, where the finding alone says which: the kinds of violation that share an id
  /// name their own.
  var requirement: RequirementID? {
    switch self {
    case .badExtension: "handshake.answer.extension"
    case .badAccept: "handshake.accept"
    case .contextTakenOver: "deflate.no-takeover"
    case .unexpectedText: "frame.message.binary"
    case .tooLarge: "frame.length.limit.send"
    case .badDisplacement: "protobuf.displacement.fields"
    case .orphanResponse: "rpc.answer.sn"
    case .duplicateResponse: "rpc.answer.once"
    case .snReuse: "rpc.sn.unique"
    default: nil
    }
  }

  /// The rules that the finding can be a violation of.
  var requirements: [RequirementID] {
    var rules = [requirement]
    if self == .badExtension {
      rules += [
        "deflate.offer.none", "deflate.offer.server-window", "deflate.offer.server-no-context",
        "deflate.offer.client-window", "deflate.answer.single",
      ]
    }
    rules += WebSocketViolation.Code.allCases.filter { Self($0) == self }.map {
      WebSocketViolation($0, offset: 0).requirement
    }
    for revision in Revision.allCases {
      for violation in FrameViolation.Code.allCases.map({ FrameViolation($0, offset: 0) })
      where Self(violation, in: revision, messageLength: 0) == self
        || Self(violation, in: revision, messageLength: FrameCodec.prefixSize) == self
      {
        rules.append(violation.requirement(in: revision))
      }
    }
    return rules.compactMap(\.self).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The finding that a violation of WebSocket is; nil: none, as the limit that was passed is the decoder's own.
  init?(_ code: WebSocketViolation.Code) {
    switch code {
    case .reservedBits, .controlCompressed, .continuationCompressed: self = .reservedBits
    case .reservedOpcode: self = .reservedOpcode
    case .controlFragmented, .controlTooLong, .closeLengthOne, .closeCode: self = .badControl
    case .strayContinuation: self = .strayContinuation
    case .interleavedMessage: self = .interleavedMessage
    case .maskedServer: self = .maskedServer
    case .unmaskedClient: self = .unmaskedClient
    case .nonminimalLength: self = .nonminimalLength
    case .badLength: self = .badLength
    case .textUTF8, .closeUTF8: self = .badUTF8
    case .dataAfterClose: self = .dataAfterClose
    case .messageTooLarge: return nil
    }
  }

  /// The finding that a message is which is no frame of its revision.
  init(_ violation: FrameViolation, in revision: Revision, messageLength: Int) {
    switch violation.code {
    case .empty: self = .short
    case .badMagic: self = .badMagic
    case .short: self = messageLength < FrameCodec.prefixSize ? .short : .lengthMismatch
    case .lengthTooSmall: self = .lengthMismatch
    case .tooLarge: self = .tooLarge
    case .trailingBytes: self = .trailingBytes
    // What a message without magic begins with is its protobuf.
    case .badProtobuf: self = revision == .v1_1 ? .badMagic : .badProtobuf
    }
  }
}
