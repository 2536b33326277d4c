import Deflate
import PacketCapture
import Specification

/// Inflates the compressed messages of both directions, leniently, and tells what stands against the agreement.
struct MessageInflation {
  /// What came of a message.
  enum Outcome {
    /// Its bytes, and whether it refers back to an earlier one against the agreement.
    case inflated([UInt8], tookOverContext: Bool)
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

  private var inflaters: [LenientInflater?] = [nil, nil]
  private var contextIsLost = [false, false]
  /// How many more messages are looked at for references to earlier ones that were agreed not to be.
  private var takeoverChecks = [16, 16]

  /// Messages that may have been lost unseen: whatever refers back may refer to them.
  mutating func loseContext(_ direction: Direction) { contextIsLost[direction] = true }

  /// Bytes of a direction are lost, perhaps of compressed messages.
  ///
  /// - Returns: Whether that is the first loss of what later messages are agreed to refer back to.
  mutating func loseBytes(_ direction: Direction, _ agreement: Agreement) -> Bool {
    inflaters[direction]?.dropContext()
    guard agreement.takesOverContext != false else { return false }
    let isNews = agreement.takesOverContext == true && !contextIsLost[direction]
    contextIsLost[direction] = true
    return isNews
  }

  /// Inflates the next message of a direction.
  ///
  /// - Parameters:
  ///   - limit: Bytes that it may inflate to.
  ///   - output: Counts what is inflated, and says how much more may be.
  mutating func inflate(
    _ bytes: RawSpan, of direction: Direction, _ agreement: Agreement, limit: Int, _ output: InspectionOutput
  ) -> Outcome {
    if inflaters[direction] == nil { inflaters[direction] = try? LenientInflater() }
    guard let inflater = inflaters[direction], !output.isInflationExceeded else { return .refused }
    var inflated: [UInt8] = []
    let discarded = inflater.discardedBytes
    // One piece more than what is left, so that the limit shows to be exceeded.
    inflater.discardLimit = min(1 << 30, output.inflationLeft) + 65_536
    defer { output.inflatedBytes += inflated.count + inflater.discardedBytes - discarded }
    var tookOver = false
    if agreement.takesOverContext == false, takeoverChecks[direction] > 0 {
      // Whether the sender keeps to the agreement shows in its first messages; after them its window is kept all the same, since that
      // does no harm. What refers back in spite of the agreement is inflated too.
      takeoverChecks[direction] -= 1
      if !Self.standsAlone(bytes, limit: limit, output), inflater.hasContext {
        takeoverChecks[direction] = 0
        tookOver = true
      }
    }
    switch inflater.inflate(bytes, maxLength: limit, into: &inflated) {
    case .inflated, .inflatedWithoutContext: return .inflated(inflated, tookOverContext: tookOver)
    case .failed(let error) where error.code == .tooLarge: return .tooLarge
    case .failed(let error):
      return contextIsLost[direction] || (error.isBeyondWindow && !agreement.isAnswered)
        ? .contextLost : .failed(error.reason)
    }
  }

  /// Whether a compressed message can be inflated without the ones before it.
  private static func standsAlone(_ bytes: RawSpan, limit: Int, _ output: InspectionOutput) -> Bool {
    guard let fresh = try? LenientInflater() else { return true }
    fresh.discardLimit = 0
    var inflated: [UInt8] = []
    defer { output.inflatedBytes += inflated.count }
    if case .failed(let error) = fresh.inflate(bytes, maxLength: limit, into: &inflated) {
      return !error.isBeyondWindow
    }
    return true
  }
}
