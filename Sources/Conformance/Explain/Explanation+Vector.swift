import GoldenVectors
import Specification
import StrictJSON

/// What is said about a vector.
extension Explanation {
  func text(of vector: VectorSuite.Case) -> String {
    let test = vector.test
    var lines = [
      test.id, "\(vector.operation.rawValue) · \(test.result.rawValue) · vectors/\(vector.area).json", "",
      LineFolding.fold(InertText.whole(test.comment)),
    ]
    if let capture = test.capture { lines.append("The bytes are those of captures/\(capture).") }
    let notes = suite.files.first { $0.area == vector.area }?.notes ?? [:]
    lines += test.flags.map { LineFolding.fold("Flag \($0): \(notes[$0] ?? "")", hanging: 2) }
    lines += ["", "Input", indented(test.input.canonicalText), "Expected"]
    lines.append(indented(JSONValue.object(test.expectation.json).canonicalText))
    for alternative in test.alternatives {
      lines.append("Permitted, \(alternative.verdict.rawValue)")
      lines.append(indented(JSONValue.object(alternative.expectation.json).canonicalText))
    }
    lines += requirementLines(test.requirements).map { LineFolding.fold($0, hanging: 2) }
    return lines.joined(separator: "\n")
  }
}
