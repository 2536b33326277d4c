import SystemCrypto
import Testing

@testable import TLSRecords

func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Keys from secrets.
@Suite struct KeyScheduleTests {
  @Test("Keys of TLS 1.3 follow from traffic secrets (RFC 8448, section 3)") func keys13() {
    let secret = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    #expect(
      KeySchedule.expandLabel(secret, "key", length: 16, hash: .sha256) == hex("3fce516009c21727d0f2e4e86ee403bc"))
    #expect(KeySchedule.expandLabel(secret, "iv", length: 12, hash: .sha256) == hex("5d313eb2671276ee13000b30"))
  }

  @Test("The pseudorandom function of TLS 1.2 with SHA-256") func pseudorandom() {
    let output = KeySchedule.pseudorandom(
      hex("9bbe436ba940f017b17652849a71db35"), "test label", seed: hex("a0ba9f936cda311827a6f796ffd5198c"), length: 100,
      hash: .sha256)
    #expect(
      output
        == hex(
          """
          e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17
          abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66
          """))
  }
}
