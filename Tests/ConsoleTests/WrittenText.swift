import NIOConcurrencyHelpers

/// What was written, as text.
final class WrittenText: Sendable {
  private let bytes = NIOLockedValueBox<[UInt8]>([])

  func add(_ more: [UInt8]) { bytes.withLockedValue { $0 += more } }

  var text: String { String(decoding: bytes.withLockedValue { $0 }, as: UTF8.self) }
}
