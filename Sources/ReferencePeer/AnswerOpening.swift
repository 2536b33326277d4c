import Specification

/// The first bytes of what should be the answer to an upgrade request: tells who answers when it is no HTTP server.
package struct AnswerOpening: Sendable {
  /// How many bytes are looked at.
  private static let keptBytes = 64

  private var bytes: [UInt8] = []

  /// How many bytes came.
  package private(set) var count = 0

  /// The TLS handshake has not ended: what comes is not the server's answer yet, and the request was not sent.
  package var isBeforeTLS = false

  /// Nothing has come yet.
  package init() {}

  /// Takes bytes that came.
  package mutating func append(_ more: some Collection<UInt8>) {
    count += more.count
    if bytes.count < Self.keptBytes { bytes += more.prefix(Self.keptBytes - bytes.count) }
  }

  /// What answers instead of HTTP; nil: what came is HTTP, or may still become it.
  package var stranger: DialFailure? {
    let http = Array("HTTP/".utf8)
    guard !bytes.starts(with: http.prefix(bytes.count)) else { return nil }
    if bytes.count >= 2, (0x14...0x17).contains(bytes[0]), bytes[1] == 3 {
      return DialFailure(.peerWantsTLS, "the server answers in TLS")
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    // A line break at the very beginning says nothing: what stands behind it does.
    let shown = line.isEmpty ? bytes[...] : line
    let who = line.starts(with: "SSH-".utf8) ? "an SSH server answers" : "what answers does not speak HTTP"
    return DialFailure(.notHTTP, "\(who): \"\(InertText.ascii(shown))\"\(shown.count == Self.keptBytes ? "…" : "")")
  }

  /// Why there is no answer when the peer ended the transport here.
  package var cut: DialFailure {
    count == 0
      ? DialFailure(.closed, "the server ended the connection without an answer to the upgrade request")
      : DialFailure(.closed, "the server ended the connection in the middle of its answer, after \(count) bytes")
  }

  /// Why there is no answer when time was up here.
  ///
  /// - Parameter seconds: how long was waited.
  package func late(after seconds: Double) -> DialFailure {
    let time = seconds == seconds.rounded() ? "\(Int64(clamping: Int(exactly: seconds) ?? 0))" : "\(seconds)"
    if isBeforeTLS {
      return DialFailure(.peerLacksTLS, "the TLS handshake did not end within \(time) s, as with a server without TLS")
    }
    return count == 0
      ? DialFailure(.silent, "no answer to the upgrade request came within \(time) s")
      : DialFailure(.silent, "the answer to the upgrade request was not whole within \(time) s: \(count) bytes came")
  }
}
