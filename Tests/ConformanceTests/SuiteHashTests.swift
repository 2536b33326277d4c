import GoldenVectors
import StrictJSON
import Testing

@testable import Conformance

@Suite("The hash of a suite") struct SuiteHashTests {
  @Test("Files that are not parsed give the same hash and version as those that are")
  func identity() throws {
    let directory = Samples.repository
    let suite = try VectorSuite.load(directory)
    let identity = try VectorSuite.identity(of: directory)
    #expect(identity.hash == suite.hash)
    #expect(identity.version == suite.version)
    #expect(identity.hash.count == 64)
  }
}
