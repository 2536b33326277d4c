import Specification

/// A report of a sanitizer in what a program wrote: memory, undefined behaviour or races that its own tests do not look for.
struct SanitizerReport: Hashable, Sendable {
  /// What reports begin with, or have in their first line.
  private static let marks = [
    "AddressSanitizer:", "LeakSanitizer:", "MemorySanitizer:", "ThreadSanitizer:", "UndefinedBehaviorSanitizer:",
    ": runtime error: ", "WARNING: DATA RACE",
  ]

  /// How much of a line is told.
  private static let told = 300

  /// The first line of the report, inert.
  let line: String

  /// The first report in some output; nil: there is none.
  init?(in output: [UInt8]) {
    let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let found = lines.first(where: { line in Self.marks.contains { line.contains($0) } }) else { return nil }
    line = InertText.abridged(InertText.whole(String(found)), to: Self.told)
  }
}
