import FrameCodec
import Negotiation
import Specification
import Testing

@testable import WireInspector

/// Hostile captures against their manifest, as `captures/nasty/check.py` does it.
@Suite struct NastyCaptureTests {
  /// Captures that cannot come out yet, and why.
  static let unmet = ["tls13_keylog": "decryption with a key log is not there"]

  /// Captures over IPv6 whose manifest names the IPv4 addresses that theirs were made from.
  static let renumbered: Set = ["ipv6_frag", "raw_ipv6", "sll2_ipv6"]

  @Test(arguments: try NastyCapture.all().map(\.variant))
  func `a hostile capture holds what its manifest says`(_ variant: String) throws {
    let capture = try #require(try NastyCapture.all().first { $0.variant == variant })
    let sink = RecordingSink()
    let outcome = try inspect(captureFile("nasty/" + capture.file), sink)
    let faults = NastyComparison(capture, sink, outcome, isRenumbered: Self.renumbered.contains(variant)).faults()
    if let reason = Self.unmet[variant] {
      #expect(!faults.isEmpty, "\(variant) was expected to be unmet: \(reason)")
    } else {
      #expect(faults == [])
    }
  }

  @Test func `the manifest lists every expectation that is unmet or renumbered`() throws {
    let variants = Set(try NastyCapture.all().map(\.variant))
    #expect(variants.isSuperset(of: Self.unmet.keys))
    #expect(variants.isSuperset(of: Self.renumbered))
    #expect(variants.count == 56)
  }

  @Test func `digests are those of the standard`() {
    #expect(sha256(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
