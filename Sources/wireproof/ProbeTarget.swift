import Conformance
import NIOCore
import NIOSSL
import Negotiation
import ReferencePeer

/// Where the server to be probed is, and how it is reached.
struct ProbeTarget {
  /// The address without its query, as results name it.
  let name: String

  /// For the engine.
  let target: ScriptTarget

  /// Reads what the user gave.
  ///
  /// - Parameters:
  ///   - url: `ws://` or `wss://`, with path and query.
  ///   - headers: Further fields of every upgrade request, `K: V`.
  ///   - query: Further parameters, `K=V`, not escaped.
  ///   - tls: How TLS is done for `wss`.
  init(url: String, headers: [String], query: [String], tls: TLSArguments) throws {
    let parsed: ConnectionURL
    do { parsed = try ConnectionURL(url) } catch {
      throw SetupFault(TransportFault.reason(of: error))
    }
    var target = ScriptTarget(host: parsed.host, port: parsed.port, path: parsed.path)
    target.authority = parsed.hostField
    // Every case has a user id of its own.
    target.query =
      QueryParameters(Array(parsed.query.utf8)).pairs.map { pair in
        (String(decoding: pair.name, as: UTF8.self), String(decoding: pair.value, as: UTF8.self))
      }.filter { $0.0 != "uid" } + query.map { Self.pair($0, at: "=") }
    target.fields = headers.map { field in
      let pair = Self.pair(field, at: ":")
      return (pair.name, String(pair.value.drop(while: { $0 == " " })))
    }
    if parsed.isSecure {
      let context: NIOSSLContext
      let configuration = try tls.configuration()
      do { context = try NIOSSLContext(configuration: configuration) } catch {
        throw SetupFault("certificates and key cannot be used together: \(TransportFault.reason(of: error))")
      }
      let host = parsed.host
      target.secure = { channel in
        channel.eventLoop.makeCompletedFuture {
          // An address is no name that a certificate could be checked against by SNI.
          let handler = try? NIOSSLClientHandler(context: context, serverHostname: host)
          try channel.pipeline.syncOperations.addHandler(
            handler ?? NIOSSLClientHandler(context: context, serverHostname: nil))
        }
      }
    }
    name = "\(parsed.isSecure ? "wss" : "ws")://\(parsed.hostField)\(parsed.path)"
    self.target = target
  }

  private static func pair(_ text: String, at separator: Character) -> (name: String, value: String) {
    let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (parts[0], parts.count > 1 ? parts[1] : "")
  }
}
