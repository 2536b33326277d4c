import Specification
import StrictJSON

/// What a driven client reports about an order, as far as it is to be told to people.
struct ReceivedReport {
  /// The report in one line, with its payload as text and not as digits.
  let summary: String

  /// Whether a call was given up: nothing came in time, or its connection ended.
  let isGivenUp: Bool

  /// Reads a report.
  ///
  /// - Parameters:
  ///   - item: What came.
  ///   - id: The driver's id for reports; nil: the client is not driven.
  /// - Returns: Nil if it is none.
  init?(_ item: InboxItem, id: Int64?) {
    guard let id, case .frame(let frame) = item.content, frame.id == id, frame.sn ?? 0 == 0,
      let report = try? JSONParser.parse(frame.payload), let order = report["seq"]?.intValue,
      let isDone = report["ok"]?.boolValue
    else { return nil }
    var words = ["the report of order \(order): that it was \(isDone ? "done" : "not done")"]
    if let error = report["error"]?.stringValue { words.append(InertText.visible(error, limit: 60)) }
    if let sn = report["sn"]?.intValue { words.append("sn \(sn)") }
    if let digits = report["payload"]?.stringValue {
      let payload = HexDigits.bytes(of: digits).map(InboxItem.quoted)
      words.append("payload \(payload ?? InertText.visible(digits, limit: 60))")
    } else if let length = report["length"]?.intValue {
      words.append("a payload of \(length) bytes")
    }
    isGivenUp = !isDone && ["timeout", "closed"].contains(report["error"]?.stringValue)
    summary = words.joined(separator: ", ")
  }
}
