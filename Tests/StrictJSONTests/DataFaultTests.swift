import Specification
import StrictJSON
import Testing

@Suite("Faults of data")
struct DataFaultTests {
  @Test("What a file calls its members reaches no terminal as it is")
  func inert() {
    let fault = DataFault(
      file: "a\u{1b}b", place: "\u{9b}31m\u{202e}\u{7f}", reason: "r\u{2066}", remedy: "remove \"\u{200b}\"")
    for text in [fault.description, DataFaults([fault, fault]).description] {
      #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.isUnseen })
      #expect(text.contains("31m"))
    }
    #expect(DataFaults([fault, fault]).description.split(separator: "\n").count == 2)
  }
}
