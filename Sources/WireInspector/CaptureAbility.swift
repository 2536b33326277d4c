import CaptureFile
import PacketCapture

/// What of the inspector's abilities depends on the system.
package enum CaptureAbility {
  /// The interface that every machine has.
  #if os(Linux)
    private static let loopback = "lo"
  #else
    private static let loopback = "lo0"
  #endif

  /// Why packets cannot be captured as they come, and whether the process lacks the right; nil: they can.
  package static func lackOfLiveCapture() -> (reason: String, isPermission: Bool)? {
    do throws(LiveCapture.Fault) {
      _ = try LiveCapture(interface: loopback, filter: nil)
      return nil
    } catch {
      return (error.reason, error.remedy == .right)
    }
  }

  /// The compressed formats whose system library is missing, each with the library's name.
  package static func missingDecompressors() -> [(format: String, library: String)] {
    [(CompressionFormat.zstd, "zstd", "libzstd.so.1"), (CompressionFormat.lz4, "lz4", "liblz4.so.1")]
      .filter { SystemDecompressor($0.0) == nil }.map { ($0.1, $0.2) }
  }
}
