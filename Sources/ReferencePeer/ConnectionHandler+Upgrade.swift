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
      switch settings.verdict(on: request, from: context?.remoteAddress) {
      case .refused(let response, let reason): refuse(response, reason)
      case .granted(var response, let details):
        buffer.moveReaderIndex(forwardBy: taken)
        settings.mutation?.response?(&response, true)
        guard let bytes = try? response.bytes() else {
          return refuse(HandshakeResponder.refuse(parser.unfinished).response, "the answer cannot be written")
        }
        accept(details, bytes)
        if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
      }
    }
  }

  /// The client is let in.
  ///
  /// - Parameters:
  ///   - details: what is known of it.
  ///   - response: the bytes of the 101; nil where somebody else has sent it.
  func accept(_ details: ConnectionDetails, _ response: [UInt8]?) {
    open(details)
    if settings.mutation?.refusesNewcomers == true, let hub = settings.hub, let identity = self.details?.identity,
      hub.connection(identity: identity) != nil
    {
      if let response { writeRaw(response) }
      return close(code: 1008, reason: "")
    }
    // A client that has its 101 is in the hub, and has it before the one that it displaces hears of it.
    let displaced = settings.hub?.register(self)
    if let response {
      writeRaw(response)
      flush()
    }
    if let displaced, settings.mutation?.displacesNobody != true, let address = self.details?.address {
      // Never at once, also on the same event loop: the newcomer comes first.
      displaced.loop.eventLoop.execute { displaced.displace(by: address) }
    }
    settings.callbacks.established?(handle)
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
    if settings.handlers.collects {
      let handle = handle
      inbox = MessageInbox(limit: settings.options.collectedMessageLimit) { handle.onLoop { $0.resumeBacklog() } }
    }
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
