import WebSocketCodec

/// Looks whether the masking keys of a client are new and cannot be told beforehand: each is a random number of 32 bits, so
/// that neither two in a row are the same nor many have the same distance.
struct MaskingKeyWatch: Sendable {
  /// How many distances in a row have to be the same.
  private static let maximumSteps = 3

  private var last: UInt32?
  private var distance: UInt32?
  private var steps = 0
  private var isTold = false

  /// Nothing was seen.
  init() {}

  /// What is wrong with the keys of an event's frames; nil: nothing, or it was told.
  mutating func fault(in event: WebSocketEvent, _ fragments: [WebSocketFragment]) -> String? {
    guard !isTold else { return nil }
    let keys: [UInt32]
    switch event {
    case .message: keys = fragments.compactMap(\.header.maskingKey)
    case .control(let control): keys = control.header.maskingKey.map { [$0] } ?? []
    case .violation, .lostMessage: keys = []
    }
    for key in keys {
      defer { last = key }
      guard let last else { continue }
      let distance = key &- last
      steps = distance == self.distance ? steps + 1 : 0
      self.distance = distance
      guard distance == 0 || steps >= Self.maximumSteps else { continue }
      isTold = true
      return distance == 0
        ? "two frames in a row have the same masking key" : "the masking keys of \(steps + 2) frames count on"
    }
    return nil
  }
}
