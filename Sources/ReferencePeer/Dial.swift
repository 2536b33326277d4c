import NIOCore
import Negotiation

/// A client's attempt to connect, until its connection is open or the attempt has failed.
final class Dial {
  /// The bytes of the upgrade request, until they are written.
  var request: [UInt8]?

  /// What the client says about itself in the query.
  let metadata: ConnectionMetadata

  private let promise: EventLoopPromise<Connection>

  init(request: [UInt8], metadata: ConnectionMetadata, promise: EventLoopPromise<Connection>) {
    self.request = request
    self.metadata = metadata
    self.promise = promise
  }

  func succeed(_ connection: Connection) { promise.succeed(connection) }

  func fail(_ end: ConnectionEnd) {
    promise.fail(ConnectionError.dialFailed(end.detail.isEmpty ? end.description : end.detail))
  }
}
