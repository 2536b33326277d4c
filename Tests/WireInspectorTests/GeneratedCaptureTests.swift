import Testing

@testable import WireInspector

/// Captures made by `captures/generated/generate.py` against their manifest: troubles of every kind, alone and together.
@Suite struct GeneratedCaptureTests {
  @Test func `a generated capture holds what its manifest says`() throws {
    let captures = try NastyCapture.all(in: "generated")
    #expect(captures.count >= 150)
    for capture in captures {
      let sink = RecordingSink()
      let outcome = try inspect(captureFile("generated/" + capture.file), sink)
      let faults = NastyComparison(capture, sink, outcome, isRenumbered: false).faults()
      #expect(faults == [], "\(capture.variant)")
    }
  }
}
