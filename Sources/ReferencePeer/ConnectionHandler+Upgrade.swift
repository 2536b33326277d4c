import Conversation
import Deflate
import FrameCodec
import Logging
import NIOCore
import Negotiation
import Specification
import WebSocketCodec

extension ConnectionHandler {
  // MARK: - Server

  func readUpgradeRequest(_ buffer: inout ByteBuffer, _ parser: inout UpgradeRequestParser) {
    let outcome = buffer.withUnsafeReadableBytes { parser.read($0.bytes) }
    switch outcome {
    case .incomplete:
      phase = .accepting(parser)
    case .violation(let error):
      refuse(HandshakeResponder.refuse(error, policy: settings.handshakePolicy).response, error.reason)
    case .request(let request, let taken):
      let decision = HandshakeResponder.decide(request, policy: settings.handshakePolicy)
      guard let agreement = decision.agreement else {
        return refuse(decision.response, decision.rejection ?? "refused")
      }
      var metadata = agreement.metadata
      switch settings.admission?(request) {
      case .accepted(let own)?: metadata = own
      case .refused(let status, let detail)?:
        return refuse(.refusal(status: max(status, 400), detail: detail), detail)
      case nil: break
      }
      buffer.moveReaderIndex(forwardBy: taken)
      var granted = decision.response
      settings.mutation?.response?(&granted, true)
      guard let response = try? granted.bytes() else {
        return refuse(HandshakeResponder.refuse(parser.unfinished).response, "the answer cannot be written")
      }
      open(
        ConnectionDetails(
          metadata: metadata, selection: agreement.selection,
          address: ClientAddress.of(
            request.head, host: context?.remoteAddress?.ipAddress ?? "",
            port: UInt16(clamping: context?.remoteAddress?.port ?? 0),
            trustsProxyFields: settings.trustsProxyFields),
          deflate: agreement.deflate))
      if settings.mutation?.refusesNewcomers == true, let hub = settings.hub, let identity = details?.identity,
        hub.connection(identity: identity) != nil
      {
        writeRaw(response)
        return close(code: 1008, reason: "")
      }
      // A client that has its 101 is in the hub, and has it before the one that it displaces hears of it.
      let displaced = settings.hub?.register(self)
      writeRaw(response)
      flush()
      if let displaced, settings.mutation?.displacesNobody != true, let address = details?.address {
        // Never at once, also on the same event loop: the newcomer comes first.
        displaced.loop.eventLoop.execute { displaced.displace(by: address) }
      }
      settings.callbacks.established?(handle)
      if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
    }
  }

  private func refuse(_ response: UpgradeResponse, _ reason: String) {
    noteEnd(ConnectionEnd(cause: .handshakeFailed, detail: reason))
    settings.logger.info(
      "upgrade refused",
      metadata: [
        "status": "\(response.status)", "reason": "\(reason)",
        "remote": "\(context?.remoteAddress?.description ?? "")",
      ])
    var answer = response
    settings.mutation?.response?(&answer, false)
    if let bytes = try? answer.bytes() { writeRaw(bytes) }
    closeTransport()
  }

  // MARK: - Client

  func readUpgradeResponse(_ buffer: inout ByteBuffer, _ parser: inout UpgradeResponseParser) {
    dial?.opening.append(buffer.readableBytesView)
    if let stranger = dial?.opening.stranger { return giveUpDialing(stranger) }
    let outcome = buffer.withUnsafeReadableBytes { parser.read($0.bytes) }
    switch outcome {
    case .incomplete:
      phase = .dialing(parser)
    case .violation(let error, let head, _): giveUpDialing(error.failure(head))
    case .upgraded(let answer, let taken):
      buffer.moveReaderIndex(forwardBy: taken)
      guard let dial else { return }
      let asked = dial.metadata
      open(
        ConnectionDetails(
          metadata: asked,
          selection: NegotiatedSelection(
            version: answer.version ?? asked.version, charset: answer.charset ?? asked.charset,
            selectedProtocol: answer.selectedProtocol),
          address: context?.remoteAddress.map(Self.text) ?? [], deflate: answer.deflate))
      self.dial = nil
      settings.callbacks.established?(handle)
      dial.succeed(handle)
      if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
    }
  }

  /// Ends an attempt to connect, and says why.
  func giveUpDialing(_ failure: DialFailure) {
    dial?.note(failure)
    noteEnd(ConnectionEnd(cause: .handshakeFailed, detail: failure.reason))
    context?.close(promise: nil)
  }

  private static func text(_ address: SocketAddress) -> [UInt8] {
    Array(ClientAddress.peer(host: address.ipAddress ?? "", port: UInt16(clamping: address.port ?? 0)).utf8)
  }

  // MARK: - Both

  /// The upgrade is done: frames may come.
  private func open(_ details: ConnectionDetails) {
    let details = mutated(details)
    self.details = details
    if settings.mutation?.overlooks != nil { decoder.configuration.mode = .lenient }
    phaseDeadline = .max
    phase = .open
    decoder.configuration.allowsCompression = details.deflate != nil
    decoder.configuration.maxMessageLength = settings.maxMessageLength
    if let deflate = details.deflate, let options = settings.options.compression {
      compression = MessageCompression(parameters: deflate, role: role, level: options.level)
    }
    conversation = Conversation(
      role: role,
      configuration: settings.conversationConfiguration(displacementProtocolId: revision.displacementProtocolId),
      establishedAt: LoopResources.now())
    loop.counters?.opened()
  }
}
