import Negotiation
import Specification

/// What a reader of a page without scripts sees: the findings by their ids, calls that were slow or had no answer, and the counts.
/// Bounded, whatever the capture holds.
struct HTMLDigest {
  /// A kind of finding.
  private struct Kind {
    let id: String
    let isViolation: Bool
    let message: String
    /// Where the first is.
    let place: String
    var count = 1
  }

  /// A call worth a look.
  private struct Call {
    let latency: Int64
    let place: String
    let text: String
  }

  /// Calls that are listed at most, of each kind.
  private static let callLimit = 20

  private let clock: ShownClock
  private var kinds: [String: Kind] = [:]
  private var slowest: [Call] = []
  private var unanswered: [Call] = []
  private var unansweredCount = 0

  init(clock: ShownClock) { self.clock = clock }

  mutating func count(_ record: FindingRecord, at place: RecordPlace) {
    if kinds[record.id] == nil {
      kinds[record.id] = Kind(
        id: record.id, isViolation: record.level == "MUST", message: record.message, place: text(place))
    } else {
      kinds[record.id]?.count += 1
    }
  }

  mutating func count(_ record: CallRecord, at place: RecordPlace) {
    let caller = record.role == .client ? "client" : "server"
    guard record.outcome == .answered else {
      unansweredCount += 1
      guard unanswered.count < Self.callLimit else { return }
      let reason = record.outcome == .unanswered ? "no answer in the capture" : "the connection ended first"
      let text =
        "\(caller), sn \(record.sn), id \(record.requestId): \(reason); began \(clock.timeOfDay(record.began)) "
        + RecordText.excerpt(record.payload.span.bytes, record.charset, columns: 80)
      unanswered.append(Call(latency: 0, place: self.text(place), text: text))
      return
    }
    guard let latency = record.latency else { return }
    guard slowest.count < Self.callLimit || latency > slowest[slowest.count - 1].latency else { return }
    let spot = slowest.firstIndex { $0.latency < latency } ?? slowest.count
    let text =
      "\(caller), sn \(record.sn), id \(record.requestId) -> \(record.responseId ?? 0): \(DurationText.of(nanoseconds: latency))"
    slowest.insert(Call(latency: latency, place: self.text(place), text: text), at: spot)
    if slowest.count > Self.callLimit { slowest.removeLast() }
  }

  /// The part of the page that is shown where no script runs.
  ///
  /// - Parameter leftOut: Records that the page has no place for.
  func markup(_ summary: SummaryRecord, leftOut: Int) -> String {
    var text = "<noscript><main class=\"digest\"><h1>Inspected capture</h1><p>\(summary.text)</p>"
    if leftOut > 0 { text += "<p>\(CountText.of(leftOut, "record")) had no place on this page.</p>" }
    text += "<p>The connections are shown by a script, which does not run here.</p><h2>Findings</h2>"
    let sorted = kinds.values.sorted {
      ($0.isViolation ? 0 : 1, -$0.count, $0.id) < ($1.isViolation ? 0 : 1, -$1.count, $1.id)
    }
    text +=
      sorted.isEmpty
      ? "<p>none</p>"
      : Self.table(["finding", "times", "first at", "which says"], sorted) { kind in
        (
          kind.isViolation ? "violation" : "",
          [kind.id, String(kind.count), kind.place, TerminalText.escaped(kind.message)]
        )
      }
    if unansweredCount > 0 {
      text += "<h2>Calls without an answer: \(unansweredCount)</h2>"
      text += Self.table(["at", "call"], unanswered) { ("", [$0.place, $0.text]) }
    }
    if !slowest.isEmpty {
      text += "<h2>Slowest calls</h2>" + Self.table(["at", "call"], slowest) { ("", [$0.place, $0.text]) }
    }
    return text + "</main></noscript>\n"
  }

  private func text(_ place: RecordPlace) -> String {
    var text = clock.timeOfDay(place.time)
    if let connection = place.connection { text += " #\(connection)" }
    if let packets = place.packets {
      text +=
        packets.count == 1
        ? ", packet \(packets.lowerBound)" : ", packets \(packets.lowerBound) to \(packets.upperBound)"
    }
    return text
  }

  private static func table<Row>(_ heads: [String], _ rows: [Row], _ cells: (Row) -> (style: String, [String]))
    -> String
  {
    "<table><thead><tr>" + heads.map { "<th scope=\"col\">\($0)</th>" }.joined() + "</tr></thead><tbody>"
      + rows.map { row in
        let (style, texts) = cells(row)
        return "<tr class=\"\(style)\">" + texts.map { "<td>\(inert($0))</td>" }.joined() + "</tr>"
      }.joined() + "</tbody></table>"
  }

  /// A text without what HTML gives a meaning.
  private static func inert(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
