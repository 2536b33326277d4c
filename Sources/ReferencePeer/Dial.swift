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

  /// The channel is gone.
  ///
  /// - Parameter end: Why, where the handler knows. nil before the request was written: TCP was not connected. Then the
  ///   bootstrap knows why, and it may be trying another address still.
  func fail(_ end: ConnectionEnd?) {
    if end == nil, request != nil { return }
    let end = end ?? ConnectionEnd(cause: .transportEnded, detail: "")
    promise.fail(ConnectionError.dialFailed(end.detail.isEmpty ? end.description : end.detail))
  }
}
