package import CaptureFile
package import FrameCodec
import Glibc

/// How captures are inspected.
package struct InspectionOptions: Sendable {
  /// The revision to take for every connection, nil to detect it.
  package var revision: Revision?
  /// The charset of text payloads, nil to take the connection's.
  package var charset: TextCharset?
  /// Only connections with one of these ports; empty for all.
  package var ports: [UInt16] = []
  /// A call that takes longer is reported as slow. Nanoseconds.
  package var slow: Int64 = 1_000_000_000
  /// Only the connection with this number is written; nil for all.
  package var followedConnection: Int?
  /// The largest value of the field `length` that a receiver accepts; more is reported.
  package var frameLimit: UInt32 = FrameCodec.defaultMaxFrameLength
  /// Bytes of a message, on the wire and inflated, that are kept at most; longer messages are reported and passed over.
  package var messageLimit = 16 << 20
  /// How much compressed captures may grow.
  package var inflationLimit = InflationLimit()
  /// How many bytes compressed messages of all connections may inflate to together, beyond the ratio of ``inflationLimit``.
  package var messageAllowance = 1 << 28
  /// A file with TLS secrets in the NSS format; may grow while it is read.
  package var keyLogPath: String?
  /// Whether it is passed over that the file is not there, because nobody named it for this run.
  package var isKeyLogOptional = false
  /// Bytes of a request's payload that are kept to be shown if it gets no answer; 0 for none.
  package var keptRequestBytes = 0
  /// Objects of a connection that wait for its revision at most, and their bytes.
  package var heldObjects = 64
  package var heldBytes = 4 << 20
  /// How many connections keep all of their state before those that are not used give memory away; 0: each does after each packet.
  package var awakeConnections = 256

  package init() {}

  /// Takes the secrets of TLS connections from a file; without one from that which SSLKEYLOGFILE names, as other programs do.
  package mutating func useKeyLog(_ path: String?) {
    keyLogPath = path ?? getenv("SSLKEYLOGFILE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    isKeyLogOptional = path == nil
  }
}

/// What `--revision` takes.
package enum RevisionChoice: String, CaseIterable, Sendable {
  case auto
  case v1_1 = "1.1"
  case v1_2 = "1.2"
  case v1_3_0 = "1.3.0"
  case v1_3_3 = "1.3.3"

  /// The revision, nil to detect it.
  package var revision: Revision? { Revision(rawValue: rawValue) }
}

/// What `--charset` takes.
package enum CharsetChoice: String, CaseIterable, Sendable {
  case auto, utf8, gbk

  /// The charset, nil to take the connection's.
  package var charset: TextCharset? {
    switch self {
    case .auto: nil
    case .utf8: .utf8
    case .gbk: .gbk
    }
  }
}
