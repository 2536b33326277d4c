import Negotiation
import Specification

/// What a reader of a page looks for first: the findings by their ids, and calls that were slow or had no answer. Bounded, whatever
/// the capture holds.
struct HTMLDigest {
  /// A kind of finding.
  private struct Kind {
    let id: String
    let isViolation: Bool
    let message: String
    /// The row of the first.
    let row: Int
    var count = 1
  }

  /// A call worth a look.
  private struct Call {
    let row: Int
    let latency: Int64
    let text: String
  }

  /// Calls that are listed at most, of each kind.
  private static let callLimit = 20

  private var kinds: [String: Kind] = [:]
  private var slowest: [Call] = []
  private var unanswered: [Call] = []
  private var unansweredCount = 0

  mutating func count(_ record: FindingRecord, row: Int) {
    if kinds[record.id] == nil {
      kinds[record.id] = Kind(
        id: record.id, isViolation: record.level == "MUST", message: record.message, row: row)
    } else {
      kinds[record.id]?.count += 1
    }
  }

  mutating func count(_ record: CallRecord, _ text: @autoclosure () -> String, row: Int) {
    guard record.outcome == .answered else {
      unansweredCount += 1
      if unanswered.count < Self.callLimit { unanswered.append(Call(row: row, latency: 0, text: text())) }
      return
    }
    guard let latency = record.latency else { return }
    guard slowest.count < Self.callLimit || latency > slowest[slowest.count - 1].latency else { return }
    let place = slowest.firstIndex { $0.latency < latency } ?? slowest.count
    slowest.insert(Call(row: row, latency: latency, text: text()), at: place)
    if slowest.count > Self.callLimit { slowest.removeLast() }
  }

  /// The section, in which texts are still to be made inert by `inert`.
  func markup(_ inert: (String) -> String) -> String {
    var text = "<section id=\"found\"><h2>Findings</h2>"
    let sorted = kinds.values.sorted {
      ($0.isViolation ? 0 : 1, -$0.count, $0.id) < ($1.isViolation ? 0 : 1, -$1.count, $1.id)
    }
    if sorted.isEmpty { text += "<p>none</p>" } else { text += "<table><tbody>" }
    for kind in sorted {
      text +=
        "<tr class=\"finding\(kind.isViolation ? " violation" : "")\"><td><a href=\"#r\(kind.row)\">\(inert(kind.id))</a></td>"
        + "<td>\(kind.count == 1 ? "once" : "\(kind.count) times")</td><td></td><td>\(inert(kind.message))</td></tr>"
    }
    if !sorted.isEmpty { text += "</tbody></table>" }
    if unansweredCount > 0 { text += Self.table("Calls without an answer: \(unansweredCount)", unanswered, inert) }
    if !slowest.isEmpty { text += Self.table("Slowest calls", slowest, inert) }
    return text + "</section>"
  }

  private static func table(_ title: String, _ calls: [Call], _ inert: (String) -> String) -> String {
    "<h2>\(title)</h2><table><tbody>"
      + calls.map { call in
        "<tr><td><a href=\"#r\(call.row)\">\(call.latency == 0 ? "no answer" : DurationText.of(nanoseconds: call.latency))</a></td>"
          + "<td></td><td></td><td>\(inert(call.text))</td></tr>"
      }.joined() + "</tbody></table>"
  }
}
