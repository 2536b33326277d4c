import Deflate
import Specification

/// Inflates the compressed messages of one direction in their order, leniently, and tells what stands against the agreement.
///
/// Whoever uses it has it alone meanwhile; ``InflationThreads`` sees to that where several threads inflate.
final class MessageInflation {
  /// What came of a message.
  enum Outcome {
    /// It is inflated; and whether it refers back to an earlier one against the agreement.
    case inflated(tookOverContext: Bool)
    /// It inflates to more than is kept.
    case tooLarge
    /// It refers back to bytes that are not in the capture.
    case contextLost
    /// It cannot be inflated, and why.
    case failed(String)
    /// Nothing more is inflated, as too much was.
    case refused
  }

  /// What is known of the agreement when a message comes.
  struct Agreement {
    /// Whether the sender's messages may refer back to earlier ones; nil: that is not known.
    var takesOverContext: Bool?
    /// Whether the answer to the upgrade was captured.
    var isAnswered: Bool
  }

  /// Bytes that are inflated and thrown away of a message that is too long, at most, where nothing else bounds them.
  private static let discardLimit = 1 << 30
  /// DEFLATE's shortest code stands for a copy of 258 bytes, and for its distance (RFC 1951 §3.2.5): 2 bits.
  private static let largestGrowth = 258 * 4

  private var inflater: LenientInflater?
  private var contextIsLost = false
  /// How many more messages are looked at for references to earlier ones that were agreed not to be.
  private var takeoverChecks: UInt8 = 16
  /// The messages that wait for a thread, and whether one has taken some of them. Only ``InflationThreads`` touches these.
  var waiting: [InflationTask] = []
  var isTaken = false

  /// How many bytes a message can be made to inflate to: as it comes, without what came before, and to see whether it stands alone.
  static func mostBytes(from compressed: Int) -> Int { 3 * (compressed + 1) * largestGrowth }

  /// Gives memory away until the next message.
  func rest() { inflater?.rest() }

  /// Messages that may have been lost unseen: whatever refers back may refer to them.
  func loseContext() { contextIsLost = true }

  /// Bytes of the direction are lost, perhaps of compressed messages.
  ///
  /// - Returns: Whether that is the first loss of what later messages are agreed to refer back to.
  func loseBytes(_ agreement: Agreement) -> Bool {
    inflater?.dropContext()
    guard agreement.takesOverContext != false else { return false }
    let isNews = agreement.takesOverContext == true && !contextIsLost
    contextIsLost = true
    return isNews
  }

  /// Inflates the next message, if no more has been inflated so far than may be.
  ///
  /// - Parameters:
  ///   - limit: Bytes that it may inflate to.
  ///   - output: Counts what is inflated, and says how much more may be.
  ///   - inflated: What it inflates to is appended.
  func inflate(
    _ bytes: RawSpan, _ agreement: Agreement, limit: Int, counting output: InspectionOutput,
    into inflated: inout [UInt8]
  ) -> Outcome {
    guard !output.isInflationExceeded else { return .refused }
    let (outcome, count) = inflate(bytes, agreement, limit: limit, left: output.inflationLeft, into: &inflated)
    output.inflatedBytes += count
    return outcome
  }

  /// Inflates the next message.
  ///
  /// - Parameters:
  ///   - limit: Bytes that it may inflate to.
  ///   - left: Bytes that may be inflated in all.
  ///   - inflated: What it inflates to is appended.
  /// - Returns: What came of it, and how many bytes were inflated for that.
  func inflate(
    _ bytes: RawSpan, _ agreement: Agreement, limit: Int, left: Int = discardLimit, into inflated: inout [UInt8]
  ) -> (outcome: Outcome, inflatedBytes: Int) {
    if inflater == nil { inflater = try? LenientInflater() }
    guard let inflater else { return (.refused, 0) }
    let start = inflated.count
    var total = 0
    let discarded = inflater.discardedBytes
    // One piece more than what is left, so that the limit shows to be exceeded.
    inflater.discardLimit = min(Self.discardLimit, left) + 65_536
    var tookOver = false
    if agreement.takesOverContext == false, takeoverChecks > 0 {
      // Whether the sender keeps to the agreement shows in its first messages; after them its window is kept all the same, since that
      // does no harm. What refers back in spite of the agreement is inflated too.
      takeoverChecks -= 1
      if !Self.standsAlone(bytes, limit: limit, &total), inflater.hasContext {
        takeoverChecks = 0
        tookOver = true
      }
    }
    let result = inflater.inflate(bytes, maxLength: limit, into: &inflated)
    total += inflated.count - start + inflater.discardedBytes - discarded
    switch result {
    case .inflated, .inflatedWithoutContext: return (.inflated(tookOverContext: tookOver), total)
    case .failed(let error) where error.code == .tooLarge: return (.tooLarge, total)
    case .failed(let error):
      let isLost = contextIsLost || (error.isBeyondWindow && !agreement.isAnswered)
      return (isLost ? .contextLost : .failed(error.reason), total)
    }
  }

  /// Whether a compressed message can be inflated without the ones before it.
  ///
  /// - Parameter total: What is inflated for it is added.
  private static func standsAlone(_ bytes: RawSpan, limit: Int, _ total: inout Int) -> Bool {
    guard let fresh = try? LenientInflater() else { return true }
    fresh.discardLimit = 0
    var inflated: [UInt8] = []
    defer { total += inflated.count }
    if case .failed(let error) = fresh.inflate(bytes, maxLength: limit, into: &inflated) {
      return !error.isBeyondWindow
    }
    return true
  }
}
