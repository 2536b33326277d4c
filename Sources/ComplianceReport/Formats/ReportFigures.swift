import Conformance
import Specification

/// Numbers as reports write them.
enum ReportFigures {
  /// Where a reader finds what a pass does not say.
  static let limits = "What no run can show: docs/limits.md of wireproof"

  /// A number with separators of thousands.
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return number < 0 ? "-" + text : text
  }

  /// So many of a thing: `1 case`, `2 cases`.
  static func counted(_ number: Int, _ thing: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? thing : plural ?? thing + "s")"
  }

  /// Seconds with three significant digits, in a unit that suits them.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "0 s" }
    if seconds < 0.001 { return "\(decimal(seconds * 1_000_000)) µs" }
    if seconds < 1 { return "\(decimal(seconds * 1_000)) ms" }
    return "\(decimal(seconds)) s"
  }

  /// A number with at most `digits` decimals, fewer when it is large.
  static func decimal(_ value: Double, digits: Int? = nil) -> String {
    let digits = digits ?? (value >= 100 ? 0 : value >= 10 ? 1 : 2)
    let scale = [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000][min(max(digits, 0), 6)]
    guard let number = Int64(exactly: (value * scale).rounded()) else { return String(value) }
    guard digits > 0 else { return String(number) }
    let unit = Int64(scale)
    let fraction = String(number.magnitude % UInt64(unit))
    let sign = number < 0 ? "-" : ""
    return
      "\(sign)\(number.magnitude / UInt64(unit)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }

  /// What some cases of one implementation come to, in one sentence part.
  ///
  /// - Parameters:
  ///   - counts: Their verdicts.
  ///   - expected: How many of the failures were expected.
  static func conclusion(_ counts: VerdictCounts, expected: VerdictCounts = VerdictCounts()) -> String {
    let judged = counts.total - counts[.notApplicable] - counts[.couldNotRun]
    let failed = counts[.fail] + counts[.errored]
    let known = expected[.fail] + expected[.errored]
    var parts: [String] = []
    if counts.total == 0 { return "no cases" }
    let (failing, ended) = (counts[.fail] - expected[.fail], counts[.errored] - expected[.errored])
    if failing > 0 { parts.append("\(grouped(failing)) of \(grouped(judged)) cases fail") }
    if ended > 0 { parts.append("\(grouped(ended)) errored") }
    if known > 0 {
      parts.append(
        failed == known
          ? "none of \(grouped(judged)) cases fails but the \(grouped(known)) that \(known == 1 ? "was" : "were") expected to"
          : "\(grouped(known)) more fail as expected")
    }
    if failed == 0 {
      parts.append(
        judged == 0
          ? "nothing was judged"
          : counts[.nonStrict] > 0
            ? "none of \(grouped(judged)) cases fails" : "all \(counted(judged, "case")) that apply pass")
    }
    if counts[.nonStrict] > 0 { parts.append("\(grouped(counts[.nonStrict])) non-strict") }
    if counts[.couldNotRun] > 0 { parts.append("\(grouped(counts[.couldNotRun])) could not be run") }
    return parts.joined(separator: ", ")
  }
}
