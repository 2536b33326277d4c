import NIOCore
import NIOHTTP1

/// One HTTP connection of a browser: reads a request, has it answered, and sends the events where they are asked for.
final class ConsoleRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// How long events wait for others that go out with them.
  private static let pause = TimeAmount.milliseconds(40)

  private let access: ConsoleAccess
  private let files: ConsoleFiles
  private let api: ConsoleAPI

  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isTooLong = false
  private var subscription: (number: Int, flushing: RepeatedTask)?

  init(access: ConsoleAccess, files: ConsoleFiles, api: ConsoleAPI) {
    self.access = access
    self.files = files
    self.api = api
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
      isTooLong = false
    case .body(let buffer):
      // What is too long is read over: a browser that still sends sees no answer.
      isTooLong = isTooLong || body.count + buffer.readableBytes > ConsoleAPI.contentLimit(of: head?.path ?? "")
      if isTooLong { body = [] } else { body += buffer.readableBytesView }
    case .end:
      guard let head else { return }
      self.head = nil
      respond(to: head, context)
    }
  }

  private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = head.path
    do throws(ConsoleAccess.Refusal) {
      try access.check(head)
      guard path.hasPrefix("/api/") else { return write(file(head, path), head, context) }
      try access.checkToken(head)
    } catch {
      return write(Self.refusal(error), head, context)
    }
    guard !isTooLong else {
      return write(.refusal(.payloadTooLarge, "the content is longer than a request may be"), head, context)
    }
    if head.method == .POST, head.headers["content-type"].first != "application/json" {
      return write(.refusal(.unsupportedMediaType, "the content has to be application/json"), head, context)
    }
    let (api, method, content) = (api, head.method, body)
    body = []
    context.eventLoop.makeFutureWithTask { await api.answer(method, path, content) }
      .assumeIsolated().whenSuccess { self.write($0, head, context) }
  }

  private func file(_ head: HTTPRequestHead, _ path: String) -> ConsoleAnswer {
    guard head.method == .GET || head.method == .HEAD else {
      return .refusal(.methodNotAllowed, "files are read with GET")
    }
    guard let file = files.file(at: path) else { return .refusal(.notFound, "there is nothing at \(path)") }
    return .content(.ok, type: file.type, bytes: file.bytes)
  }

  private static func refusal(_ refusal: ConsoleAccess.Refusal) -> ConsoleAnswer {
    switch refusal {
    case .host: .refusal(.misdirectedRequest, "the console has no such name; --console-name lets one in")
    case .origin: .refusal(.forbidden, "only the console's own page may ask for this")
    case .token: .refusal(.unauthorized, "open the address that wireproof serve has printed: it has the token")
    }
  }

  // MARK: - Answers

  private func write(_ answer: ConsoleAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    var fields = HTTPHeaders(ConsoleFiles.securityFields)
    switch answer {
    case .events:
      fields.add(name: "content-type", value: "text/event-stream; charset=utf-8")
      context.writeAndFlush(
        wrapOutboundOut(.head(.init(version: head.version, status: .ok, headers: fields))), promise: nil)
      subscribe(context)
    case .content(let status, let type, let bytes, let name):
      fields.add(name: "content-type", value: type)
      fields.add(name: "content-length", value: "\(bytes.count)")
      if let name { fields.add(name: "content-disposition", value: "attachment; filename=\"\(name)\"") }
      context.write(wrapOutboundOut(.head(.init(version: head.version, status: status, headers: fields))), promise: nil)
      if head.method != .HEAD {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      if !head.isKeepAlive { context.close(promise: nil) }
    }
  }

  private func subscribe(_ context: ChannelHandlerContext) {
    guard subscription == nil else { return }
    let (channel, events) = (context.channel, api.events)
    let subscriber = EventSubscriber(channel: channel, events: events)
    let number = events.subscribe(api.known) { subscriber.write($0) }
    subscriber.number = number
    let flushing = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.pause) { _ in
      events.flush(number)
    }
    subscription = (number, flushing)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let (number, flushing) = subscription {
      flushing.cancel()
      api.events.unsubscribe(number)
      subscription = nil
    }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Writes events to a page. Unchecked: its number is set before the first flush, on the event loop of the channel, where all flushes are.
private final class EventSubscriber: @unchecked Sendable {
  let channel: any Channel
  let events: EventStream
  var number = 0

  init(channel: any Channel, events: EventStream) {
    self.channel = channel
    self.events = events
  }

  func write(_ bytes: [UInt8]) {
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))).whenComplete { _ in
      self.events.resume(self.number)
    }
  }
}

extension HTTPRequestHead {
  /// The path of the target, without the query.
  fileprivate var path: String { String(uri.prefix { $0 != "?" && $0 != "#" }) }
}
