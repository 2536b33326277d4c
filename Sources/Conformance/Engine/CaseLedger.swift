import NIOConcurrencyHelpers

/// Which case a payload belongs to: the payloads that the engine makes, and those of scripts that begin with `$uid`, begin
/// with the user id of their case.
final class CaseLedger: Sendable {
  /// How many cases are remembered; more than a run has.
  private static let maximum = 100_000

  private let cases = NIOLockedValueBox<[String: String]>([:])

  /// A ledger without cases.
  init() {}

  /// Takes note of a case that begins.
  func begin(_ caseID: String, uid: String) {
    cases.withLockedValue { if $0.count < Self.maximum { $0[uid] = caseID } }
  }

  /// The case that a payload belongs to; nil where it does not tell.
  func owner(of payload: [UInt8]) -> String? {
    let word = payload.prefix(32).prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    return cases.withLockedValue { $0[String(decoding: word, as: UTF8.self)] }
  }
}
