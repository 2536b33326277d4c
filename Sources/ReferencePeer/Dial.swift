import NIOCore
import Negotiation
import Specification

/// A client's attempt to connect, until its connection is open or the attempt has failed.
final class Dial {
  /// The bytes of the upgrade request, until they are written.
  private var request: [UInt8]?

  /// What the client says about itself in the query.
  let metadata: ConnectionMetadata

  /// What has come of the answer.
  private(set) var opening: AnswerOpening

  /// The first thing that went wrong.
  private var failure: DialFailure?

  private let promise: EventLoopPromise<Connection>

  /// - Parameters:
  ///   - request: The bytes of the upgrade request.
  ///   - metadata: What the client says about itself in the query.
  ///   - isSecure: Whether a TLS handshake comes first.
  ///   - promise: Gets the connection, or why there is none.
  init(request: [UInt8], metadata: ConnectionMetadata, isSecure: Bool, promise: EventLoopPromise<Connection>) {
    self.request = request
    self.metadata = metadata
    self.promise = promise
    opening = AnswerOpening()
    opening.isBeforeTLS = isSecure
  }

  /// The bytes of the upgrade request, the first time.
  func takeRequest() -> [UInt8]? {
    defer { request = nil }
    return request
  }

  /// The TLS handshake has ended.
  func tlsIsUp() { opening.isBeforeTLS = false }

  /// Bytes came that should be the answer.
  ///
  /// - Returns: Who answers instead of an HTTP server; nil: nobody else as yet.
  func received(_ bytes: some Collection<UInt8>) -> DialFailure? {
    opening.append(bytes)
    return opening.stranger
  }

  /// Takes note of what went wrong; the first counts.
  func note(_ failure: DialFailure) {
    if self.failure == nil { self.failure = failure }
  }

  func succeed(_ connection: Connection) { promise.succeed(connection) }

  /// The channel is gone. Where nothing is known before the request was written, TCP was not connected: then the bootstrap knows
  /// why, and it may be trying another address still.
  func fail() {
    if failure == nil, request != nil { return }
    promise.fail(ConnectionError.dialFailed(failure ?? opening.cut))
  }
}

extension HandshakeError {
  /// What the violation in an answer means for the attempt to connect.
  ///
  /// - Parameter head: The answer, where it was read whole.
  func failure(_ head: HTTPMessageHead?) -> DialFailure {
    guard let head, case .response(let version, let status, let phrase) = head.startLine,
      code == .refused || status != 101
    else { return DialFailure(.badAnswer, "the answer to the upgrade request breaks a rule: \(reason)") }
    // What is no 101 is a refusal in whatever version it is; what else is wrong with it does not matter to who asked.
    var text =
      version == "HTTP/1.0"
      ? "the server answers in HTTP/1.0, which has no upgrade, with"
      : "the server refused the upgrade with HTTP"
    text += " \(status)"
    if !phrase.isEmpty { text += " \(InertText.visible(phrase, limit: 100))" }
    if (300...399).contains(status), let place = head.text("location") {
      text += " to \(InertText.visible(place, limit: 100))"
    }
    return DialFailure(.refused(status: status), text)
  }
}
