import PacketCapture
import TLSRecords

/// TLS on a connection, or within another: what waits for secrets, and what was found.
final class EncryptedLayer {
  /// What came while no secrets were known.
  struct Waiting {
    enum Content {
      case bytes([UInt8])
      case missing(Int)
      /// What the layer itself had not read when it began to wait.
      case begun
    }

    var direction: Direction
    var content: Content
    var stamp: PacketStamp
    var isAhead: Bool
  }

  /// What the client sent before the server's answer, which may refuse it.
  struct EarlyContent {
    var bytes: [UInt8]
    var stamp: PacketStamp
    var isAhead: Bool
  }

  /// Bytes of a connection that wait for secrets at most.
  static let waitingLimit = 1 << 18
  /// Bytes of early data that wait for the server's answer at most.
  static let earlyLimit = 1 << 18

  let tls: TLSConnection
  var waiting: [Waiting] = []
  var waitingBytes = 0
  /// The packet that completed what is being read; of the outermost layer.
  var stamp = PacketStamp(number: 0, time: nil)
  var early: [EarlyContent] = []
  var earlyBytes = 0
  /// Whether the server takes early data; nil: not known yet.
  var takesEarlyData: Bool?
  /// The packet that the record began in which is not complete, by direction.
  var began: [PacketStamp?] = [nil, nil]
  /// The last alert that ended a direction, and who sent it.
  var alert: (description: UInt8, direction: Direction)?
  /// Why nothing can be opened, other than that secrets are missing.
  var unsupported: String?
  /// Secrets that the key log lacks though it has others of the connection.
  var lackedSecrets: [TLSKeyLog.Label] = []
  /// Whether it was said that packets were cut when captured.
  var saidCut = false
  /// Records that were not authentic.
  var badRecords = 0
  /// Whether something that is no record ended the reading.
  var isStrange = false

  init(_ tls: TLSConnection) { self.tls = tls }
}
