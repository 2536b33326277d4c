import Specification

/// The transcript of a case for people: what was said, when, and the bytes as far as they can be read with profit.
package enum TranscriptListing {
  /// How many bytes of one entry are shown, and how many of all entries before each shows only the fewest.
  private static let shown = 1_024
  private static let budget = 1 << 16
  private static let fewest = 64

  /// How many entries are told; of more, those in the middle are left out.
  private static let told = 20_000

  /// The text.
  ///
  /// - Parameter result: The case; the place where it left what was expected is marked.
  package static func text(of result: ProbeResult) -> String {
    let script = result.script
    let outcome = result.outcome
    var lines = [
      "\(script.id): \(legible(script.title))", "verdict: \(outcome.verdict)",
      "times in seconds since the case began; > what we sent, < what the peer sent", "",
    ]
    let entries = outcome.transcript.entries
    let divergence = outcome.divergence
    var isMarked = false
    func mark() {
      guard let divergence else { return }
      isMarked = true
      lines += [
        "*** \(time(divergence.nanoseconds)) not met: \(script.file):\(divergence.place): "
          + legible(divergence.step),
        "***            expected \(legible(outcome.expected))",
        "***            actual   \(legible(outcome.actual))",
      ]
    }
    var room = budget
    let omitted = entries.count > told ? (told / 2)..<(entries.count - told / 2) : 0..<0
    for (index, entry) in entries.enumerated() {
      if let divergence, index == divergence.entry { mark() }
      if index == omitted.lowerBound, !omitted.isEmpty { lines.append("(\(omitted.count) entries are left out here)") }
      if omitted.contains(index) { continue }
      lines += text(of: entry, &room)
    }
    if !isMarked { mark() }
    if outcome.transcript.droppedBytes > 0 {
      lines.append("(\(outcome.transcript.droppedBytes) further bytes were not kept)")
    }
    for observation in outcome.observations {
      lines.append(
        "observed at \(time(observation.nanoseconds)): "
          + (observation.requirement.map { "\($0): " } ?? "") + legible(observation.reason))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func text(of entry: TranscriptEntry, _ room: inout Int) -> [String] {
    let head = "\(time(entry.nanoseconds)) \(entry.connection == 0 ? "  " : "#\(entry.connection)")"
    switch entry.event {
    case .opened(let local, let remote, let isServer):
      return ["\(head) \(isServer ? "accepted" : "opened"): \(local) (we), \(remote) (the peer)"]
    case .named(let name): return ["\(head) is called \(legible(name))"]
    case .sent(let bytes): return ["\(head) > \(bytes.count) bytes"] + dump(bytes, &room)
    case .received(let bytes): return ["\(head) < \(bytes.count) bytes"] + dump(bytes, &room)
    case .endSent(let both): return ["\(head) > FIN\(both ? ", and reads no more" : "")"]
    case .resetSent: return ["\(head) > RST"]
    case .endReceived: return ["\(head) < FIN"]
    case .resetReceived(let reason): return ["\(head) < RST or failure: \(legible(reason))"]
    case .decoded(let text): return ["\(head) = \(legible(text))"]
    case .step(let place, let text): return ["\(head) step \(place): \(legible(text))"]
    case .note(let text): return ["\(head) note: \(legible(text))"]
    }
  }

  /// A text of any origin, the beginning of it.
  private static func legible(_ text: String) -> String { InertText.visible(text) }

  /// Sixteen bytes a line, in hexadecimal and as ASCII.
  private static func dump(_ bytes: [UInt8], _ room: inout Int) -> [String] {
    let shown = room > 0 ? Self.shown : Self.fewest
    room -= min(bytes.count, shown)
    var lines: [String] = []
    for start in stride(from: 0, to: min(bytes.count, shown), by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      let digits = row.map { ColumnText.right(String($0, radix: 16), 2, filler: "0") }.joined(separator: " ")
      let text = row.map { (0x20...0x7E).contains($0) ? String(Unicode.Scalar($0)) : "." }.joined()
      let space = String(repeating: " ", count: 49 - digits.utf8.count)
      lines.append(
        "               \(ColumnText.right(String(start, radix: 16), 6, filler: "0"))  \(digits)\(space)|\(text)|")
    }
    if bytes.count > shown { lines.append("               … and \(bytes.count - shown) more bytes") }
    return lines
  }

  private static func time(_ nanoseconds: Int64) -> String {
    let microseconds = max(0, nanoseconds) / 1000
    return ColumnText.right(
      "\(microseconds / 1_000_000).\(ColumnText.right(String(microseconds % 1_000_000), 6, filler: "0"))", 11)
  }
}
