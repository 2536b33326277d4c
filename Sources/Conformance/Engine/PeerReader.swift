import Deflate
import FrameCodec
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

/// Makes of the bytes that a peer sends what it said: handshake, frames, control frames. It reads as leniently as can be,
/// and reports every rule that it sees broken.
struct PeerReader {
  /// What came of some bytes.
  enum Output: Sendable {
    case response(ReceivedResponse)
    case request(UpgradeRequest)
    case requestFault(HandshakeError, isPlain: Bool = false)
    case item(InboxItem.Content)
    case observation(RequirementID?, String)
  }

  private enum Phase {
    /// Nothing is read as HTTP or WebSocket.
    case transport
    case response(UpgradeResponseParser)
    case request(UpgradeRequestParser)
    /// A request was read; what follows waits for the answer.
    case answering
    case body(ReceivedResponse, RefusalBody)
    case frames
  }

  /// How many bytes behind a request are kept until it is answered.
  private static let maximumHeld = 1 << 20

  /// How far a message is inflated.
  private static let inflateLimit = 16 << 20

  private var phase: Phase
  private var decoder: WebSocketDecoder

  /// That something follows the close frame, until it is known what.
  private var behindClose: WebSocketViolation?

  /// That the fragments of the message at hand are no right ones: what is made of them says nothing about its frame.
  private var isPatchwork = false
  private let role: PeerRole
  private var strictInflater: WindowedInflater?
  private var lenientInflater: LenientInflater?
  private var deflate: DeflateParameters?
  private var held: [UInt8] = []

  /// The head of a request as far as it has come, no longer than the parser permits.
  private var requestBytes: [UInt8] = []
  private var opening = AnswerOpening()
  private var masks = MaskingKeyWatch()

  /// The revision that the peer speaks.
  var revision: Revision

  /// What of the peer's traffic came so far.
  var observed: Set<ObservedTraffic> = []

  /// A reader of what comes to the given side.
  ///
  /// - Parameters:
  ///   - role: The side that reads.
  ///   - revision: The revision of the frames.
  ///   - expecting: What the upgrade's answer is held against, for a client; nil: nothing is read but bytes (a client),
  ///     or a request comes first (a server).
  init(role: PeerRole, revision: Revision, expecting: UpgradeExpectation?) {
    self.role = role
    self.revision = revision
    decoder = WebSocketDecoder(
      WebSocketDecoder.Configuration(
        receiver: role, mode: .lenient, maxMessageLength: Int.max / 2, memoryLimit: 64 << 20, recordsFragments: true))
    if role == .server {
      phase = .request(UpgradeRequestParser())
    } else if let expecting {
      phase = .response(UpgradeResponseParser(expecting: expecting))
    } else {
      phase = .transport
    }
  }

  /// Whether frames are read.
  var isOpen: Bool {
    if case .frames = phase { return true }
    return false
  }

  /// The parameters of permessage-deflate; nil without it.
  var compression: DeflateParameters? { deflate }

  /// Takes bytes that came.
  mutating func read(_ bytes: [UInt8]) -> [Output] {
    switch phase {
    case .transport: return []
    case .response(var parser):
      opening.append(bytes)
      if let stranger = opening.stranger {
        phase = .transport
        return [.response(ReceivedResponse(fault: parser.unfinished, lack: stranger))]
      }
      let outcome = parser.read(bytes.span.bytes)
      phase = .response(parser)
      return readResponse(outcome, bytes)
    case .request(var parser):
      requestBytes += bytes
      let outcome = parser.read(bytes.span.bytes)
      phase = .request(parser)
      switch outcome {
      case .incomplete: return []
      case .violation(let fault):
        phase = .answering
        return [.requestFault(fault, isPlain: !asksForUpgrade)]
      case .request(let request, let taken):
        phase = .answering
        held = Array(bytes[taken...])
        return [.request(request)]
      }
    case .answering:
      if held.count < Self.maximumHeld { held += bytes }
      return []
    case .body(let response, let body): return readBody(response, body, bytes)
    case .frames: return readFrames(bytes)
    }
  }

  /// Begins to read frames, on the side of a server that has answered.
  mutating func open(_ deflate: DeflateParameters?) -> [Output] {
    begin(deflate)
    let early = held
    held = []
    guard !early.isEmpty else { return [] }
    let reason = "\(early.count) bytes came before the upgrade was answered"
    return [.observation("handshake.early.client", reason)] + readFrames(early)
  }

  /// Takes note that nothing more will come.
  ///
  /// - Parameter failure: What ended the transport, where it was no regular end.
  mutating func finish(_ failure: DialFailure? = nil) -> [Output] {
    switch phase {
    case .response(let parser):
      phase = .transport
      return [
        .response(
          ReceivedResponse(
            fault: parser.unfinished, lack: failure.flatMap { $0.kind == .closed ? nil : $0 } ?? opening.cut))
      ]
    case .request(let parser):
      phase = .answering
      return [.requestFault(parser.unfinished)]
    case .body(var response, _):
      phase = .transport
      response.isComplete = true
      return [.response(response)]
    default: return []
    }
  }

  /// Whether a request has a field that is there for an upgrade alone.
  private var asksForUpgrade: Bool {
    let head = String(decoding: requestBytes, as: UTF8.self).lowercased()
    return head.contains("\r\nupgrade:") || head.contains("\r\nsec-websocket-")
  }

  private mutating func begin(_ deflate: DeflateParameters?) {
    self.deflate = deflate
    decoder.configuration.allowsCompression = deflate != nil
    if let deflate {
      strictInflater = WindowedInflater(
        windowBits: deflate.windowBits(from: role.peer), limit: Self.inflateLimit)
      lenientInflater = try? LenientInflater()
    }
    phase = .frames
  }

  private mutating func readResponse(_ outcome: UpgradeResponseParser.Outcome, _ bytes: [UInt8]) -> [Output] {
    switch outcome {
    case .incomplete: return []
    case .upgraded(let answer, let taken):
      begin(answer.deflate)
      return [.response(ReceivedResponse(head: answer.head, answer: answer))] + readFrames(Array(bytes[taken...]))
    case .violation(let fault, let head, let taken):
      var response = ReceivedResponse(head: head, fault: fault)
      // Something that claims to be a 101 may still be talked to; what is wrong with it is known.
      if head?.status == 101 {
        begin(nil)
        return [.response(response)] + readFrames(Array(bytes[taken...]))
      }
      guard head != nil else {
        phase = .transport
        return [.response(response)]
      }
      response.isComplete = false
      return [.response(response)] + readBody(response, RefusalBody(head), Array(bytes[taken...]))
    }
  }

  private mutating func readBody(_ old: ReceivedResponse, _ read: RefusalBody, _ bytes: [UInt8]) -> [Output] {
    var response = old
    var body = read
    body.read(bytes)
    response.body = body.bytes
    response.isComplete = body.isComplete
    phase = response.isComplete ? .transport : .body(response, body)
    return [.response(response)]
  }

  private mutating func readFrames(_ bytes: [UInt8]) -> [Output] {
    var outputs: [Output] = []
    var position = 0
    while let event = decoder.next(bytes.span.bytes, at: &position) {
      note(event)
      if role == .server, let reason = masks.fault(in: event, decoder.fragments) {
        outputs.append(.observation("ws.mask.key", reason))
      }
      switch event {
      case .violation(let violation) where violation.code == .dataAfterClose: behindClose = violation
      case .violation(let violation):
        if violation.requirement?.rawValue.hasPrefix("ws.fragment.") == true { isPatchwork = true }
        outputs.append(.observation(violation.requirement, violation.reason))
      case .control(let control):
        if control.opcode != .ping, control.opcode != .pong { reportBehindClose(&outputs) }
        switch control.opcode {
        case .ping: outputs.append(.item(.ping(control.payload)))
        case .pong: outputs.append(.item(.pong(control.payload)))
        default: outputs.append(.item(.close(control.closeBody)))
        }
      case .message(let message):
        reportBehindClose(&outputs)
        let payload = decoder.withPayload(message.payload, of: bytes.span.bytes) { Self.copy($0) }
        outputs += read(message, payload).filter { output in
          if isPatchwork, case .observation = output { false } else { true }
        }
        isPatchwork = false
      case .lostMessage(let message):
        reportBehindClose(&outputs)
        let form = self.form(of: message)
        outputs.append(.item(.message(FramelessMessage(bytes: [], reason: "it is not whole", form: form))))
      }
    }
    return outputs
  }

  /// Takes note of what kind of traffic came.
  private mutating func note(_ event: WebSocketEvent) {
    switch event {
    case .violation: break
    case .control(let control):
      if !observed.contains(.control) { observed.formUnion([.frame, .control]) }
      if control.opcode == .close { observed.insert(.close) }
    case .message(let message):
      if !observed.contains(.message) { observed.formUnion([.frame, .message]) }
      if message.compressed { observed.insert(.compressed) }
    case .lostMessage: observed.insert(.frame)
    }
  }

  /// RFC 6455 section 5.5.1 forbids data frames behind a close frame, and section 5.5.2 only frees of the duty to answer
  /// pings there: a ping or pong is let pass.
  private mutating func reportBehindClose(_ outputs: inout [Output]) {
    guard let violation = behindClose else { return }
    behindClose = nil
    outputs.append(.observation(violation.requirement, violation.reason))
  }

  private func form(of message: WebSocketMessage) -> MessageForm {
    MessageForm(
      opcode: message.opcode, isCompressed: message.compressed, fragments: message.fragmentCount,
      isMinimal: decoder.fragments.allSatisfy(\.header.isLengthMinimal))
  }

  private mutating func read(_ message: WebSocketMessage, _ payload: [UInt8]) -> [Output] {
    var outputs: [Output] = []
    let form = form(of: message)
    let bytes = message.compressed ? inflate(payload, &outputs) : payload
    guard let bytes else {
      let broken = FramelessMessage(bytes: payload, reason: "it cannot be inflated", form: form)
      return outputs + [.item(.message(broken))]
    }
    guard message.opcode == .binary else {
      outputs.append(.observation("frame.message.binary", "a text message came"))
      return outputs + [.item(.message(FramelessMessage(bytes: bytes, reason: "it is text", form: form)))]
    }
    switch FrameCodec.decodeMessage(bytes.span.bytes, revision: revision, maxFrameLength: .max) {
    case .frame(let header): outputs.append(.item(.frame(Self.frame(header, bytes, form))))
    case .trailing(let header, let rest):
      outputs.append(.item(.frame(Self.frame(header, bytes, form))))
      outputs += readBehind(Array(bytes[rest]), form)
    case .violation(let violation):
      if !message.compressed, let frame = compressedFrame(payload, form) {
        // What follows may refer to this message, which the strict one has not seen.
        strictInflater = nil
        return outputs + [.observation("deflate.rsv1", "compressed data came without RSV1"), .item(.frame(frame))]
      }
      let rule: RequirementID? = isSwapped(bytes) ? "frame.byte-order" : violation.requirement(in: revision)
      outputs.append(.observation(rule, violation.reason))
      outputs.append(
        .item(.message(FramelessMessage(bytes: bytes, reason: violation.reason, form: form))))
    }
    return outputs
  }

  /// Reads what follows a frame in its message: where that is frames, they are taken as if they had come alone, since what is wrong
  /// with them is that they did not.
  private func readBehind(_ bytes: [UInt8], _ form: MessageForm) -> [Output] {
    var frames: [Output] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let bytes = Array(rest)
      switch FrameCodec.decodeMessage(bytes.span.bytes, revision: revision, maxFrameLength: .max) {
      case .frame(let header):
        frames.append(.item(.frame(Self.frame(header, bytes, form))))
        rest = []
      case .trailing(let header, let behind):
        frames.append(.item(.frame(Self.frame(header, bytes, form))))
        rest = bytes[behind][...]
      case .violation:
        return [.observation("frame.trailing", "\(rest.count) bytes follow the frame in its message")]
      }
    }
    return [.observation("frame.message.one", "\(1 + frames.count) frames came in one message")] + frames
  }

  private mutating func inflate(_ payload: [UInt8], _ outputs: inout [Output]) -> [UInt8]? {
    guard let deflate else { return nil }
    var inflated: [UInt8] = []
    let outcome = lenientInflater?.inflate(payload.span.bytes, maxLength: Self.inflateLimit, into: &inflated)
    do throws(WindowedInflater.Fault) {
      let message = try strictInflater?.inflate(payload)
      if message?.keepsTail == true {
        outputs.append(.observation("deflate.tail", "the compressed data ends in 00 00 FF FF"))
      }
      if !deflate.contextTakeover(from: role.peer) { strictInflater?.reset() }
      if let message { return message.bytes }
    } catch {
      // Beyond the agreed window, or beyond the beginning of a message that may not refer back.
      let requirement: RequirementID =
        switch error {
        case .distanceBeyondWindow(let distance):
          deflate.contextTakeover(from: role.peer) || distance > 1 << deflate.windowBits(from: role.peer)
            ? "deflate.window" : "deflate.no-takeover"
        // RSV1 says that the message is compressed, and this is no compressed data.
        default: "deflate.rsv1"
        }
      outputs.append(.observation(requirement, "the compressed data breaks what was negotiated: \(error)"))
      // What follows may refer to this message; judging it would only repeat the fault.
      strictInflater = nil
    }
    if case .failed = outcome { return nil }
    return outcome == nil ? nil : inflated
  }

  /// The frame in a message that is none, but is one when it is inflated; nil: it is not, or nothing was agreed.
  private func compressedFrame(_ payload: [UInt8], _ form: MessageForm) -> ReceivedFrame? {
    var inflated: [UInt8] = []
    guard case .inflated? = lenientInflater?.inflate(payload.span.bytes, maxLength: Self.inflateLimit, into: &inflated),
      case .frame(let header) = FrameCodec.decodeMessage(
        inflated.span.bytes, revision: revision, maxFrameLength: .max)
    else { return nil }
    return Self.frame(header, inflated, form)
  }

  /// Whether `length` is right with its bytes the other way round.
  private func isSwapped(_ bytes: [UInt8]) -> Bool {
    guard revision == .v1_3_3, bytes.starts(with: [0xFE, 0xEF]), bytes.count >= 14 else { return false }
    return bytes[2..<6].reduce(0) { $0 << 8 | Int($1) } == bytes.count - 6
  }

  private static func frame(_ header: FrameHeader, _ bytes: [UInt8], _ form: MessageForm) -> ReceivedFrame {
    ReceivedFrame(
      id: header.protocolId, sn: header.sn, length: header.length, payload: Array(bytes[header.payload]), form: form)
  }

  private static func copy(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { Array($0) } }
}
