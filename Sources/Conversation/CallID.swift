/// Names one call of a conversation, from `Conversation.call(protocolId:timeout:at:into:)` to the action that ends it.
///
/// An id is never used again in its conversation, also when its serial number is: `order` counts the calls. Ids compare in
/// the order in which the calls were made.
public struct CallID: Hashable, Sendable, Comparable {
  /// The number of calls that were made before this one.
  public let order: UInt64

  /// The serial number that the call took, or 0 if it was refused before it took one.
  public let sn: UInt32

  init(order: UInt64, sn: UInt32) {
    self.order = order
    self.sn = sn
  }

  /// Whether `left` was called before `right`.
  public static func < (left: CallID, right: CallID) -> Bool { left.order < right.order }
}
