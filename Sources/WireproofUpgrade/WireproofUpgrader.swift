import NIOConcurrencyHelpers
public import NIOCore
public import NIOHTTP1
import Negotiation
public import ReferencePeer

/// Takes over connections of an existing NIO HTTP/1 pipeline that ask for WebSocket: one of the `upgraders` of
/// `configureHTTPServerPipeline(withServerUpgrade:)`.
///
/// A request that the server's policy refuses (another path, origin or version) is not upgraded: it goes on to the pipeline's own
/// HTTP handlers, which answer it as they answer any request. One upgrader serves any number of channels.
public final class WireproofUpgrader: HTTPServerProtocolUpgrader, Sendable {
  /// The token of `Upgrade` that it stands for.
  public let supportedProtocol = "websocket"

  /// What is required is the policy's business.
  public let requiredUpgradeHeaders: [String] = []

  private let server: MountedServer
  private let granted = NIOLockedValueBox<[ObjectIdentifier: ConnectionDetails]>([:])

  /// An upgrader that hands connections to a server.
  public init(_ server: MountedServer) { self.server = server }

  /// Decides about a request.
  ///
  /// - Returns: The fields of the 101; fails with ``UpgradeRefusal`` where the request is refused.
  public func buildUpgradeResponse(
    channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
  ) -> EventLoopFuture<HTTPHeaders> {
    switch server.decide(Self.bytes(of: upgradeRequest), from: channel.remoteAddress) {
    case .refused(let response, let reason):
      return channel.eventLoop.makeFailedFuture(UpgradeRefusal(status: response.status, reason: reason))
    case .granted(let response, let details):
      let id = ObjectIdentifier(channel)
      granted.withLockedValue { $0[id] = details }
      // The channel may end between the two steps.
      channel.closeFuture.whenComplete { _ in self.granted.withLockedValue { $0[id] = nil } }
      var fields = initialResponseHeaders
      for field in response.fields where !["upgrade", "connection"].contains(field.name.lowercased()) {
        fields.replaceOrAdd(name: field.name, value: field.text)
      }
      return channel.eventLoop.makeSucceededFuture(fields)
    }
  }

  /// The 101 was sent, and the HTTP handlers are gone: the server takes the channel.
  public func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
    let channel = context.channel
    return channel.eventLoop.makeCompletedFuture {
      guard let details = self.granted.withLockedValue({ $0.removeValue(forKey: ObjectIdentifier(channel)) }) else {
        throw ChannelError.inappropriateOperationForState
      }
      try self.server.take(channel, details)
    }
  }

  /// The head as it was on the wire, but for the layout of its lines.
  private static func bytes(of head: HTTPRequestHead) -> [UInt8] {
    var text = "\(head.method.rawValue) \(head.uri) HTTP/\(head.version.major).\(head.version.minor)\r\n"
    for (name, value) in head.headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8)
  }
}

/// Why an upgrade request was refused.
public struct UpgradeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The status that a listener of its own would have answered.
  public let status: Int

  /// The reason, for people.
  public let reason: String

  /// ``reason``.
  public var description: String { reason }
}
