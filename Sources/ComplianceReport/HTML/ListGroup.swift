import Conformance
import Specification

/// The rows of one area in a list of cases or requirements: what asks to be looked at stands open, the rest is folded, so that
/// a page of a thousand rows is a few screens high.
struct ListGroup {
  /// How many rows of one area stand open at most.
  private static let open = 20

  /// A list of no more rows than this is not folded at all.
  private static let small = 80

  private var rows: [(markup: String, isOpen: Bool)] = []

  /// Adds a row.
  mutating func add(_ markup: String, isOpen: Bool) { rows.append((markup, isOpen)) }

  /// The values for the template.
  ///
  /// - Parameters:
  ///   - area: The heading.
  ///   - count: What stands beside it.
  ///   - total: How many rows the whole list has.
  ///   - thing: What a row is, and several.
  func view(area: String, count: String, total: Int, thing: (one: String, many: String)) -> View {
    var (open, rest) = ("", "")
    var (opened, folded) = (0, 0)
    for row in rows {
      if total <= Self.small || row.isOpen && opened < Self.open {
        open += row.markup
        opened += 1
      } else {
        rest += row.markup
        folded += 1
      }
    }
    var view: View = [
      "area": InertText.visible(area, limit: 60), "count": count, "rows": open, "hasOpen": opened > 0,
    ]
    if folded > 0 {
      var fold: View = ["folded": rest]
      if opened > 0 { fold["label"] = "\(ReportFigures.counted(folded, thing.one, thing.many)) more" }
      view["rest"] = fold
    }
    return view
  }
}
