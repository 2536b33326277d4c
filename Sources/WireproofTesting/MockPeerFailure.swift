/// What a test of a client found: thrown by ``MockPeer``, and written so that a report of tests needs no more than it.
public struct MockPeerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// How many events a description shows, the last.
  private static let shown = 40

  /// What was expected, and what was there instead, one entry each.
  public let findings: [String]

  /// What the client did until then.
  public let transcript: [MockEvent]

  /// The file and the line of the test that was not met.
  public let location: String

  /// Expected, actual, where, and the transcript.
  public var description: String {
    var lines = findings + ["at \(location)"]
    lines.append(transcript.isEmpty ? "the client did nothing" : "what the client did:")
    if transcript.count > Self.shown { lines.append("  (\(transcript.count - Self.shown) events before)") }
    lines += transcript.suffix(Self.shown).map { "  \($0)" }
    return lines.joined(separator: "\n")
  }
}
