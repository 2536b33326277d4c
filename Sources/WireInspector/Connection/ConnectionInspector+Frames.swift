import FrameCodec
import Negotiation
import PacketCapture
import Specification

/// Messages as frames of the protocol.
extension ConnectionInspector {
  func processMessage(_ info: MessageInfo, _ bytes: RawSpan, isAhead: Bool) {
    if info.isCut || info.isPassedOver { return processBeginning(of: info, bytes, isAhead: isAhead) }
    let role = role(info.direction)
    func emit(_ code: InspectionFindingCode, _ offset: Int?, _ message: String, _ requirement: RequirementID? = nil) {
      self.emit(
        FindingRecord(code, requirement, role: role, offset: offset, message: message, isProof: mayBeOurs),
        first: info.first, last: info.last)
    }
    func other(holdsFrame: Bool) {
      if holdsFrame || Self.startsWithMagic(bytes) { sawOwnMessage = true } else { otherMessages[info.direction] += 1 }
      output.other(
        OtherMessageRecord(
          role: role, isText: info.isText, isCompressed: info.isCompressed, fragments: info.fragments,
          wireLength: info.wireLength, holdsFrame: holdsFrame), payload: bytes,
        at: RecordPlace(connection: number, first: info.first, last: info.last))
    }
    if info.isText {
      other(holdsFrame: false)
      pairing.passOver(from: role)
      emit(.unexpectedText, nil, "a text message of \(bytes.byteCount) bytes; frames are binary messages")
      // Of one that is not compressed the decoder has told.
      if info.isCompressed, !isUTF8(bytes) { emit(.badUTF8, nil, "a text message is not UTF-8", "ws.text.utf8") }
      return
    }
    let revision = revision ?? .current
    switch FrameCodec.decodeMessage(bytes, revision: revision, maxFrameLength: .max) {
    case .frame(let header): processFrame(header, info, role, bytes, isAhead)
    case .trailing(let header, let rest):
      processFrame(header, info, role, bytes, isAhead)
      other(holdsFrame: true)
      emit(.trailingBytes, rest.lowerBound, "\(rest.count) bytes follow the frame in its message", "frame.trailing")
    case .violation(let violation):
      other(holdsFrame: false)
      pairing.passOver(from: role)
      emit(
        InspectionFindingCode(violation, in: revision, messageLength: bytes.byteCount), violation.offset,
        violation.reason, violation.requirement(in: revision))
      if violation.code == .short, bytes.byteCount >= FrameCodec.prefixSize, revision != .v1_1 {
        let announced = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt32.self))
        if announced > options.frameLimit {
          emit(.tooLarge, 2, "length \(announced) is above the limit \(options.frameLimit)")
        }
      }
    }
  }

  /// Whether the connection can be one of the protocol: its client offers others only, and nothing else speaks for it.
  private var mayBeOurs: Bool { sawOwnMessage || !exchange.offersOtherProtocols }

  private func isUTF8(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { (try? UTF8Span(validating: $0.bindMemory(to: UInt8.self).span)) != nil }
  }

  func processFrame(
    _ header: FrameHeader, _ info: MessageInfo, _ role: PeerRole, _ bytes: RawSpan, _ isAhead: Bool
  ) {
    sawOwnMessage = true
    let payload = bytes.extracting(
      min(header.payload.lowerBound, bytes.byteCount)..<min(header.payload.upperBound, bytes.byteCount))
    let isDisplacement =
      header.protocolId == header.revision.displacementProtocolId && role == .server && (header.sn ?? 0) == 0
    var result: CallPairing.Result
    if isDisplacement {
      result = CallPairing.Result(kind: .displacement)
    } else {
      result = pairing.observe(
        header, from: role, first: info.first, last: info.last, isEarly: isAhead, isTruncated: info.isCut)
    }
    if options.keptRequestBytes > 0 { keepRequest(header, role, payload, result) }
    let place = RecordPlace(connection: number, first: info.first, last: info.last)
    output.frame(
      FrameRecord(
        header: header, fragments: info.fragments, wireLength: info.wireLength, maskingKey: info.maskingKey, role: role,
        kind: result.kind, charset: charset, isCompressed: info.isCompressed, isTruncated: info.isCut),
      payload: payload,
      at: place)
    let size = UInt64(header.length ?? UInt32(clamping: bytes.byteCount))
    if size > UInt64(options.frameLimit) {
      emit(
        FindingRecord(
          .tooLarge, role: role, offset: header.length == nil ? 0 : 2,
          message: "length \(size) is above the limit \(options.frameLimit)"), first: info.first, last: info.last)
    }
    if isDisplacement, !info.isCut { processDisplacement(payload, info) }
    for call in result.calls {
      output.call(call.record, at: RecordPlace(connection: number, first: call.first, last: info.last))
    }
    for finding in result.findings {
      emit(
        FindingRecord(
          finding.code, role: finding.role, offset: nil, message: finding.message, isProof: finding.isProof),
        first: info.first, last: info.last)
    }
  }

  func processDisplacement(_ payload: RawSpan, _ info: MessageInfo) {
    do {
      let displacement = try Displacement(decoding: payload)
      let newAddress = String(decoding: displacement.newAddress, as: UTF8.self)
      let withSource = revision == nil || revision == .v1_3_3
      let identity =
        exchange.handshake.map { String(decoding: $0.metadata.identity(withSource: withSource), as: UTF8.self) }
        ?? "a connection of unknown identity"
      let displacer = output.connectionNumber(client: newAddress).map { " (connection \($0))" } ?? ""
      emit(
        FindingRecord(
          .displaced, role: .server, offset: nil,
          message:
            "\(identity) at \(String(decoding: displacement.oldAddress, as: UTF8.self)) is displaced by \(newAddress)\(displacer)"
        ),
        first: info.first, last: info.last)
    } catch {
      emit(
        FindingRecord(
          .badDisplacement, role: .server, offset: error.offset, message: "the displacement's payload cannot be parsed"),
        first: info.first, last: info.last)
    }
  }

  var charset: TextCharset {
    if let charset = options.charset { return charset }
    switch exchange.handshake?.metadata.charset {
    case 1: return .gbk
    case 0, nil: return .utf8
    default: return .unknown
    }
  }
}
