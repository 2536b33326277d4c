/// The transcript of a case for people: what was said, when, with every byte.
package enum TranscriptText {
  /// How many bytes of one entry are shown; `transcript.json` has all of them.
  private static let shown = 4096

  /// The text.
  ///
  /// - Parameter result: The case; the place where it left what was expected is marked.
  package static func text(of result: ProbeResult) -> String {
    let script = result.script
    let outcome = result.outcome
    var lines = [
      "\(script.id): \(TerminalText.printable(script.title))", "verdict: \(outcome.verdict)",
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
          + TerminalText.printable(divergence.step),
        "***            expected \(TerminalText.printable(outcome.expected))",
        "***            actual   \(TerminalText.printable(outcome.actual))",
      ]
    }
    for (index, entry) in entries.enumerated() {
      if let divergence, index == divergence.entry { mark() }
      lines += text(of: entry)
    }
    if !isMarked { mark() }
    if outcome.transcript.droppedBytes > 0 {
      lines.append("(\(outcome.transcript.droppedBytes) further bytes were not kept)")
    }
    for observation in outcome.observations {
      lines.append(
        "observed at \(time(observation.nanoseconds)): "
          + (observation.requirement.map { "\($0): " } ?? "") + TerminalText.printable(observation.reason))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func text(of entry: TranscriptEntry) -> [String] {
    let head = "\(time(entry.nanoseconds)) \(entry.connection == 0 ? "  " : "#\(entry.connection)")"
    switch entry.event {
    case .opened(let local, let remote, let isServer):
      return ["\(head) \(isServer ? "accepted" : "opened"): \(local) (we), \(remote) (the peer)"]
    case .named(let name): return ["\(head) is called \(TerminalText.printable(name))"]
    case .sent(let bytes): return ["\(head) > \(bytes.count) bytes"] + dump(bytes)
    case .received(let bytes): return ["\(head) < \(bytes.count) bytes"] + dump(bytes)
    case .endSent(let both): return ["\(head) > FIN\(both ? ", and reads no more" : "")"]
    case .resetSent: return ["\(head) > RST"]
    case .endReceived: return ["\(head) < FIN"]
    case .resetReceived(let reason): return ["\(head) < RST or failure: \(TerminalText.printable(reason))"]
    case .decoded(let text): return ["\(head) = \(TerminalText.printable(text))"]
    case .step(let place, let text): return ["\(head) step \(place): \(TerminalText.printable(text))"]
    case .note(let text): return ["\(head) note: \(TerminalText.printable(text))"]
    }
  }

  /// Sixteen bytes a line, in hexadecimal and as ASCII.
  private static func dump(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for start in stride(from: 0, to: min(bytes.count, shown), by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      let digits = row.map { padded(String($0, radix: 16), 2, "0") }.joined(separator: " ")
      let text = row.map { (0x20...0x7E).contains($0) ? String(Unicode.Scalar($0)) : "." }.joined()
      let space = String(repeating: " ", count: 49 - digits.utf8.count)
      lines.append("               \(padded(String(start, radix: 16), 6, "0"))  \(digits)\(space)|\(text)|")
    }
    if bytes.count > shown { lines.append("               … and \(bytes.count - shown) more bytes") }
    return lines
  }

  private static func time(_ nanoseconds: Int64) -> String {
    let microseconds = max(0, nanoseconds) / 1000
    return padded("\(microseconds / 1_000_000).\(padded(String(microseconds % 1_000_000), 6, "0"))", 11, " ")
  }

  private static func padded(_ text: String, _ width: Int, _ filler: String) -> String {
    String(repeating: filler, count: max(0, width - text.utf8.count)) + text
  }
}
