import Conformance
import Glibc
import Specification

/// How long the cases of each run took, as histograms over one logarithmic scale.
enum TimingView {
  /// Columns for each tenfold of time.
  private static let perDecade = 8
  /// The plot in units of its own; it grows with the page.
  private static let width = 640
  private static let height = 56

  static func markup(_ report: Report, _ renderer: PageRenderer) -> String {
    let runs = report.runs.map { run in
      (
        run,
        run.cases.filter { $0.verdict != .notApplicable && $0.verdict != .couldNotRun }.map(\.seconds)
          .filter { $0.isFinite && $0 > 0 }.sorted()
      )
    }.filter { !$0.1.isEmpty }
    guard let least = runs.compactMap(\.1.first).min(), let most = runs.compactMap(\.1.last).max() else { return "" }
    // Whole decades, at least two of them.
    let low = max(-9, Int(floor(log10(least))))
    let high = min(9, max(low + 2, Int(ceil(log10(most)))))
    let plots = runs.map { run, seconds -> View in
      let median = seconds[seconds.count / 2]
      let late = seconds[min(seconds.count - 1, seconds.count * 95 / 100)]
      let name =
        "\(run.header.title), \(run.kind.title): \(seconds.count) cases, median \(ReportFigures.duration(median)), "
        + "95 of 100 below \(ReportFigures.duration(late))"
      return [
        "title": InertText.visible(run.header.title, limit: 120), "what": run.kind.title,
        "median": ReportFigures.duration(median), "high": ReportFigures.duration(late),
        "longest": ReportFigures.duration(seconds[seconds.count - 1]),
        "picture": picture(seconds, low: low, high: high, median: median, name: name),
      ]
    }
    return renderer.render("timing", ["plots": plots])
  }

  private static func picture(_ seconds: [Double], low: Int, high: Int, median: Double, name: String) -> String {
    let columns = (high - low) * perDecade
    func place(_ value: Double) -> Double { (log10(value) - Double(low)) / Double(high - low) }
    var counts = Array(repeating: 0, count: columns)
    for value in seconds { counts[min(columns - 1, max(0, Int(place(value) * Double(columns))))] += 1 }
    let most = max(1, counts.max() ?? 1)
    let step = Double(width) / Double(columns)
    let label = XMLEscaping.escaped(InertText.visible(name, limit: 300))
    var text =
      "<svg class=\"plot\" role=\"img\" aria-label=\"\(label)\" viewBox=\"0 0 \(width) \(height + 18)\"><title>\(label)</title>"
    for decade in low...high {
      let x = number(Double(decade - low) * Double(width) / Double(high - low))
      let anchor = decade == low ? "start" : decade == high ? "end" : "middle"
      text += "<line class=\"tick\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(height)\"/>"
      text += "<text x=\"\(x)\" y=\"\(height + 13)\" text-anchor=\"\(anchor)\">\(unit(decade))</text>"
    }
    for (index, count) in counts.enumerated() where count > 0 {
      // The square root lets a single case be seen beside hundreds.
      let tall = max(2, (Double(count) / Double(most)).squareRoot() * Double(height - 4))
      text +=
        "<rect x=\"\(number(Double(index) * step + 0.5))\" y=\"\(number(Double(height) - tall))\" "
        + "width=\"\(number(step - 1))\" height=\"\(number(tall))\"><title>\(count)</title></rect>"
    }
    let x = number(place(median) * Double(width))
    text += "<line class=\"median\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(height)\"/>"
    return text + "</svg>"
  }

  private static func number(_ value: Double) -> String { ReportFigures.decimal(value, digits: 1) }

  /// A power of ten seconds.
  private static func unit(_ decade: Int) -> String {
    let (shift, unit) = decade < -6 ? (9, "ns") : decade < -3 ? (6, "µs") : decade < 0 ? (3, "ms") : (0, "s")
    return "1" + String(repeating: "0", count: decade + shift) + " \(unit)"
  }
}
