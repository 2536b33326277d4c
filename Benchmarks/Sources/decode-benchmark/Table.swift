/// Prints the cells of a row, the first three from the left and the numbers from the right; 72 columns.
func row(_ cells: [String]) {
  let widths = [18, 10, 7, 13, 12, 12]
  var line = ""
  for (index, (cell, width)) in zip(cells, widths).enumerated() {
    let padding = String(repeating: " ", count: max(0, width - cell.count))
    line += index < 3 ? cell + padding : padding + cell
  }
  print(line)
}

/// A number of at least 0 with `digits` decimal places.
func rounded(_ value: Double, _ digits: Int) -> String {
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let whole = Int((value * Double(scale)).rounded())
  let fraction = String(whole % scale)
  return "\(whole / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
