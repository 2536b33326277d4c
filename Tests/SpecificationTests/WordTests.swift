import Testing

@testable import Specification

@Suite("Words that are compared and put in columns")
struct WordTests {
  @Test(
    "The distance of two words counts letters put in, taken out, replaced and exchanged",
    arguments: [
      ("probe", "probe", 0), ("", "abc", 3), ("abc", "", 3), ("prob", "probe", 1), ("probee", "probe", 1),
      ("prqbe", "probe", 1), ("porbe", "probe", 1), ("PROBE", "probe", 0), ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
  func distance(left: String, right: String, distance: Int) {
    #expect(EditDistance.between(left, right) == distance)
    #expect(EditDistance.between(right, left) == distance)
  }

  @Test("A word of any length is compared at once")
  func long() {
    #expect(EditDistance.between(String(repeating: "a", count: 1_000_000), "probe") == 128)
  }

  @Test("A column is filled up on the other side, and cuts nothing")
  func columns() {
    #expect(ColumnText.left("ab", 4) == "ab  " && ColumnText.right("ab", 4) == "  ab")
    #expect(ColumnText.right("7", 3, filler: "0") == "007")
    #expect(ColumnText.left("abcde", 4) == "abcde" && ColumnText.right("abcde", 4) == "abcde")
  }
}
