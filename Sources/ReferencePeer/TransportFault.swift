import NIOCore
import NIOPosix
import NIOSSL
import Specification

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension IOError {
  /// What the system says about it: "Connection refused".
  package var localizedReason: String { String(cString: strerror(errnoCode)) }
}

/// What went wrong with a transport, for people.
package enum TransportFault {
  /// The system's or the resolver's words, without the names of functions.
  package static func reason(of error: any Error) -> String { failure(of: error).reason }

  /// What kind of obstacle an error is.
  package static func failure(of error: any Error) -> DialFailure {
    switch error {
    case let failure as DialFailure: failure
    case ConnectionError.dialFailed(let failure): failure
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode):
      DialFailure(.closed, "the peer reset the connection")
    case let error as IOError: DialFailure(.unreachable, error.localizedReason)
    case let error as NIOConnectionError: unreachable(error)
    case ChannelError.connectTimeout: DialFailure(.unreachable, "nobody answers")
    case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof:
      DialFailure(.closed, "the connection has ended")
    case let error as NIOSSLError: tls(error)
    case let error as NIOSSLExtraError: certificateName(error)
    case let error as BoringSSLError: tls(error)
    default: DialFailure(.closed, printable("\(error)"))
    }
  }

  private static func unreachable(_ error: NIOConnectionError) -> DialFailure {
    if let last = error.connectionErrors.last { return failure(of: last.error) }
    if error.dnsAError != nil || error.dnsAAAAError != nil {
      return DialFailure(.unreachable, "there is no host \(printable(error.host))")
    }
    return DialFailure(.unreachable, "nobody answers")
  }

  private static func tls(_ error: NIOSSLError) -> DialFailure {
    switch error {
    case .handshakeFailed(let error): tls(error)
    case .uncleanShutdown: DialFailure(.closed, "the peer ended TCP without ending TLS")
    default: DialFailure(.tlsFailed, "TLS failed: \(printable("\(error)"))")
    }
  }

  private static func certificateName(_ error: NIOSSLExtraError) -> DialFailure {
    switch error {
    case .failedToValidateHostname, .serverHostnameImpossibleToMatch:
      DialFailure(.untrustedCertificate, "the server's certificate is for another name than the URL's host")
    default: DialFailure(.tlsFailed, "TLS failed: \(printable("\(error)"))")
    }
  }

  /// BoringSSL's reasons are words in a text such as `…:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE`.
  private static func tls(_ error: BoringSSLError) -> DialFailure {
    guard case .sslError(let stack) = error else { return DialFailure(.tlsFailed, "TLS failed") }
    if stack.contains(.eofDuringHandshake) {
      return DialFailure(.peerLacksTLS, "the server ended the connection in the TLS handshake, as one without TLS does")
    }
    let words = stack.compactMap { word(of: "\($0)") }
    func has(_ part: String) -> Bool { words.contains { $0.contains(part) } }
    if has("CERTIFICATE_VERIFY_FAILED") {
      return DialFailure(
        .untrustedCertificate, "the server's certificate is not trusted: an unknown authority, self-signed, or expired")
    }
    if has("HTTP_REQUEST") || has("WRONG_VERSION_NUMBER") || has("INVALID_CONTENT_TYPE") || has("BAD_PACKET") {
      return DialFailure(.peerLacksTLS, "the server does not answer in TLS")
    }
    if has("ALERT_CERTIFICATE_REQUIRED") || has("ALERT_BAD_CERTIFICATE") || has("ALERT_UNKNOWN_CA")
      || has("ALERT_CERTIFICATE_UNKNOWN") || has("PEER_DID_NOT_RETURN_A_CERTIFICATE")
    {
      return DialFailure(
        .clientCertificateWanted, "the server does not accept this client's certificate, or its lack of one")
    }
    let text = words.map { $0.lowercased().split(separator: "_").joined(separator: " ") }.joined(separator: "; ")
    return DialFailure(.tlsFailed, text.isEmpty ? "TLS failed" : "TLS failed: \(printable(text))")
  }

  private static func word(of text: String) -> String? {
    let marker = "OPENSSL_internal:"
    guard let start = text.firstRange(of: marker)?.upperBound else { return nil }
    return String(text[start...].prefix { !$0.isWhitespace })
  }

  /// Errors may hold what the peer sent.
  private static func printable(_ text: String) -> String { InertText.visible(text, limit: 200) }
}
